"""Texts come from strangers: what could act on a terminal or a spreadsheet is shown, not obeyed."""

import re
import unicodedata

# controls but line breaks and tabs, zero-width and direction marks, lone surrogates
_ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_FORMULA = tuple("=+-@＝＋－＠")  # the wide ones act in a Japanese Excel
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*|-")


def visible(text: str) -> str:
    """The text with every active character replaced by U+FFFD, one for one, so that spans still fit."""
    return _ACTIVE.sub("\ufffd", text)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: two for a kanji, none for a mark that joins the character before."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def cell(value: object) -> object:
    """A spreadsheet cell that is never read as a formula (OWASP, CSV injection)."""
    if not isinstance(value, str):
        return value
    value = visible(value)
    acts = value.lstrip()[:1] in _FORMULA and value.strip() and not _NUMBER.fullmatch(value)
    return "'" + value if acts or value[:1] == "\t" else value


def web_address(url: str) -> str:
    """The address where it is one of the web, else "": a model from a stranger could name 「javascript:…」."""
    return visible(url) if url.startswith(("https://", "http://")) else ""
