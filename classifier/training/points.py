"""Points of the curves that pages and notebooks draw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from classifier.linear import logistic

N_BINS = 10
MOST_POINTS = 200  # of a curve that is kept in metrics.json
Floats = NDArray[np.float64]


def precision_recall(log_odds: Floats, scam: NDArray[np.bool_], most: int = MOST_POINTS) -> dict[str, list[float]]:
    """Precision by recall, thinned to `most` points; at the share of scams among these texts."""
    precision, recall, _ = precision_recall_curve(scam, log_odds)
    kept = np.unique(np.linspace(0, len(recall) - 1, min(most, len(recall))).round().astype(int))
    return {"recall": recall[kept].round(4).tolist(), "precision": precision[kept].round(4).tolist()}


def reliability(log_odds: Floats, scam: NDArray[np.bool_], prior: float, n_bins: int = N_BINS) -> dict[str, Any]:
    """Probability said and scams found, in equally filled bins, after a shift from `prior` to the share of scams here.

    Two models of different priors, and texts of another prevalence, compare only after that shift. `ece` is the mean
    gap of the bins (Guo et al. 2017).
    """
    here = float(scam.mean())
    shift = np.log(here / (1 - here)) - np.log(prior / (1 - prior))
    probability = logistic(log_odds + shift)
    bins = [b for b in np.array_split(np.argsort(probability, kind="stable"), n_bins) if len(b)]
    said, found = [float(probability[b].mean()) for b in bins], [float(scam[b].mean()) for b in bins]
    sizes = [len(b) for b in bins]
    gaps = [abs(s - f) * n for s, f, n in zip(said, found, sizes, strict=True)]
    return {"prior": here, "said": said, "found": found, "n": sizes, "ece": sum(gaps) / len(scam)}


def histogram(log_odds: Floats, scam: NDArray[np.bool_], n_bins: int = 30) -> dict[str, list[float]]:
    """How many texts of each side have log-odds in each bin; `edges` has one more."""
    edges = np.linspace(np.floor(log_odds.min()), np.ceil(log_odds.max()) + 1e-9, n_bins + 1)
    return {
        "edges": edges.round(3).tolist(),
        "scam": np.histogram(log_odds[scam], edges)[0].tolist(),
        "benign": np.histogram(log_odds[~scam], edges)[0].tolist(),
    }
