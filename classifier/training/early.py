"""How soon a call is flagged when it is heard utterance by utterance."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from classifier.monitor import timeline
from classifier.scam import ScamClassifier
from classifier.training.intervals import share
from classifier.transcript import Transcript, Utterance

LONGEST = 20  # utterances that the curve shows
WITHIN = 10  # utterances of the headline number


def follow(classifier: ScamClassifier, frame: pd.DataFrame) -> pd.DataFrame:
    """The utterance, from 1, at which each call reaches a level: columns `caution` and `high`, NaN where it never does.

    Only records with `turns`; the index is theirs. Read by the monitor, as `scamtext watch` reads.
    """
    if "turns" not in frame:
        return pd.DataFrame(columns=[*classifier.thresholds, "n_utterances"], dtype=float)
    reached = {}
    calls = frame.turns[frame.turns.map(lambda turns: isinstance(turns, list) and len(turns) > 0)]
    for at, turns in calls.items():
        transcript = Transcript(tuple(Utterance(turn["text"], turn.get("speaker")) for turn in turns))
        moments = timeline(classifier, transcript)
        reached[at] = {
            level: next((m.utterance + 1 for m in moments if m.log_odds >= threshold), np.nan)
            for level, threshold in classifier.thresholds.items()
        } | {"n_utterances": len(turns)}
    return pd.DataFrame.from_dict(reached, orient="index", columns=[*classifier.thresholds, "n_utterances"])


def early_detection(scored: pd.DataFrame, reached: pd.DataFrame, levels: Iterable[str]) -> dict[str, Any]:
    """Share of calls flagged within k utterances, k = 1 … `LONGEST`, by label and level; for `WITHIN` with its interval.

    A call that ends before k counts by what was reached until then.
    """
    measured: dict[str, Any] = {}
    for label in ("scam", "benign"):
        calls = reached[(scored.label.loc[reached.index] == label).to_numpy()]
        if calls.empty:
            continue
        group = scored.group.loc[calls.index].to_numpy()
        measured[label] = {"n": len(calls), "utterances_median": float(calls.n_utterances.median())}
        for level in levels:
            at = calls[level].to_numpy(float)
            measured[label][level] = {
                f"within_{WITHIN}": share(at <= WITHIN, group),
                "within": [float((at <= k).mean()) for k in range(1, LONGEST + 1)],
            }
    return measured
