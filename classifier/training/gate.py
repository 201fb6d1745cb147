"""Whether a new model may take the place of the old one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from classifier.training.intervals import change
from classifier.training.slices import parts

FEWEST = 30  # texts that a slice must have to be judged
FEWEST_SUSPECTS = 3
_SIGNIFICANCE = 0.025  # one-sided, as the lower edge of a 95 % interval


class Check(NamedTuple):
    """One share of the same texts under both models. `change` is new less old, with a 95 % interval."""

    what: str  # recall of scams, false positives on look-alikes, …
    level: str
    n: int
    old: float
    new: float
    low: float
    high: float
    worse: bool  # the whole interval lies on the bad side of zero

    def __str__(self) -> str:
        return (
            f"{self.what} at {self.level}: {self.old:.3f} → {self.new:.3f} "
            f"(change {self.new - self.old:+.3f} [{self.low:+.3f}, {self.high:+.3f}], n {self.n})"
        )


class Scores(NamedTuple):
    """A model's log-odds of the evaluation texts, shape (n_texts,), and the thresholds of its levels."""

    log_odds: NDArray[np.float64]
    thresholds: Mapping[str, float]


def judge(texts: pd.DataFrame, old: Scores, new: Scores) -> list[Check]:
    """Recall on all scams, false positives on look-alikes and awareness texts, and both in every slice of `FEWEST` texts.

    Each model is read at its own thresholds, on the same texts. A check is worse where the 95 % interval of the paired
    change (groups of one source drawn together, the same for both models) leaves zero out on the bad side. With many
    slices an equal model may be refused by chance: between five models of disjoint sixths of our corpus 7 of 20 comparisons
    were, two of them by more than slices. A refusal costs a person's reading of the reasons; models that share their data
    differ far less.
    """
    group = texts.group.to_numpy()
    scam = (texts.label == "scam").to_numpy()
    aware = (texts.domain == "scam_awareness").to_numpy() if "domain" in texts else np.zeros(len(texts), np.bool_)
    asked = [
        ("recall of scams", scam, True),
        ("false positives on look-alikes", ~scam & ~aware, False),
        ("false positives on awareness texts", aware & ~scam, False),
    ]
    chosen = [(what, np.flatnonzero(rows), more_is_better) for what, rows, more_is_better in asked]
    for column, value, label, rows in parts(texts):
        if len(rows) >= FEWEST and value != "scam_awareness":
            what = f"{'recall' if label == 'scam' else 'false positives'} of {column} {value}"
            chosen.append((what, rows, label == "scam"))
    return [
        _check(what, level, rows, more_is_better, old, new, group)
        for what, rows, more_is_better in chosen
        if len(rows)
        for level in new.thresholds
    ]


def _check(
    what: str, level: str, rows: NDArray[Any], more_is_better: bool, old: Scores, new: Scores, group: NDArray[Any]
) -> Check:
    before, after = (s.log_odds[rows] >= s.thresholds[level] for s in (old, new))
    moved = change(before, after, group[rows])
    worse = moved["high"] < 0 if more_is_better else moved["low"] > 0
    return Check(
        what, level, len(rows), float(before.mean()), float(after.mean()), moved["low"], moved["high"], bool(worse)
    )


def too_many(what: str, n_suspects: int, n: int, usual: float) -> str | None:
    """A reason to refuse: more labels look wrong than the `usual` share, by an exact binomial test; else None."""
    if n_suspects < FEWEST_SUSPECTS:
        return None
    if binomtest(n_suspects, n, min(max(usual, 1e-6), 1.0), alternative="greater").pvalue >= _SIGNIFICANCE:
        return None
    return f"{what}: {n_suspects} of {n} labels look wrong ({n_suspects / n:.1%}; usual {usual:.1%}); read them again"
