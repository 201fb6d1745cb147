"""The words that a reader sees on an HTML page."""

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bs4 import Tag

_BLOCKS = {
    "address", "article", "blockquote", "dd", "div", "dt", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul", "br",
}  # fmt: skip
_UNSEEN = {"script", "style", "head", "template", "noscript", "title"}
# words that nobody sees are put into mails to mislead filters
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)



class _Place(NamedTuple):
    """What surrounds some words: the innermost block, the link, whether they are seen."""

    block: int
    link: str | None
    seen: bool


def words_of_html(source: str) -> str:
    """Lines as they stand on the page; where a link leads stands behind its words, unless they say the same."""
    from bs4 import BeautifulSoup, Tag
    from bs4.element import NavigableString

    page = BeautifulSoup(_closed(re.sub(r"\s+", " ", source)), "html.parser")
    places = {id(page): _Place(0, None, True)}
    pieces: list[str] = []
    here, linked = places[id(page)], ""
    for node in page.descendants:
        around = places[id(node.parent)]
        if isinstance(node, Tag):
            places[id(node)] = _place(node, around)
            if node.name in ("br", "hr"):
                pieces.append("\n")
        elif type(node) is NavigableString and around.seen:  # its kinds are comments, scripts and the like
            if around.link != here.link:
                pieces.append(_address(here.link, linked))
                linked = ""
            if around.block != here.block:
                pieces.append("\n")
            pieces.append(node)
            if around.link:
                linked += node
            here = around
    pieces.append(_address(here.link, linked))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _closed(source: str) -> str:
    """Without a last tag or comment that never ends: no browser shows it, and the parser reads it once for each `<` in it."""
    parser = HTMLParser(convert_charrefs=False)
    parser.feed(source)
    rest = parser.rawdata  # type: ignore[attr-defined, unused-ignore]
    return source[: len(source) - len(rest)] if rest.startswith("<") else source


def _place(tag: "Tag", around: _Place) -> _Place:
    link = str(tag.get("href", "")).strip() if tag.name == "a" else ""
    seen = around.seen and tag.name not in _UNSEEN and not _HIDING.search(str(tag.get("style", "")))
    return _Place(
        id(tag) if tag.name in _BLOCKS else around.block,
        link if link.lower().startswith("http") else around.link,
        seen,
    )


def _address(link: str | None, words: str) -> str:
    return f" {link} " if link and link.rstrip("/") not in words else ""
