"""What a model saw, kept beside it in metrics.json, so that new texts can be compared without the corpus."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier import store
from classifier.errors import ModelError
from classifier.training import dataset

N_QUANTILES = 201  # of the log-odds of each side, from the smallest to the largest
Floats = NDArray[np.float64]


class Reference(NamedTuple):
    """Distributions of the training records as a model that had not seen them scored them."""

    honest: Floats  # quantiles of the log-odds, evenly spaced from 0 to 1
    scam: Floats
    unknown_honest: float  # share of tokens outside the vocabulary, 0..1
    unknown_scam: float
    scam_types: dict[str, float]  # share of each among the scam records; adds up to 1
    false_positives: dict[str, float]  # by level
    recall: dict[str, float]  # by level
    vocabulary: frozenset[str]


def reference_of(
    frame: pd.DataFrame, log_odds: Floats, tokens: Sequence[Sequence[str]], vocabulary: Collection[str], fewest: int = 2
) -> dict[str, Any]:
    """The entry `reference` of metrics.json.

    `log_odds` (n_records,) are out of fold. A token counts as unknown where it is not in `vocabulary`, or stands in fewer
    than `fewest` records outside its own group of families and pairs: what the record itself brought does not make it known.
    """
    scam = (frame.label == "scam").to_numpy()
    unknown = [_unknown(tokens, vocabulary, dataset.groups(frame), fewest, side) for side in (~scam, scam)]
    points = np.linspace(0, 1, N_QUANTILES)
    return {
        "data": dataset.digest(frame),
        "honest_quantiles": np.quantile(log_odds[~scam], points).round(6).tolist(),
        "scam_quantiles": np.quantile(log_odds[scam], points).round(6).tolist(),
        "unknown_tokens": {"honest": unknown[0], "scam": unknown[1]},
        "scam_types": {str(name): float(share) for name, share in frame.scam_type.value_counts(normalize=True).items()},
    }


def _unknown(
    tokens: Sequence[Sequence[str]], vocabulary: Collection[str], group: NDArray[np.int64], fewest: int, side: Any
) -> float:
    records = Counter(token for words in tokens for token in set(words))
    own: dict[int, Counter[str]] = {}
    for words, number in zip(tokens, group.tolist(), strict=True):
        own.setdefault(number, Counter()).update(set(words))
    n_unknown = n_tokens = 0
    for k in np.flatnonzero(side).tolist():
        mine = own[int(group[k])]
        n_tokens += len(tokens[k])
        n_unknown += sum(token not in vocabulary or records[token] - mine[token] < fewest for token in tokens[k])
    return n_unknown / max(1, n_tokens)


def read_reference(folder: Path) -> Reference:
    """The reference beside a model. Raises ModelError where there is none, or that of another model."""
    path = folder / "metrics.json"
    try:
        metrics = store.read_metrics(folder)
        head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read ({type(error).__name__}); copy the model folder again") from None
    stored = None if metrics is None else metrics.get("reference")
    if metrics is None or stored is None:
        raise ModelError(f"{path}: no reference to compare with; it was made by an older version, train again")
    try:
        if stored["data"] != head["data"]:
            raise ModelError(f"{path}: belongs to data {stored['data']}, the model to {head['data']}; copy both again")
        levels = metrics["grouped_folds"]["levels"]
        found = Reference(
            np.array(stored["honest_quantiles"], np.float64),
            np.array(stored["scam_quantiles"], np.float64),
            float(stored["unknown_tokens"]["honest"]),
            float(stored["unknown_tokens"]["scam"]),
            {str(name): float(share) for name, share in stored["scam_types"].items()},
            {level: float(values["false_positives"]) for level, values in levels.items()},
            {level: float(values["recall"]) for level, values in levels.items()},
            frozenset(vocabulary),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: its reference is damaged ({type(error).__name__}); copy it again") from None
    for quantiles in (found.honest, found.scam):
        if len(quantiles) < 2 or not np.isfinite(quantiles).all() or (np.diff(quantiles) < 0).any():
            raise ModelError(f"{path}: its reference is damaged (quantiles); copy it again")
    return found
