"""Normalization: many spellings of one text become one, and every character remembers where it came from.

Half-width kana, full-width letters, spacing, punctuation, numbers, addresses and speaker labels are folded, because
recognisers, keyboards and people who dodge filters change them at will. What is left is the words.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from classifier.arrays import AnyArray, Ints

VERSION = 2  # raised whenever the same source would give another normalized text

# Marks that recognisers leave out and writers scatter: 「至急。」 and 「至 急」 are the same word.
# Question and exclamation marks, quotes and brackets stay: they tell reported speech from speech.
_DROPPED = "、。・…‥•●○◎◆◇■□★☆▼▲▽△※→←↑↓━─―–—~〜～＿_|｜*＊^`´°゜"
_INVISIBLE = ["Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"]  # NUL, zero-width, lone surrogates, variation selectors …
_LONGEST_FOLD = 6  # 「㌖」 is 「キロメートル」; ﷺ would be 18 characters, and a text of them 18 times as long
_VOICED = "\u3099\u309a"  # the marks that ﾞ and ﾟ become; they join the kana before them


class _Fold(dict[int, str]):
    """What a single character becomes, worked out once per character met.

    `lengths` holds how long that is, `singles` the one character it is, `DROPPED` where it is none, and 0 where it is
    several or not known yet.
    """

    DROPPED = 0xFFFF

    def __init__(self) -> None:
        super().__init__()
        self.lengths = np.zeros(0x110000, np.uint8)  # pages of zeros take no memory until a character is met
        self.singles = np.zeros(0x110000, np.uint16)

    def __missing__(self, code: int) -> str:
        folded = self[code] = self._fold(chr(code))
        self.lengths[code] = len(folded)
        if len(folded) < 2:
            self.singles[code] = ord(folded) if folded else self.DROPPED
        return folded

    @staticmethod
    def _fold(character: str) -> str:
        if character == "\n":
            return character
        if character in "\t\r\v\f\x1c\x1d\x1e\x85\u2028\u2029" or character.isspace():
            return " "
        if character in _DROPPED:
            return ""
        folded = unicodedata.normalize("NFKC", character).lower()
        if len(folded) > _LONGEST_FOLD:
            return character
        if max(folded, default="") > "\uffff":
            return "〓" if unicodedata.category(character)[0] == "L" else ""  # 𠮷 is a letter, emoji are not
        kept = [c for c in folded if c in _VOICED or unicodedata.category(c) not in _INVISIBLE]
        return " ".join("".join(kept).split()) if " " in folded else "".join(kept)


_FOLD = _Fold()
_BETWEEN = "ꙮ"  # stands between sources that are folded together; a source that holds it is folded alone
_BORDER = f"\n{_BETWEEN}\n"
_TOGETHER = 32  # sources: among more there is nearly always a character that all of them must take the slow way for

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

_SPEAKER = (
    r"[a-z]|話者\d*|speaker[ _]?\d*|相手方?|本人|自分|発信者|受信者|電話の(?:相手|声)|男性?|女性?|犯人|被害者|相談者|相談員|"
    r"お?客様?|担当者?|係員?|職員|警察官?|店員|母|父|息子|娘|孫|祖母|祖父|家族|友人|caller|callee|agent|customer"
)
# 「00:12 相手:もしもし」 and 「男「もしもし」」: who speaks and when is not what is said
LABEL = re.compile(
    rf"^[ \[(]*(?:\d+:\d\d(?::\d\d)?(?:\.\d+)?[\])]?[ -]*)?(?:{_SPEAKER})[)\]]?[ ]*(?::(?!//)|(?=「))", re.MULTILINE
)
# Both begin with one class of characters, which is searched for fastest, and match only where a run of them begins: from
# within a run of a megabyte each character would be tried in vain, in time with its square.
_MAIL = re.compile(r"[a-z0-9._%+-](?<![a-z0-9._%+-]{2})[a-z0-9._%+-]*+@[a-z0-9-]++(?:\.[a-z0-9-]++)++")
_ADDRESS = re.compile(
    r"[a-z0-9-](?:"
    r"(?<=h)(?:ttps?|..ps?)://[^\s「」『』【】()<>]+"
    r"|(?<=t)tps?://[^\s「」『』【】()<>]+"
    r"|(?<![a-z0-9@.-].)[a-z0-9-]*+\.(?:[a-z0-9-]++\.)*[a-z]{2,9}(?![a-z])(?:/[^\s「」『』【】()<>]*)?"
    r")"
)
_NUMBER = re.compile(r"[0-9][0-9,.]*")
_POINTS = re.compile(r"[,.;:/\-=+#\"'(){}<>]+")
_GAP = re.compile(r" (?<=[^\x00-\x7f] ) *(?=[^\x00-\x7f])")  # 「振 込」 is 「振込」; spaces between Latin words stay
_BLANKS = re.compile(r"[\n ]{2,}")

# (what must stand in the text for the pattern to match, pattern, replacement)
_STEPS = (
    (":「", LABEL, ""),
    ("@", _MAIL, " mail "),
    (".:", _ADDRESS, " url "),
    ("0123456789", _NUMBER, "0"),
    (",.;:/-=+#\"'(){}<>", _POINTS, ""),
    (" ", _GAP, ""),
    ("\n ", _BLANKS, " "),
)


class Normalized(NamedTuple):
    """A normalized text and, for each of its characters, the half-open range of the source it came from."""

    text: str
    starts: Ints  # shape (len(text),)
    ends: Ints


def normalize(source: str) -> str:
    """The text that the tokenizer sees. Words, question marks, quotes and line breaks (as blanks) are what is left."""
    text = source.translate(_FOLD)
    if not unicodedata.is_normalized("NFC", text):
        return align(source).text
    return _rewritten(text)


def normalize_many(sources: Sequence[str]) -> list[str]:
    """`normalize` of each source. Some at a time are joined and folded in one pass, which costs a third."""
    parts = (sources[start : start + _TOGETHER] for start in range(0, len(sources), _TOGETHER))
    return [text for part in parts for text in _normalized(part)]


def _normalized(sources: Sequence[str]) -> list[str]:
    text, _ = _fold(*_join(sources))
    if _crossed(text, sources):
        return [normalize(source) for source in sources]
    return [part.strip() for part in _rewritten(text).split(_BETWEEN)]


def align(source: str) -> Normalized:
    """`normalize(source)` together with the way back to the source."""
    return _stripped(_aligned(*_fold(source)))


def align_many(sources: Sequence[str]) -> list[Normalized]:
    """`align` of each source, in as few passes."""
    parts = (sources[start : start + _TOGETHER] for start in range(0, len(sources), _TOGETHER))
    return [aligned for part in parts for aligned in _aligned_together(part)]


def _aligned_together(sources: Sequence[str]) -> list[Normalized]:
    folded, starts = _fold(*_join(sources))
    if _crossed(folded, sources):
        return [align(source) for source in sources]
    text, starts, ends = _aligned(folded, starts)
    parts, at, offset = [], 0, 0
    for source in sources:
        end = text.find(_BETWEEN, at)
        end = len(text) if end < 0 else end
        parts.append(_stripped(Normalized(text[at:end], starts[at:end] - offset, ends[at:end] - offset)))
        at, offset = end + 1, offset + len(source) + len(_BORDER)
    return parts


def _join(sources: Sequence[str]) -> tuple[str, AnyArray]:
    joined = _BORDER.join(sources)
    return joined, _codes(joined)


def _codes(text: str) -> AnyArray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _crossed(text: str, sources: Sequence[str]) -> bool:
    """Joining would change what comes out: a source holds the border, or marks must be joined to their kana first."""
    return text.count(_BETWEEN) != len(sources) - 1 or not unicodedata.is_normalized("NFC", text)


def _fold(source: str, codes: AnyArray | None = None) -> tuple[str, Ints]:
    """The folded text, and where each of its characters stands in the source."""
    codes = _codes(source) if codes is None else codes
    folded = _FOLD.singles[codes]
    if folded.all():
        kept = np.flatnonzero(folded != _FOLD.DROPPED)
        return folded[kept].tobytes().decode("utf-16-le"), kept
    text = source.translate(_FOLD)
    return text, np.repeat(np.arange(len(source)), _FOLD.lengths[codes])


def _aligned(folded: str, starts: Ints) -> Normalized:
    aligned = Normalized(folded, starts, starts + 1)
    if not unicodedata.is_normalized("NFC", folded):
        aligned = _compose(aligned)
    for needed, pattern, replacement in _STEPS:
        if not _lacks(aligned.text, needed):
            aligned = _rewrite(aligned, pattern, replacement)
    return aligned._replace(text=aligned.text.replace("\n", " "))


def _stripped(aligned: Normalized) -> Normalized:
    text, starts, ends = aligned
    part = slice(len(text) - len(text.lstrip()), len(text.rstrip()) or None)
    return Normalized(text[part], starts[part], ends[part]) if text.strip() else Normalized("", starts[:0], ends[:0])


def _rewritten(text: str) -> str:
    """What `_aligned` makes of a folded text, without the way back."""
    for needed, pattern, replacement in _STEPS[:-1]:
        if not _lacks(text, needed):
            text = pattern.sub(replacement, text)
    return " ".join(text.split())  # as the last step does, and much faster


def _lacks(text: str, characters: str) -> bool:
    """None of the characters is in the text: far cheaper to know than to search for a pattern in vain."""
    return not any(character in text for character in characters)


def count_hidden(source: str) -> int:
    """How many characters carry no text: NUL and other controls, zero-width characters, lone surrogates."""
    return len(_HIDDEN.findall(source))


def _compose(aligned: Normalized) -> Normalized:
    """Joins voiced marks to their kana (カ + ﾞ = ガ): one character that spans both sources."""
    pieces: list[str] = []
    first: list[int] = []
    last: list[int] = []
    for match in re.finditer(r".[\u3099\u309a]*", aligned.text, re.DOTALL):
        piece = "".join(c for c in unicodedata.normalize("NFC", match[0]) if c not in _VOICED)
        pieces.append(piece)
        first += [match.start()] * len(piece)
        last += [match.end() - 1] * len(piece)
    return Normalized("".join(pieces), aligned.starts[first], aligned.ends[last])


def _rewrite(aligned: Normalized, pattern: re.Pattern[str], replacement: str) -> Normalized:
    """`pattern.sub(replacement, text)`; each character put in spans the whole of what it replaces."""
    text, starts, ends = aligned
    spans = [match.span() for match in pattern.finditer(text)]
    if not spans:
        return aligned
    first, behind = np.array(spans).T
    depth = np.zeros(len(text) + 1, np.int64)
    depth[first] += 1
    depth[behind] -= 1
    copies = 1 - np.cumsum(depth[:-1])
    copies[first] = len(replacement)
    ends = ends.copy()
    ends[first] = ends[behind - 1]
    return Normalized(pattern.sub(replacement, text), np.repeat(starts, copies), np.repeat(ends, copies))
