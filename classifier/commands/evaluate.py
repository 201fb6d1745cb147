"""`scamtext evaluate`."""

import argparse
from pathlib import Path
from typing import Any

from classifier.commands.common import add_model, add_output, command, write


def add(commands: Any) -> None:
    example = "scamtext evaluate datasets/evaluation/*.jsonl"
    parser = command(commands, "evaluate", run, "measure a model on labelled texts", example)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="JSONL with text and label (scam or benign)"
    )
    parser.add_argument(
        "--benign",
        nargs="*",
        type=Path,
        default=[],
        metavar="FILE",
        help="JSONL of honest texts without labels: false positives only",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    add_output(parser)
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from classifier.scam import ScamClassifier
    from classifier.training.evaluate import as_json, as_table, evaluate_files

    measured = evaluate_files(ScamClassifier.load(options.model), options.files, options.benign)
    write((as_json if options.format == "json" else as_table)(measured), options.output)
    return 0
