"""A text in which digits, signs and Latin letters have one spelling each and hidden characters are gone."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width ASCII
_SIGNS = {ord(sign): "-" for sign in "‐‑‒–—−﹣－ー―ｰ"} | {ord("　"): " ", ord("\u00a0"): " ", ord("￥"): "¥"}
_TABLE: dict[int, int | str] = {**_WIDE, **_SIGNS}


class Plain(NamedTuple):
    """The plain text and, for each of its characters, the position in the source."""

    text: str
    sources: Sequence[int]


def plain(source: str) -> Plain:
    """One character stays one character, but for those without text, which are left out.

    The long mark ー becomes a hyphen, because 「０９０ー１２３４」 is written so; words are looked for with hyphens.
    """
    if not _HIDDEN.search(source):
        return Plain(source.translate(_TABLE), range(len(source)))
    kept = [position for position, character in enumerate(source) if not _HIDDEN.match(character)]
    return Plain("".join(source[position] for position in kept).translate(_TABLE), kept)
