"""95 % intervals from resampling source groups: texts of one source are alike, so they are drawn together."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES = 1_000
COVERAGE = 0.95
_MOST_DRAWN = 2_000_000  # groups at once, to bound the memory
Floats = NDArray[np.float64]
Metric = Callable[[Floats, NDArray[np.bool_]], float]


def share(hits: NDArray[np.bool_], group: NDArray[Any]) -> dict[str, Any]:
    """A share with its interval: group bootstrap, or the rule of three where nothing (or everything) was hit."""
    n, value = len(hits), float(hits.mean())
    if value in (0.0, 1.0):
        edge = min(1.0, 3.0 / max(1, len(np.unique(group))))
        return {"value": value, "low": max(0.0, value - edge), "high": min(1.0, value + edge), "n": n}
    low, high = _edges(_means(hits.astype(float), group))
    return {"value": value, "low": low, "high": high, "n": n}


def change(old: NDArray[np.bool_], new: NDArray[np.bool_], group: NDArray[Any]) -> dict[str, Any]:
    """How much a share moved from `old` to `new` hits of the same texts, with the interval of that move.

    Paired: each resample draws the same groups for both, so what both models find hard cancels out.
    """
    moved = new.astype(float) - old.astype(float)
    low, high = _edges(_means(moved, group)) if moved.any() else (0.0, 0.0)
    return {"value": float(moved.mean()), "low": low, "high": high, "n": len(moved)}


def with_interval(metric: Metric, log_odds: Floats, scam: NDArray[np.bool_], group: NDArray[Any]) -> dict[str, Any]:
    """A metric of scores and labels with its interval; draws on which it is not defined are left out."""
    draws = [metric(log_odds[rows], scam[rows]) for rows in resamples(group)]
    low, high = _edges(draws)
    return {"value": metric(log_odds, scam), "low": low, "high": high}


def metric_change(
    metric: Metric, old: Floats, new: Floats, scam: NDArray[np.bool_], group: NDArray[Any]
) -> dict[str, Any]:
    """How much a metric moved between two models' scores of the same texts; paired as `change` is."""
    draws = [metric(new[rows], scam[rows]) - metric(old[rows], scam[rows]) for rows in resamples(group)]
    low, high = _edges(draws)
    return {"value": metric(new, scam) - metric(old, scam), "low": low, "high": high}


def resamples(group: NDArray[Any]) -> Iterable[NDArray[np.int64]]:
    """Rows of groups drawn with replacement, `N_RESAMPLES` times."""
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    random = np.random.default_rng(0)
    for _ in range(N_RESAMPLES):
        yield np.concatenate([members[k] for k in random.integers(0, len(members), len(members))])


def _means(values: Floats, group: NDArray[Any]) -> Floats:
    """The mean of `values` in each resample, shape (N_RESAMPLES,)."""
    _, group = np.unique(group, return_inverse=True)
    sums, sizes = np.bincount(group, values), np.bincount(group)
    random = np.random.default_rng(0)
    at_once = max(1, min(N_RESAMPLES, _MOST_DRAWN // len(sums)))
    means = []
    for first in range(0, N_RESAMPLES, at_once):
        drawn = random.integers(0, len(sums), (min(at_once, N_RESAMPLES - first), len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(means)


def _edges(draws: Any) -> tuple[float, float]:
    low, high = np.nanquantile(draws, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return float(low), float(high)
