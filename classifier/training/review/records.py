"""Answers of people in, training records out. What they left open is presumed, counted and told."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from classifier.errors import DatasetError
from classifier.readers.plain import read_plain
from classifier.scam import ScamClassifier
from classifier.training.dataset import check
from classifier.training.review.questions import CHANNELS, MARKS, read_choices
from classifier.training.review.task import Mark, key_of
from classifier.verdict import Verdict

_CALLER = re.compile(r"相手方?|発信者?|架電者|犯人|電話の(?:相手|声)|自動音声|caller|agent|operator", re.IGNORECASE)
_CALLEE = re.compile(r"本人|自分|私|受信者?|着信者?|被害者|相談者|お?客様?|顧客|callee|customer", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What a person said of a text; None and () where nothing was said."""

    text: str
    where: str  # file and task, for messages
    source: str  # the tool
    label: str | None = None
    scam_type: str | None = None
    tactics: tuple[str, ...] = ()
    domain: str | None = None
    kind: str | None = None
    channel: str | None = None
    told_channel: str | None = None  # what the table said from which the text came
    turns: tuple[tuple[str | None, str], ...] = ()  # speaker, text
    marks: tuple[Mark, ...] = ()


@dataclass
class Collected:
    """Records that pass the schema, marked stretches by id of the record, and what people should know of the rest."""

    records: list[dict[str, Any]] = field(default_factory=list)
    marks: dict[str, tuple[Mark, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    presumed: Counter[str] = field(default_factory=Counter)  # fields that nobody answered
    n_copies: int = 0  # the same text with the same label once more


def records_of(answers: Iterable[Answer | str], classifier: ScamClassifier, channel: str | None = None) -> Collected:
    """One record a text. A text under both labels is left out and named. `channel` is that of texts which tell none.

    A scam without a type gets the one the model finds likeliest, an honest text without a domain `general`; both are
    counted in `presumed`.
    """
    found = Collected()
    by_key: dict[str, list[Answer]] = {}
    for answer in answers:
        if isinstance(answer, str):
            found.problems.append(answer)
        elif not answer.text.strip():
            found.problems.append(f"{answer.where}: no text")
        elif answer.label is None:
            found.problems.append(f"{answer.where}: no label was chosen")
        else:
            by_key.setdefault(key_of(answer.text), []).append(answer)
    for key, same in by_key.items():
        if len({answer.label for answer in same}) > 1:
            others = ", ".join(answer.where for answer in same[1:4]) + (" …" if len(same) > 4 else "")
            found.problems.append(f"{same[0].where}: the same text has the other label in {others}; not used, decide")
            continue
        found.n_copies += len(same) - 1
        _add(key, same[-1], classifier, channel, found)  # the last word counts
    return found


def _add(key: str, answer: Answer, classifier: ScamClassifier, channel: str | None, found: Collected) -> None:
    presumed: Counter[str] = Counter()
    record = _record(key, answer, classifier.classify(answer.text), channel, presumed)
    side, name = record["label"], record.get("scam_type") or record.get("domain") or ""
    try:
        check(record, answer.where, side, name)
    except DatasetError as error:
        found.problems.append(str(error))
        return
    found.records.append(record)
    found.presumed += presumed
    if answer.marks:
        found.marks[record["id"]] = answer.marks


def _record(key: str, answer: Answer, verdict: Verdict, channel: str | None, presumed: Counter[str]) -> dict[str, Any]:
    turns = _turns(answer)
    through = answer.channel or answer.told_channel or channel
    if through is None:
        presumed["channel"] += 1
        through = "phone" if len(answer.turns) > 1 or _has_speakers(answer.text) else "sms"
    unit = "transcript" if turns else "phrase" if through in ("phone", "visit") else "message"
    record: dict[str, Any] = {
        "id": f"review-{key}", "family": f"review-{key}", "label": answer.label, "unit": unit, "channel": through,
        "phase": "whole", "text": answer.text, "tactics": [], "sources": [answer.source],
    }  # fmt: skip
    if answer.label == "scam":
        record["tactics"] = list(answer.tactics)
        record["scam_type"] = answer.scam_type or verdict.scam_types[0].id
        presumed["scam_type"] += answer.scam_type is None
    else:
        awareness = "scam_awareness" if answer.kind == "awareness" else None
        record["domain"] = answer.domain or awareness or "general"
        presumed["domain"] += answer.domain is None and awareness is None
        aware = record["domain"] == "scam_awareness"
        guessed = "awareness" if aware else "ordinary" if verdict.level == "low" else "lookalike"
        record["kind"] = answer.kind or guessed
        presumed["kind"] += answer.kind is None and not aware
    if turns:
        record["turns"] = turns
    return record


def _turns(answer: Answer) -> list[dict[str, str]]:
    """Turns of caller and callee, where every speaker's name tells the side."""
    sides = [(_side(speaker), text.strip()) for speaker, text in answer.turns]
    known = len(sides) > 1 and {side for side, _ in sides} == {"caller", "callee"} and all(text for _, text in sides)
    return [{"speaker": str(side), "text": text} for side, text in sides] if known else []


def _side(speaker: str | None) -> str | None:
    name = unicodedata.normalize("NFKC", speaker or "").strip()
    return "caller" if _CALLER.fullmatch(name) else "callee" if _CALLEE.fullmatch(name) else None


def _has_speakers(text: str) -> bool:
    return any(utterance.speaker for utterance in read_plain(text, None).utterances)


def answer_of(
    shown: Mapping[str, Any],
    chosen: Mapping[str, Sequence[str]],
    marks: Iterable[tuple[Any, Any, Any, Any]],
    source: str,
    where: str,
) -> Answer:
    """The answer to one task: what it showed, and what a person chose and marked in `source`. Raises TypeError, DatasetError."""
    text = shown["text"]
    if not isinstance(text, str):
        raise TypeError("text")
    return Answer(
        text=text,
        where=where,
        source=source,
        turns=tuple((turn.get("speaker"), turn["text"]) for turn in shown.get("turns") or ()),
        told_channel=shown["told_channel"] if shown.get("told_channel") in CHANNELS else None,
        marks=read_marks(text, marks, where),
        **read_choices(chosen, where),
    )


def read_marks(text: str, given: Iterable[tuple[Any, Any, str, Any]], where: str) -> tuple[Mark, ...]:
    """Marks from (start, end, words of the kind, words marked or None), in the order of the text.

    Raises DatasetError where one does not lie in the text or holds other words.
    """
    kinds = {ja: label for label, ja in MARKS.items()}
    marks = []
    for start, end, kind, words in given:
        mark = Mark(int(start), int(end), kinds[kind])
        inside = 0 <= mark.start < mark.end <= len(text)
        if not inside or (isinstance(words, str) and _letters(text[mark.start : mark.end]) != _letters(words)):
            raise DatasetError(
                f"{where}: a marked stretch does not lie in the text; was the text changed after marking?"
            )
        marks.append(mark)
    return tuple(sorted(marks))


def _letters(words: str) -> Sequence[str]:
    return words.replace("\\n", "").split()  # the tool writes line breaks in several ways
