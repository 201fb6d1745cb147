"""What the commands that measure a model on texts have in common: `stress` and `evasion`."""

import argparse
from pathlib import Path

import pandas as pd

from classifier.scam import ScamClassifier, shipped_model
from classifier.training.evaluate import read_texts


def parser(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Of `python -m classifier.training.NAME FILES [--benign FILES] [--model FOLDER] [--keep]`."""
    options = argparse.ArgumentParser(
        prog=f"python -m classifier.training.{name}", description=(doc or "").split("\n")[0]
    )
    options.add_argument("files", type=Path, nargs="+", help="JSONL with text and label")
    options.add_argument("--benign", type=Path, nargs="*", default=[], help="JSONL of honest texts (default: those of FILES)")
    options.add_argument(
        "--model", type=Path, default=shipped_model(), metavar="FOLDER", help="a model folder (default: the shipped model)"
    )
    options.add_argument("--keep", action="store_true", help="write what was measured into the model's metrics.json")
    return options


def read(options: argparse.Namespace) -> tuple[ScamClassifier, pd.DataFrame, pd.DataFrame]:
    """The model, the texts of FILES, and the honest texts. Raises ClassifierError."""
    frame = read_texts(options.files)
    honest = read_texts(options.benign, "benign") if options.benign else frame[frame.label == "benign"]
    return ScamClassifier.load(options.model), frame, honest
