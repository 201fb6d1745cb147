"""What the commands that measure have in common: `stress` and `evasion` a model, `ablation` and `curves` a corpus."""

import argparse
from pathlib import Path

import pandas as pd

from classifier.scam import ScamClassifier, shipped_model
from classifier.training import dataset
from classifier.training.evaluate import read_texts


def parser(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Of `python -m classifier.training.NAME FILES [--benign FILES] [--model FOLDER] [--keep]`."""
    options = _parser(name, doc)
    options.add_argument("files", type=Path, nargs="+", help="JSONL with text and label")
    options.add_argument("--benign", type=Path, nargs="*", default=[], help="JSONL of honest texts (default: those of FILES)")
    options.add_argument(
        "--model", type=Path, default=shipped_model(), metavar="FOLDER", help="a model folder (default: the shipped model)"
    )
    return options


def read(options: argparse.Namespace) -> tuple[ScamClassifier, pd.DataFrame, pd.DataFrame]:
    """The model, the texts of FILES, and the honest texts. Raises ClassifierError."""
    frame = read_texts(options.files)
    honest = read_texts(options.benign, "benign") if options.benign else frame[frame.label == "benign"]
    return ScamClassifier.load(options.model), frame, honest


def corpus_parser(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Of `python -m classifier.training.NAME FOLDER [--ordinary FILES] [--keep]`."""
    options = _parser(name, doc)
    options.add_argument("folder", type=Path, help="the datasets folder")
    options.add_argument("--ordinary", type=Path, nargs="*", default=[], help="JSONL of others' ordinary texts")
    return options


def read_corpus(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """The records of FOLDER, its evaluation texts, and the ordinary texts. Raises ClassifierError."""
    frame = dataset.load(options.folder)
    evaluation = read_texts(sorted((options.folder / "evaluation").glob("*.jsonl")))
    return frame, evaluation, [record["text"] for path in options.ordinary for _, record in dataset.read_lines(path)]


def _parser(name: str, doc: str | None) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog=f"python -m classifier.training.{name}", description=(doc or "").split("\n")[0]
    )
    options.add_argument("--keep", action="store_true", help="write what was measured into the model's metrics.json")
    return options
