"""How a model does on parts of the texts, and which texts it gets wrong."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from classifier.training.intervals import share

SLICES = ("type", "channel", "unit", "length", "year", "fidelity", "domain", "file")
FEWEST_IN_SLICE = 5
LENGTHS = {"<40": 0, "40-119": 40, "120-249": 120, "250+": 250}  # characters, from


def length_band(texts: pd.Series) -> pd.Series:
    """The band of each text by its number of characters."""
    edges = [*LENGTHS.values(), np.inf]
    return pd.cut(texts.str.len(), edges, labels=list(LENGTHS), right=False).astype(str)


def parts(scored: pd.DataFrame) -> list[tuple[str, str, str, np.ndarray[Any, np.dtype[np.int64]]]]:
    """(slice, value, label, rows) of every part of one label with at least `FEWEST_IN_SLICE` texts."""
    found = []
    for column in SLICES:
        if column not in scored:
            continue
        for label in ("scam", "benign"):
            side = np.flatnonzero((scored.label == label) & scored[column].notna())
            values = scored[column].iloc[side].map(_name)
            order = list(LENGTHS).index if column == "length" else str
            for value, rows in sorted(values.groupby(values).indices.items(), key=lambda part: order(part[0])):
                if len(rows) >= FEWEST_IN_SLICE:
                    found.append((column, str(value), label, side[rows]))
    return found


def slices(scored: pd.DataFrame, thresholds: Mapping[str, float]) -> list[dict[str, Any]]:
    """Recall (of scams) or false positives (of honest texts) at each level in every part, with 95 % intervals.

    `flagged` is the share at `caution` or above.
    """
    group, log_odds = scored.group.to_numpy(), scored.log_odds.to_numpy()
    rows = []
    for column, value, label, at in parts(scored):
        levels = {level: share(log_odds[at] >= threshold, group[at]) for level, threshold in thresholds.items()}
        rows.append(
            {
                "slice": column, "value": value, "label": label, "n": len(at),
                "flagged": levels["caution"]["value"], "measure": "recall" if label == "scam" else "false_positives",
                "levels": levels,
            }
        )  # fmt: skip
    return rows


def errors(scored: pd.DataFrame, thresholds: Mapping[str, float], with_texts: bool = False) -> list[dict[str, Any]]:
    """Scams below `caution` and honest texts at it or above, the gravest first; texts only when asked for."""
    scam = (scored.label == "scam").to_numpy()
    away = (scored.log_odds - thresholds["caution"]).to_numpy()
    wrong = np.flatnonzero(scam != (away >= 0))
    columns = ["id", "label", "log_odds", "level", "type", "domain", "file", *(["text"] if with_texts else [])]
    kept = scored.reindex(columns=columns).astype(object).iloc[wrong[np.argsort(-np.abs(away[wrong]), kind="stable")]]
    return [{k: v for k, v in row.items() if not _missing(v)} for row in kept.to_dict("records")]


def _missing(value: Any) -> bool:
    return value is None or value != value


def _name(value: Any) -> str:
    """2020.0, which pandas makes of 2020 where other records have no year, is 2020."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
