"""Variants of training texts as recognisers, keyboards and people who dodge filters make them. For training only.

Each variant belongs to its record: folds keep them together, and no variant is ever measured on.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.tagger import nodes
from classifier.tokenizer import Tokenizer
from classifier.training.documents import Document, read_documents

FILLERS = ("えー", "あの", "えっと", "まあ", "その", "なんか", "うーん", "ええと")
MASKS = "○●*〇◯"
_PUNCTUATION = re.compile("[、。，．！？!?「」『』]")
_KANJI = re.compile("[一-鿿]")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
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
        tagger = nodes().tagger
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


def _makers(readings: Readings) -> dict[str, Callable[[str, Random], str]]:
    tokenizer = Tokenizer()

    def by_token(text: str, change: Callable[[list[str]], list[str]]) -> str:
        return "\n".join("".join(change(tokenizer.tokens(line))) for line in text.split("\n"))

    return {
        "misheard": lambda text, random: bare(by_token(text, lambda tokens: misheard(tokens, readings, random))),
        "hesitant": lambda text, random: by_token(text, lambda tokens: hesitant(tokens, random)),
        "kana": lambda text, random: by_token(text, lambda tokens: in_kana(tokens, readings, random)),
        "masked": masked,
        "spaced": spaced,
        "hidden": hidden,
        "wide": lambda text, random: wide(text),
        "opening": opening,
    }


def vary(texts: Sequence[str], kind: str, readings: Readings, seed: int = 0) -> list[str]:
    """Each text as `kind` makes it: misheard, hesitant, kana, masked, spaced, hidden, wide or opening."""
    make = _makers(readings)[kind]
    return [make(text, np.random.default_rng((seed, number))) for number, text in enumerate(texts)]


class Variants(NamedTuple):
    """Texts made from training records, and whose they are."""

    owners: NDArray[np.int64]  # positions of the records
    documents: list[Document]

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of them belong to the records at `rows`."""
        return np.flatnonzero(np.isin(self.owners, rows))

    def documents_of(self, rows: NDArray[np.int64]) -> list[Document]:
        return [self.documents[k] for k in self.of(rows).tolist()]


def variants_of(frame: pd.DataFrame, kinds: Sequence[str], share: float) -> Variants:
    """One variant, of a kind drawn by the record's id, for `share` of the records: the same data gives the same."""
    drawn = frame.id.map(lambda name: zlib.crc32(name.encode())).to_numpy()
    owners = np.flatnonzero(drawn % 1_000 < share * 1_000) if kinds else np.zeros(0, np.int64)
    makers = _makers(Readings.of(frame.text)) if len(owners) else {}
    texts = []
    for owner in owners.tolist():
        random = np.random.default_rng(int(drawn[owner]))
        texts.append(makers[kinds[int(random.integers(len(kinds)))]](frame.text.iloc[owner], random))
    said = [k for k, text in enumerate(texts) if text.strip()]
    return Variants(owners[said], read_documents([texts[k] for k in said]))
