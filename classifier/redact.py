"""Masks what tells who somebody is, for reports that are passed on: numbers, mail addresses, names of persons.

A mask is as long as what it hides, so every span still fits. Scores are made from the text as it was.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from classifier.tagger import nodes
from classifier.transcript import Transcript
from classifier.verdict import Verdict

MASK = "●"
_PIECE = 2_000  # characters read at once; the lattice of the dictionary grows with the sentence
_REPEATED = re.compile(r"[一-鿿々ァ-ヺー]{2,}")  # a name to hide wherever it comes again; はな is in はなし, too
_HONORIFICS = ("さん", "様", "さま", "氏", "君", "くん", "ちゃん", "殿")

_D = r"[\d〇零一二三四五六七八九]"
_SUM = r"(?!\s{0,2}(?:円|万|億|千|ドル|ユーロ|元|ポイント|%))"
_NUMBER = re.compile(
    rf"(?<![¥$#\d.,])[+(]{{0,4}}{_D}(?:[-./() の]{{0,2}}{_D}){{6,}}(?!{_D}|[.,]\d){_SUM}"
)  # telephone, account, card
_DATE = re.compile(r"(?:19|20)\d\d([-./])\d\d?\1\d\d?(?:[ T]?\d\d?)?")
_TOLD = re.compile(
    rf"(?:番号|口座|記号|暗証|コ[ー-]ド|PIN)[^\d\n]{{0,10}}?({_D}(?:[- ]?{_D}){{3,}})(?!{_D}|[.,]\d|[年月日時分]){_SUM}"
)
_HYPHENS = {ord(sign): "-" for sign in "‐‑‒–—−ー"}  # 「０９０ー１２３４」
_MAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")


class _Folded(NamedTuple):
    """A text in one width without hidden characters, and where each of its characters came from."""

    text: str
    starts: list[int]
    ends: list[int]


class Redactor:
    """Hides persons in texts. May be shared between threads."""

    def __init__(self) -> None:
        shared = nodes()
        self._tagger, self._lock = shared.tagger, shared.lock

    def text(self, source: str) -> str:
        """The text with masks; as long as before, line breaks and blanks stay.

        >>> Redactor().text("佐藤さん、090-1234-5678へ")
        '●●さん、●●●●●●●●●●●●●へ'
        """
        folded = _fold(source)
        hidden = set[int]()
        for start, end in [*_numbers(folded.text), *self._names(folded.text)]:
            hidden.update(range(folded.starts[start], folded.ends[end - 1]))
        return "".join(MASK if at in hidden and not c.isspace() else c for at, c in enumerate(source))

    def transcript(self, source: Transcript) -> Transcript:
        """The transcript with masks in what is said and in the names of the speakers."""
        masked, at, utterances = self.text(source.text), 0, []
        for utterance in source.utterances:
            end = at + len(utterance.text)
            utterances.append(
                dataclasses.replace(utterance, text=masked[at:end], speaker=self._speaker(utterance.speaker))
            )
            at = end + 1
        return Transcript(tuple(utterances), source.name)

    def verdict(self, source: Verdict) -> Verdict:
        """The verdict with masks in the names of the speakers; it holds no other words of the text."""
        moments = tuple(dataclasses.replace(m, speaker=self._speaker(m.speaker)) for m in source.timeline)
        return dataclasses.replace(source, timeline=moments)

    def cell(self, value: Any) -> Any:
        """A cell of a table with masks; one that needs none keeps its kind."""
        if isinstance(value, dict):
            return {key: self.cell(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.cell(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):  # a number lost its first zero
            words = str(int(value))
            return value if self.text(words) == words else MASK * len(words)
        return value

    def _speaker(self, speaker: str | None) -> str | None:
        return speaker and self.text(speaker)

    def _names(self, text: str) -> Iterator[tuple[int, int]]:
        found: set[str] = set()
        for start, line in _lines(text):
            at = start
            with self._lock:  # a node is only good until the tagger's next call
                nodes = [(len(n.white_space), n.surface, n.feature.pos2, n.feature.pos3) for n in self._tagger(line)]
            below = [surface for _, surface, _, _ in nodes[1:]] + [""]
            for (blank, surface, kind, what), following in zip(nodes, below, strict=False):  # none of a blank line
                at += blank
                # スズキ is a company, スズキさん is not
                if kind == "固有名詞" and (what == "人名" or (what == "一般" and following in _HONORIFICS)):
                    found.add(surface)
                    yield at, at + len(surface)
                at += len(surface)
        for name in found:
            if _REPEATED.fullmatch(name):
                yield from (match.span() for match in re.finditer(re.escape(name), text))


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    text = text.translate(_HYPHENS)
    for match in _NUMBER.finditer(text):
        if not _DATE.fullmatch(match[0]):
            yield match.span()
    yield from (match.span(1) for match in _TOLD.finditer(text))
    yield from (match.span() for match in _MAIL.finditer(text))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        for first in range(0, len(line), _PIECE):
            yield at + first, line[first : first + _PIECE]
        at += len(line) + 1


def _fold(source: str) -> _Folded:
    """Full width and half width become one; hidden characters, NUL and lone surrogates are left out."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in re.finditer(r".[ﾞﾟ\u3099\u309a]?", source, re.DOTALL):
        for character in unicodedata.normalize("NFKC", match[0]):
            if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs"):
                text.append(character)
                starts.append(match.start())
                ends.append(match.end())
    return _Folded("".join(text), starts, ends)
