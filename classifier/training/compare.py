"""Two models side by side on the same texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from classifier import store
from classifier.scam import ScamClassifier
from classifier.training import plots
from classifier.training.early import WITHIN, follow
from classifier.training.evaluate import auc, measure, recall_at, score_texts
from classifier.training.gate import Check, Scores, judge
from classifier.training.intervals import change, metric_change
from classifier.training.points import reliability
from classifier.training.terms import top_terms

OLD, NEW = "旧", "新"
_MOST_ERRORS = 20


@dataclass(frozen=True)
class Measured:
    """A model and all that was measured on it: `scored` has a row for each text, `reached` for each call."""

    folder: Path
    classifier: ScamClassifier
    scored: pd.DataFrame
    reached: pd.DataFrame
    metrics: dict[str, Any]

    @property
    def scores(self) -> Scores:
        return Scores(self.scored.log_odds.to_numpy(), self.classifier.thresholds)


def measure_model(folder: Path, texts: pd.DataFrame) -> Measured:
    """Scores `texts` (as `read_texts` gives them) with the model in `folder`. Raises ModelError."""
    classifier = ScamClassifier.load(folder)
    scored = score_texts(classifier, texts)
    reached = follow(classifier, scored)
    return Measured(folder, classifier, scored, reached, measure(classifier, scored, reached))


@dataclass(frozen=True)
class Comparison:
    """What changed from the old model to the new one.

    `changes` (index: metric) has old, new, change, low, high: the paired 95 % interval of the change. `errors` are the texts
    that crossed `caution`. `confusion` are, old and new, counts of true type (rows) by first guess (columns) among flagged
    scams. `terms` has the strongest terms of each type under both.
    """

    old: Measured
    new: Measured
    changes: pd.DataFrame
    errors: pd.DataFrame
    confusion: tuple[pd.DataFrame, pd.DataFrame]
    terms: pd.DataFrame
    checks: list[Check]

    @property
    def worse(self) -> list[str]:
        """The checks of the gate that the new model fails, one line each."""
        return [str(check) for check in self.checks if check.worse]

    def drawings(self) -> list[str]:
        """Precision and recall, calibration, scores, early detection: both models in each, as SVG."""
        return list(plots.all_of({OLD: self.old.metrics, NEW: self.new.metrics}))

    def as_text(self) -> str:
        """The comparison for a terminal."""
        lines = [f"old {self.old.classifier.signature}", f"new {self.new.classifier.signature}", ""]
        lines.append(f"{'':48s} {'old':>6s} {'new':>6s} {'change':>7s}  95 % interval")
        for name, row in self.changes.iterrows():
            lines.append(
                f"{name:48s} {row.old:6.3f} {row.new:6.3f} {row.change:+7.3f}  [{row.low:+.3f}, {row.high:+.3f}]"
            )
        crossed = self.errors.turned.value_counts()
        lines += ["", "errors that changed: " + (", ".join(f"{n} {turn}" for turn, n in crossed.items()) or "none")]
        for row in self.errors.head(_MOST_ERRORS).itertuples():
            lines.append(f"  {row.id!s:20s} {row.turned:14s} {row.old:+6.2f} → {row.new:+6.2f}  {row.what}")
        if len(self.errors) > _MOST_ERRORS:
            lines.append(f"  … and {len(self.errors) - _MOST_ERRORS} more")
        return "\n".join(lines) + "\n"


def compare(old: Measured, new: Measured) -> Comparison:
    """Holds two models against each other; both must have scored the same texts in the same order."""
    types = sorted({*old.scored.type.dropna()})
    terms = pd.DataFrame({side: top_terms(store.load(model.folder)) for side, model in (("old", old), ("new", new))})
    return Comparison(
        old,
        new,
        pd.DataFrame(_changes(old, new)).set_index("metric"),
        _crossed(old, new),
        (_confusion(old, types), _confusion(new, types)),
        terms,
        judge(new.scored, old.scores, new.scores),
    )


def _changes(old: Measured, new: Measured) -> list[dict[str, Any]]:
    scam = (new.scored.label == "scam").to_numpy()
    group = pd.factorize(new.scored.group.astype(str))[0]
    before, after = old.scores, new.scores
    rows = []

    def note(metric: str, old_value: float, new_value: float, moved: dict[str, Any]) -> None:
        values = {"old": old_value, "new": new_value, "change": moved["value"]}
        rows.append({"metric": metric, **values, "low": moved["low"], "high": moved["high"]})

    if scam.any() and not scam.all():
        for name, metric in (
            ("auc", auc), ("recall at 1% false positives", recall_at(0.01)), ("recall at 5% false positives", recall_at(0.05))
        ):  # fmt: skip
            moved = metric_change(metric, before.log_odds, after.log_odds, scam, group)
            note(name, metric(before.log_odds, scam), metric(after.log_odds, scam), moved)
        was, now = (m.scored.log_odds.to_numpy() - _logit(m.classifier.prior) for m in (old, new))
        note("calibration error", _ece(was, scam), _ece(now, scam), metric_change(_ece, was, now, scam, group))
    for level in after.thresholds:
        hits = [s.log_odds >= s.thresholds[level] for s in (before, after)]
        for name, rows_of in (("recall", scam), ("false positives", ~scam)):
            if rows_of.any():
                was, now = (h[rows_of] for h in hits)
                note(f"{level} or above: {name}", was.mean(), now.mean(), change(was, now, group[rows_of]))
    flagged = scam & hits_of(old, "caution") & hits_of(new, "caution") & new.scored.type.notna().to_numpy()
    if flagged.any():
        was, now = (_first_right(m.scored[flagged]) for m in (old, new))
        note("type right, of scams both flag", was.mean(), now.mean(), change(was, now, group[flagged]))
    calls = (new.scored.label.loc[new.reached.index] == "scam").to_numpy()
    for name, part in (("scam", calls), ("honest", ~calls)):
        if part.any():
            was, now = ((m.reached.caution[part] <= WITHIN).to_numpy() for m in (old, new))
            at = new.scored.index.get_indexer(new.reached.index[part])
            note(
                f"{name} calls flagged within {WITHIN} utterances", was.mean(), now.mean(), change(was, now, group[at])
            )
    return rows


def _ece(evidence: Any, scam: Any) -> float:
    """Calibration error of log-odds less those of the model's own prior, at the share of scams here."""
    return float("nan") if scam.all() or not scam.any() else float(reliability(evidence, scam, 0.5)["ece"])


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def hits_of(model: Measured, level: str) -> Any:
    """Which texts a model puts at a level or above, shape (n_texts,)."""
    return model.scores.log_odds >= model.classifier.thresholds[level]


def _crossed(old: Measured, new: Measured) -> pd.DataFrame:
    """The texts that crossed `caution`, the largest move first."""
    was, now = hits_of(old, "caution"), hits_of(new, "caution")
    scored = new.scored
    names = {
        ("scam", True): "caught",
        ("scam", False): "missed",
        ("benign", True): "false alarm",
        ("benign", False): "cleared",
    }
    turned = [names[label, bool(hit)] for label, hit in zip(scored.label, now, strict=True)]
    what = scored.reindex(columns=["type", "domain"]).astype(object).bfill(axis=1).iloc[:, 0]
    identity = scored.id if "id" in scored else scored.group
    table = pd.DataFrame(
        {"id": identity, "turned": turned, "old": old.scores.log_odds, "new": new.scores.log_odds, "what": what}
    )[was != now]
    return table.iloc[np.argsort(-(table.new - table.old).abs(), kind="stable")]


def _confusion(model: Measured, types: Sequence[str]) -> pd.DataFrame:
    flagged = model.scored[hits_of(model, "caution") & model.scored.type.notna().to_numpy()]
    first = flagged.guessed.map(lambda guessed: guessed[0])
    columns = sorted({*types, *first})
    return pd.crosstab(flagged.type, first).reindex(index=list(types), columns=columns, fill_value=0)


def _first_right(scored: pd.DataFrame) -> Any:
    return np.array([guessed[0] == true for guessed, true in zip(scored.guessed, scored.type, strict=True)])
