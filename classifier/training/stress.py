"""What disguise, dilution and time cost: `python -m classifier.training.stress datasets/evaluation/*.jsonl --benign …`.

Recall at `caution` on the same scams before and after recognition errors, spelling tricks and rewording; a short scam
passage inside long honest talk; honest talk of many pages; calls heard utterance by utterance.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.errors import ClassifierError
from classifier.monitor import timeline
from classifier.scam import ScamClassifier
from classifier.training import measuring
from classifier.training.augment import Readings, vary
from classifier.training.evaluate import false_positives
from classifier.training.intervals import change, share
from classifier.training.kept import keep
from classifier.transcript import Transcript, Utterance

SEEDS = 3
PASSAGE, TALK, LONG_TALK = 150, 3_000, 10_000  # characters
N_LONG = 100
PREFIX = 10  # honest utterances before a call
WITHIN = 10  # utterances
Measures = dict[str, dict[str, Any]]


def disguised(classifier: ScamClassifier, scams: pd.DataFrame, readings: Readings) -> Measures:
    """Change of recall by kind of disguise, paired, with its interval over source groups."""
    texts, group = scams.text.tolist(), scams.group.to_numpy()
    before = _flagged(classifier, texts)
    measures = {}
    for kind in ("misheard", "hesitant", "kana", "masked", "spaced", "hidden", "wide"):
        after = np.concatenate([_flagged(classifier, vary(texts, kind, readings, seed)) for seed in range(SEEDS)])
        measures[f"recall lost: {kind}"] = _negative(change(np.tile(before, SEEDS), after, np.tile(group, SEEDS)))
    return measures


def reworded(classifier: ScamClassifier, path: Path) -> Measures:
    """Change of recall from the plain manner to the others; the set has its own plain texts."""
    frame = pd.read_json(path, lines=True)
    flags = frame.assign(flagged=_flagged(classifier, frame.text.tolist())).pivot(
        index="base", columns="manner", values="flagged"
    )
    group = flags.index.to_numpy()
    measures = {"recall: plain manner": share(flags.plain.to_numpy(bool), group)}
    for manner in sorted(set(flags.columns) - {"plain"}):
        lost = change(flags.plain.to_numpy(bool), flags[manner].to_numpy(bool), group)
        measures[f"recall lost: {manner} manner"] = _negative(lost)
    return measures


def diluted(classifier: ScamClassifier, scams: pd.DataFrame, honest: Sequence[str]) -> Measures:
    """Passages of scams inside honest talk, the talk alone, and talk of many pages; empty where no scam is that long."""
    random = np.random.default_rng(0)
    chosen = scams[scams.text.str.len() >= PASSAGE // 2]
    if chosen.empty:
        return {}
    passages = [_passage(text, random) for text in chosen.text]
    talks = [_talk(honest, TALK, random) for _ in passages]
    mixed = []
    for passage, lines in zip(passages, talks, strict=True):
        at = int(random.integers(len(lines) + 1))
        mixed.append("\n".join([*lines[:at], passage, *lines[at:]]))
    pages = ["\n".join(_talk(honest, LONG_TALK, random)) for _ in range(N_LONG)]
    group = chosen.group.to_numpy()
    return {
        f"recall: {PASSAGE} characters alone": share(_flagged(classifier, passages), group),
        f"recall: {PASSAGE} characters in {TALK} of honest talk": share(_flagged(classifier, mixed), group),
        f"false positives: {TALK} characters of honest talk": share(
            _flagged(classifier, ["\n".join(lines) for lines in talks]), np.arange(len(talks))
        ),
        f"false positives: {LONG_TALK} characters of honest talk": share(_flagged(classifier, pages), np.arange(N_LONG)),
    }


def heard(classifier: ScamClassifier, scams: pd.DataFrame, honest: Sequence[str]) -> Measures:
    """Calls utterance by utterance, after `PREFIX` utterances of honest talk by which nothing suspicious was said.

    Empty where no scam is of four lines.
    """
    random = np.random.default_rng(1)
    calls = scams[scams.text.str.count("\n") >= 3]
    if calls.empty:
        return {}
    threshold = classifier.thresholds["caution"]
    early, before, back = [], [], []
    for text in calls.text:
        alone = _course(classifier, text.split("\n"))
        early.append(bool((alone[:WITHIN] >= threshold).any()))
        lines = _talk(honest, 100 * PREFIX, random)[:PREFIX]
        whole = _course(classifier, [*lines, *text.split("\n")])
        before.append(bool((whole[: len(lines)] >= threshold).any()))
        back.append(bool((np.diff((whole >= threshold).astype(int)) < 0).any()))
    group = calls.group.to_numpy()
    return {
        f"calls flagged within {WITHIN} utterances": share(np.array(early), group),
        "alarms before any suspicious utterance": share(np.array(before), group),
        "alarms taken back": share(np.array(back), group),
    }


def _flagged(classifier: ScamClassifier, texts: Sequence[str]) -> NDArray[np.bool_]:
    flagged: NDArray[np.bool_] = classifier.log_odds(texts) >= classifier.thresholds["caution"]
    return flagged


def _negative(moved: dict[str, Any]) -> dict[str, Any]:
    return {"value": -moved["value"], "low": -moved["high"], "high": -moved["low"], "n": moved["n"]}


def _passage(text: str, random: np.random.Generator) -> str:
    at = int(random.integers(max(1, len(text) - PASSAGE + 1)))
    return text[at : at + PASSAGE]


def _spoken(texts: Sequence[str]) -> list[str]:
    """The texts that are talk: of several lines, where there are any."""
    return [text for text in texts if text.count("\n") >= 2] or list(texts)


def _talk(honest: Sequence[str], length: int, random: np.random.Generator) -> list[str]:
    """Lines of honest texts drawn at random, until they are `length` characters long."""
    lines: list[str] = []
    while sum(map(len, lines)) < length:
        lines += honest[int(random.integers(len(honest)))].split("\n")
    return lines


def _course(classifier: ScamClassifier, lines: Sequence[str]) -> NDArray[np.float64]:
    moments = timeline(classifier, Transcript(tuple(Utterance(line) for line in lines if line.strip())))
    return np.array([moment.log_odds for moment in moments])


def measure(
    classifier: ScamClassifier, frame: pd.DataFrame, honest: Sequence[str], rewording: Path | None = None
) -> Measures:
    """All measures; `honest` texts are what the long talks are joined from."""
    scams = frame[frame.label == "scam"]
    measures = disguised(classifier, scams, Readings.of([*frame.text, *honest[:2_000]]))
    if rewording:
        measures |= reworded(classifier, rewording)
    talk = _spoken(honest)
    return measures | diluted(classifier, scams, talk) | heard(classifier, scams, talk)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table."""
    parser = measuring.parser("stress", __doc__)
    parser.add_argument("--rewording", type=Path, help="JSONL with base, manner and text")
    options = parser.parse_args(arguments)
    try:
        classifier, frame, honest = measuring.read(options)
        measures = measure(classifier, frame, honest.text.tolist(), options.rewording)
        for name, found in measures.items():
            print(f"{name:58s} {found['value']:6.3f}  [{found['low']:.3f}, {found['high']:.3f}]  n {found['n']}")
        if options.keep:
            public = {"benign_files": false_positives(classifier, honest)} if options.benign else {}
            keep(options.model, {"stress": measures, **public})
    except ClassifierError as error:
        print(f"stress: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
