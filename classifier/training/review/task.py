"""A text to label, with the answers the model would give."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from classifier.text import normalize
from classifier.transcript import Transcript
from classifier.verdict import Verdict

LIKELY = 0.5  # tactics at least this likely are proposed
MOST_FOR, MOST_AGAINST = 6, 3  # stretches proposed


class Mark(NamedTuple):
    """A marked stretch of a text."""

    start: int  # characters, half-open
    end: int
    label: str  # for or against, see questions.MARKS


@dataclass(frozen=True)
class Task:
    """What a tool shows. `answers` has the ids the model would choose, by question."""

    key: str
    transcript: Transcript
    answers: Mapping[str, Sequence[str]]
    marks: tuple[Mark, ...]
    probability: float  # of a scam
    signature: str
    reason: str  # why it was picked
    channel: str | None = None


def task_of(transcript: Transcript, verdict: Verdict, reason: str, channel: str | None = None) -> Task:
    """A task whose proposals are those of the verdict."""
    scam = verdict.level != "low"
    answers: dict[str, Sequence[str]] = {"label": ["scam" if scam else "benign"]}
    if scam:
        answers["scam_type"] = [verdict.scam_types[0].id]
        answers["tactics"] = [ranked.id for ranked in verdict.tactics if ranked.probability >= LIKELY]
    if channel:
        answers["channel"] = [channel]
    chosen = verdict.strongest(MOST_FOR) + verdict.strongest(MOST_AGAINST, against=True)
    marks = tuple(sorted(Mark(e.start, e.end, "for" if e.contribution > 0 else "against") for e in chosen))
    return Task(
        key_of(transcript.text),
        transcript,
        answers,
        marks,
        verdict.probability,
        str(verdict.signature),
        reason,
        channel,
    )


def key_of(text: str) -> str:
    """A name of a text: the same for spellings that the model reads alike."""
    return hashlib.sha256(normalize(text).encode("utf-8", "replace")).hexdigest()[:16]
