"""Retraining by the people who use it: own texts beside the corpus, a comparison, and a gate before a model is replaced."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from classifier import store
from classifier.errors import DatasetError, ModelError
from classifier.training import train
from classifier.training.compare import Comparison, Measured, compare, measure_model
from classifier.training.evaluate import read_texts
from classifier.training.extra import Extra, joined
from classifier.training.gate import too_many
from classifier.training.label_errors import suspects
from classifier.training.run import on_folds, reference
from classifier.training.settings import Settings

SUSPECTS, _REASONS = "suspects.jsonl", "reasons.txt"


class Retrained(NamedTuple):
    """What came out: the folder that was written, and what a person needs to judge it by."""

    folder: Path  # the one asked for, or beside it `….refused`
    reasons: tuple[str, ...]  # against the new model; empty: nothing speaks against it
    accepted: str | None  # why it was taken all the same
    suspects: pd.DataFrame
    comparison: Comparison | None  # None where there is no old model or nothing to measure on

    @property
    def refused(self) -> bool:
        return bool(self.reasons) and self.accepted is None

    def as_text(self) -> str:
        """The comparison, the labels to read again and the gate's word, for a terminal."""
        lines = [self.comparison.as_text()] if self.comparison else []
        lines.append(f"{len(self.suspects)} labels look wrong; their ids: {self.folder / SUSPECTS}")
        for reason in self.reasons:
            lines.append(f"worse: {reason}")
        if not self.reasons:
            lines.append(
                "gate: nothing got worse" if self.comparison else "gate: there is no old model to compare with"
            )
        elif self.accepted:
            lines.append(f"accepted all the same, written into its history: {self.accepted}")
        return "\n".join([*lines, f"wrote {self.folder}"]) + "\n"


def read_evaluation(folder: Path | None) -> pd.DataFrame | None:
    """The texts to measure on, or None where the folder has none."""
    files = sorted(folder.glob("*.jsonl")) if folder and folder.is_dir() else []
    return read_texts(files) if files else None


def retrain(
    corpus: pd.DataFrame,
    output: Path,
    *,
    old: Path | None = None,
    extra: Extra | None = None,
    evaluation: pd.DataFrame | None = None,
    accept_worse: str | None = None,
    settings: Settings | None = None,
    tell: train.Tell | None = None,
) -> Retrained:
    """Trains on the corpus and own texts, measures, and writes the model to `output` if the gate lets it through.

    It is held against the model in `old`, else the one that `output` has. A refused one goes to `output` + `.refused` with
    reasons.txt; what is in `output` stays. `accept_worse` (why) lets it through and is written into its history.
    """
    if accept_worse is not None and not accept_worse.strip():
        raise DatasetError("accepting a worse model needs a reason in words")
    frame = joined(corpus, extra) if extra is not None else corpus
    fitted = train.fit(frame, settings, tell)
    return finish(frame, fitted, output, old=old, extra=extra, evaluation=evaluation, accept_worse=accept_worse)


def finish(
    frame: pd.DataFrame,
    fitted: train.Fitted,
    output: Path,
    *,
    old: Path | None = None,
    extra: Extra | None = None,
    evaluation: pd.DataFrame | None = None,
    accept_worse: str | None = None,
) -> Retrained:
    """`retrain` from a model that is fitted on `frame` already."""
    if not output.name:
        raise DatasetError(f"{output}: give the model folder a name")
    fresh = output.with_name(output.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    train.save(fitted, fresh, name=output.name)
    found = suspects(frame, fitted.out_of_fold)
    metrics: dict[str, Any] = {
        "grouped_folds": on_folds(frame, fitted),
        "reference": reference(frame, fitted, fresh),
        "label_errors": {"n": len(found), "of": len(frame)},
    }
    new = measure_model(fresh, evaluation) if evaluation is not None else None
    if new:
        metrics["evaluation"] = new.metrics
    (fresh / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    found.to_json(fresh / SUSPECTS, orient="records", lines=True, force_ascii=False, double_precision=4)
    old = old or (output if (output / "model.json").exists() else None)
    comparison, reasons = _judged(old, new, evaluation)
    reasons += _label_reasons(found, frame, extra, old)
    if reasons and accept_worse is None:
        refused = output.with_name(output.name + ".refused")
        (fresh / _REASONS).write_text("\n".join(reasons) + "\n", encoding="utf-8")
        return Retrained(_moved(fresh, refused), tuple(reasons), None, found, comparison)
    history = store.read_history(output) if (output / "model.json").exists() else []
    if reasons:
        against = str(comparison.old.classifier.signature) if comparison else None
        history.append(
            {"date": datetime.now(UTC).date().isoformat(), "accepted": accept_worse, "worse": reasons, "than": against}
        )
    if history:
        store.write_history(fresh, history)
    return Retrained(_moved(fresh, output), tuple(reasons), accept_worse if reasons else None, found, comparison)


def _judged(
    old: Path | None, new: Measured | None, evaluation: pd.DataFrame | None
) -> tuple[Comparison | None, list[str]]:
    """The comparison with the old model, and what speaks against the new one."""
    if old is None:
        return None, []
    if new is None or evaluation is None:
        return None, ["there are no evaluation texts, so nobody can say whether it got worse"]
    try:
        before = measure_model(old, evaluation)
    except ModelError as error:
        return None, [f"the old model cannot be compared: {error}"]
    comparison = compare(before, new)
    return comparison, comparison.worse


def _label_reasons(found: pd.DataFrame, frame: pd.DataFrame, extra: Extra | None, old: Path | None) -> list[str]:
    """More wrong-looking labels than the corpus has among its own, or than the old model was trained with."""
    reasons = []
    usual = _usual(old)
    if usual is not None:
        reasons.append(too_many("all records", len(found), len(frame), usual))
    if extra is not None and len(extra.frame):
        own = int(found.id.isin(extra.frame.id).sum())
        in_corpus = (len(found) - own) / max(1, len(frame) - len(extra.frame))
        reasons.append(too_many("own table", own, len(extra.frame), in_corpus))
    return [reason for reason in reasons if reason]


def _usual(old: Path | None) -> float | None:
    """The share of suspects that the old model was trained with, where its metrics.json tells."""
    try:
        counted = json.loads((old / "metrics.json").read_bytes())["label_errors"] if old else None
        return counted["n"] / counted["of"] if counted else None
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None


def _moved(fresh: Path, target: Path) -> Path:
    """Puts a model where it belongs, its head last; files there that are of no model stay."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("model.json", store.HISTORY, _REASONS):
        (target / name).unlink(missing_ok=True)
    for path in sorted(fresh.iterdir(), key=lambda path: path.name == "model.json"):
        os.replace(path, target / path.name)
    fresh.rmdir()
    return target
