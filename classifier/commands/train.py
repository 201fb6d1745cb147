"""`scamtext train`."""

import argparse
import sys
from pathlib import Path
from typing import Any

from classifier.commands.common import command


def add(commands: Any) -> None:
    example = "scamtext train --data datasets --output models/scam-ja"
    parser = command(commands, "train", run, "train a model from a corpus", example)
    parser.add_argument("--data", type=Path, default=Path("datasets"), metavar="DIR", help="default: datasets")
    parser.add_argument(
        "--output", type=Path, default=Path("models/scam-ja"), metavar="DIR", help="default: models/scam-ja"
    )
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="DIR",
        help="measure on these files afterwards and keep the numbers in metrics.json (default: DATA/evaluation)",
    )


def run(options: argparse.Namespace) -> int:
    from classifier.training.run import train_folder

    evaluation = options.evaluation or options.data / "evaluation"
    sys.stdout.write(train_folder(options.data, options.output, evaluation))
    return 0
