"""What the grouped folds of the corpus say of a model."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier import store
from classifier.linear import logistic
from classifier.training import train
from classifier.training.documents import read_documents
from classifier.training.reference import reference_of

PREVALENCES = (0.5, 0.1, 0.01, 0.001)
N_BINS = 10


def on_folds(frame: pd.DataFrame, fitted: train.Fitted) -> dict[str, Any]:
    """What the grouped folds say of the model: discrimination, calibration, levels, and their worth by prevalence."""
    scam = (frame.label == "scam").to_numpy()
    log_odds = fitted.out_of_fold
    levels = {}
    for level, threshold in fitted.thresholds.items():
        recall, false = float((log_odds[scam] >= threshold).mean()), float((log_odds[~scam] >= threshold).mean())
        levels[level] = {
            "recall": recall,
            "false_positives": false,
            "precision_by_prevalence": {str(p): _precision(p, recall, false) for p in PREVALENCES},
        }
    edges = [-np.inf, fitted.thresholds["caution"], fitted.thresholds["high"], np.inf]
    band = np.digitize(log_odds, edges) - 1
    return {
        "n": len(frame),
        "n_scam": int(scam.sum()),
        "auc": float(roc_auc_score(scam, log_odds)),
        "ece": calibration_error(logistic(log_odds), scam),
        "levels": levels,
        "scam_rate_by_level": {
            name: float(scam[band == k].mean()) if (band == k).any() else None
            for k, name in enumerate(("low", "caution", "high"))
        },
        "recall_by_type": {
            str(name): float((log_odds[rows] >= fitted.thresholds["caution"]).mean())
            for name, rows in frame[scam].set_index(np.flatnonzero(scam)).groupby("scam_type").groups.items()
        },
        "flagged_by_domain": {
            str(name): float((log_odds[rows] >= fitted.thresholds["caution"]).mean())
            for name, rows in frame[~scam].set_index(np.flatnonzero(~scam)).groupby("domain").groups.items()
        },
    }


def _precision(prevalence: float, recall: float, false_positives: float) -> float | None:
    """Share of scams among flagged texts; None where nothing is flagged."""
    right, wrong = prevalence * recall, (1 - prevalence) * false_positives
    return right / (right + wrong) if right + wrong else None


def reference(frame: pd.DataFrame, fitted: train.Fitted, folder: Path) -> dict[str, Any]:
    """What `scamtext evaluate --reference` compares new texts with."""
    tokens = [document.tokens for document in read_documents(frame.text.tolist())]
    vocabulary = frozenset(store.load(folder).vocabulary.tokens)
    return reference_of(frame, fitted.out_of_fold, tokens, vocabulary, fitted.settings.fewest_token)


def calibration_error(probability: NDArray[np.float64], scam: NDArray[np.bool_]) -> float:
    """Expected calibration error, 0..1: |mean probability - scam rate| over equally filled bins (Guo et al. 2017)."""
    bins = np.array_split(np.argsort(probability, kind="stable"), min(N_BINS, len(scam)))
    return float(sum(len(b) * abs(probability[b].mean() - scam[b].mean()) for b in bins) / len(scam))
