"""A text cut into rows and pieces: which words are marked, why, and which rows decided."""

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from classifier.report.safe import visible
from classifier.transcript import Transcript
from classifier.verdict import Evidence, Signal, Verdict

Span = TypeVar("Span", Evidence, Signal)

MOST_FOR, MOST_AGAINST = 16, 8
FAINT = 0.2  # log-odds below which a phrase is not marked
MOST_CHARACTERS = 200_000  # of a longer text, what surrounds the deciding window is shown
_AROUND = 1_000
MOST_ROWS = 60  # of a longer text, the deciding rows stand first and the whole is folded away
_ROWS_AROUND = 2


class Piece(NamedTuple):
    """A stretch of one row under the same marks."""

    text: str
    contribution: float | None
    strength: int  # 1 to 3
    signal: Signal | None
    opens_signal: bool
    closes: bool  # the marked phrase ends here


class Row(NamedTuple):
    """A line of the text."""

    number: int  # of the utterance, or of the line where the text is one utterance; from 1
    first: bool  # the first line of its utterance
    speaker: str | None
    clock: str | None
    pieces: tuple[Piece, ...]
    decisive: bool  # in the window that decided


class Marked(NamedTuple):
    """The rows of a text; `excerpt` is empty where all rows are few enough to be shown."""

    rows: list[Row]
    excerpt: list[Row]
    cut: tuple[int, int] | None  # characters shown, where the text is too long for a page


def chosen_evidence(verdict: Verdict) -> list[Evidence]:
    """The phrases that are marked and listed, strongest first."""
    both = verdict.strongest(MOST_FOR) + verdict.strongest(MOST_AGAINST, against=True)
    return sorted((e for e in both if abs(e.contribution) >= FAINT), key=lambda e: -abs(e.contribution))


def mark(verdict: Verdict, transcript: Transcript) -> Marked:
    """The rows of a transcript under the marks of its verdict."""
    text = transcript.text
    begin, end = verdict.window
    cut = None
    if len(text) > MOST_CHARACTERS:
        cut = (max(0, begin - _AROUND), min(len(text), end + _AROUND))
    rows = _rows(verdict, transcript, cut or (0, len(text)))
    excerpt = []
    if len(rows) > MOST_ROWS:
        decisive = [at for at, row in enumerate(rows) if row.decisive] or [0]
        excerpt = rows[max(0, decisive[0] - _ROWS_AROUND) : decisive[-1] + 1 + _ROWS_AROUND]
        excerpt = [] if len(excerpt) == len(rows) else excerpt
    return Marked(rows, excerpt, cut)


def row_numbers(transcript: Transcript) -> list[tuple[int, int]]:
    """(start of the line, its number) for each line of the text."""
    numbered, at = [], 0
    single = len(transcript.utterances) == 1
    for number, utterance in enumerate(transcript.utterances, 1):
        for line_number, line in enumerate(utterance.text.split("\n"), 1):
            numbered.append((at, line_number if single else number))
            at += len(line) + 1
    return numbered


def number_at(numbered: Sequence[tuple[int, int]], position: int) -> int:
    """The number of the row that holds a character."""
    return numbered[bisect_right(numbered, (position, 1 << 60)) - 1][1]


def clock(seconds: float | None) -> str | None:
    """75.2 → 「1:15」."""
    return None if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _rows(verdict: Verdict, transcript: Transcript, shown: tuple[int, int]) -> list[Row]:
    text = transcript.text
    evidence = sorted(chosen_evidence(verdict), key=lambda e: e.start)
    rows, at = [], 0
    for number, first, speaker, start, line in _lines(transcript):
        begin, end = max(at, shown[0]), min(at + len(line), shown[1])
        if begin < end or (not line and shown[0] <= at <= shown[1]):
            pieces = _pieces(text, begin, end, evidence, verdict.signals)
            decisive = begin < verdict.window[1] and end > verdict.window[0]
            rows.append(Row(number, first, speaker, clock(start), pieces, decisive))
        at += len(line) + 1
    return rows


def _lines(transcript: Transcript) -> list[tuple[int, bool, str | None, float | None, str]]:
    single = len(transcript.utterances) == 1
    return [
        (
            (line_number + 1) if single else number,
            single or line_number == 0,
            None if utterance.speaker is None else visible(utterance.speaker),
            utterance.start,
            line,
        )
        for number, utterance in enumerate(transcript.utterances, 1)
        for line_number, line in enumerate(utterance.text.split("\n"))
    ]


def _pieces(
    text: str, begin: int, end: int, evidence: Sequence[Evidence], signals: Sequence[Signal]
) -> tuple[Piece, ...]:
    near = _near(evidence, begin, end)
    told = _near(signals, begin, end)
    edges = {begin, end}
    for start, stop in [(e.start, e.end) for e in near] + [(s.start, s.end) for s in told]:
        edges |= {max(begin, start), min(end, stop)}
    cuts = sorted(edges)
    pieces = []
    for a, b in itertools.pairwise(cuts):
        phrase = next((e for e in near if e.start <= a < e.end), None)
        signal = next((s for s in told if s.start <= a < s.end), None)
        contribution = phrase.contribution if phrase else None
        closes = phrase is not None and b == phrase.end
        opens = signal is not None and a == max(begin, signal.start)
        pieces.append(Piece(visible(text[a:b]), contribution, _strength(contribution), signal, opens, closes))
    return tuple(pieces)


def _near(spans: Sequence[Span], begin: int, end: int) -> list[Span]:
    """The spans that meet a row; `spans` are sorted and apart."""
    first = bisect_right(spans, begin, key=lambda span: span.end)
    found = []
    for span in spans[first:]:
        if span.start >= end:
            break
        found.append(span)
    return found


def _strength(contribution: float | None) -> int:
    size = abs(contribution or 0.0)
    return 3 if size >= 1.0 else 2 if size >= 0.4 else 1
