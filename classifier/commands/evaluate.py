"""`scamtext evaluate`."""

import argparse
from pathlib import Path
from typing import Any

from classifier.commands.common import add_model, add_output, command, fail, write


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
    parser.add_argument("--json", type=Path, metavar="FILE", help="all metrics as JSON, there")
    parser.add_argument("--html", type=Path, metavar="FILE", help="a page with curves, there; it needs nothing else")
    parser.add_argument(
        "--learning", type=Path, metavar="DIR", help="with --html: a learning curve on this corpus, too (minutes)"
    )
    parser.add_argument("--show-texts", action="store_true", help="the texts of the errors, not their ids alone")
    add_output(parser)
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from classifier.scam import ScamClassifier
    from classifier.training.evaluate import as_json, evaluate_files
    from classifier.training.summary import as_table

    if options.learning and not options.html:
        return fail("--learning draws into a page: add --html FILE")
    classifier = ScamClassifier.load(options.model)
    measured = evaluate_files(classifier, options.files, options.benign, options.show_texts)
    if options.json:
        write(as_json(measured), options.json)
    if options.html:
        from classifier.training.page import evaluation_page

        write(evaluation_page(measured, _learning(options)), options.html)
    write((as_json if options.format == "json" else as_table)(measured), options.output)
    return 0


def _learning(options: argparse.Namespace) -> Any:
    if not options.learning:
        return None
    from classifier.training import dataset
    from classifier.training.curves import learning_curve
    from classifier.training.evaluate import read_texts

    ordinary = read_texts(options.benign, "benign").text.tolist() if options.benign else []
    return learning_curve(dataset.load(options.learning), read_texts(options.files), ordinary)
