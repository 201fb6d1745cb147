"""Variants of training texts as recognisers, keyboards and people who dodge filters make them. For training only.

Each variant belongs to its record: folds keep them together, and no variant is ever measured on.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from classifier.tokenizer import Tokenizer

FILLERS = ("えー", "あの", "えっと", "まあ", "その", "なんか", "うーん", "ええと")
MASKS = "○●*〇◯"
_PUNCTUATION = re.compile("[、。，．！？!?「」『』]")
_KANJI = re.compile("[一-鿿]")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_ZERO_WIDTH = "\u200b\u2060\u200d"

Random = np.random.Generator


class Readings(NamedTuple):
    """How words are read, and which words are read alike: 口座 is コウザ, as are 講座 and 高座."""

    of_words: Mapping[str, str]  # surface → katakana
    words: Mapping[str, tuple[str, ...]]  # katakana → surfaces, the most frequent first

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Readings":
        """From the words of `texts`, by UniDic's kana."""
        import fugashi

        tagger = fugashi.Tagger()
        counts: Counter[tuple[str, str]] = Counter()
        for text in texts:
            for node in tagger(text.replace("\0", "")):
                kana = getattr(node.feature, "kana", None)
                if kana and kana != "*" and len(kana) > 1:
                    counts[node.surface, kana] += 1
        of_words: dict[str, str] = {}
        words: dict[str, list[str]] = defaultdict(list)
        for (surface, kana), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            of_words.setdefault(surface, kana)
            words[kana].append(surface)
        return cls(of_words, {kana: tuple(surfaces) for kana, surfaces in words.items()})


def misheard(tokens: Sequence[str], readings: Readings, random: Random, share: float = 0.1) -> list[str]:
    """A recogniser's errors: `share` of the tokens become a word read alike, their kana, or nothing."""
    heard = []
    for token in tokens:
        if random.random() >= share:
            heard.append(token)
            continue
        kana = readings.of_words.get(token)
        alike = [word for word in readings.words.get(kana or "", ()) if word != token]
        if alike:
            heard.append(alike[int(random.integers(min(3, len(alike))))])
        elif kana and _KANJI.search(token):
            heard.append(kana.translate(_HIRAGANA))
        elif len(token) > 1:
            heard.append(token[:-1])
    return heard


def hesitant(tokens: Sequence[str], random: Random, share: float = 0.06) -> list[str]:
    """Fillers between the words."""
    said = []
    for token in tokens:
        if random.random() < share:
            said.append(FILLERS[int(random.integers(len(FILLERS)))])
        said.append(token)
    return said


def in_kana(tokens: Sequence[str], readings: Readings, random: Random, share: float = 0.25) -> list[str]:
    """「振込」 as フリコミ or ふりこみ: `share` of the words with kanji lose them."""
    katakana = random.random() < 0.5
    written = []
    for token in tokens:
        kana = readings.of_words.get(token)
        if kana and _KANJI.search(token) and random.random() < share:
            written.append(kana if katakana else kana.translate(_HIRAGANA))
        else:
            written.append(token)
    return written


def masked(text: str, random: Random, share: float = 0.06) -> str:
    """「口○」 for 「口座」: a mark in place of `share` of the kanji."""
    mark = MASKS[int(random.integers(len(MASKS)))]
    return "".join(mark if _KANJI.match(c) and random.random() < share else c for c in text)


def wide(text: str) -> str:
    """「ＡＴＭ」 for 「ATM」."""
    return text.translate(_WIDE)


def spaced(text: str, random: Random, share: float = 0.3, marks: str = " 　") -> str:
    """「振 込」: blanks, or marks of no width, between the characters."""
    return "".join(c + marks[int(random.integers(len(marks)))] if random.random() < share else c for c in text)


def hidden(text: str, random: Random, share: float = 0.3) -> str:
    """Marks of no width between the characters."""
    return spaced(text, random, share, _ZERO_WIDTH)


def bare(text: str) -> str:
    """Without punctuation, as recognisers write."""
    return _PUNCTUATION.sub("", text)


def opening(text: str, random: Random) -> str:
    """The first part of a text of several lines: a call as it begins."""
    lines = text.split("\n")
    return "\n".join(lines[: max(2, round(len(lines) * random.uniform(0.4, 0.8)))])


class Augmenter:
    """Makes one variant of a text, drawn by the record's own number, so that the same data gives the same variants."""

    def __init__(self, readings: Readings, kinds: Sequence[str] = ("misheard", "kana", "masked", "hesitant")) -> None:
        self._readings, self._tokenizer = readings, Tokenizer()
        makers: dict[str, Callable[[str, Random], str]] = {
            "misheard": lambda text, random: bare(self._by_token(text, lambda t: misheard(t, readings, random))),
            "hesitant": lambda text, random: self._by_token(text, lambda t: hesitant(t, random)),
            "kana": lambda text, random: self._by_token(text, lambda t: in_kana(t, readings, random)),
            "masked": lambda text, random: masked(text, random),
            "opening": opening,
        }
        self._makers = [makers[kind] for kind in kinds]

    def variant(self, text: str, number: int) -> str:
        """A variant of `text`; `number` draws which and where."""
        random = np.random.default_rng(number)
        return self._makers[int(random.integers(len(self._makers)))](text, random)

    def _by_token(self, text: str, change: Callable[[list[str]], list[str]]) -> str:
        return "\n".join("".join(change(self._tokenizer.tokens(line))) for line in text.split("\n"))
