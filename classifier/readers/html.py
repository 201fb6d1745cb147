"""The words that a reader sees on an HTML page."""

import re
from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple

_BLOCKS = {
    "address", "article", "blockquote", "dd", "div", "dt", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul", "br",
}  # fmt: skip
_UNSEEN = {"script", "style", "head", "template", "noscript", "title", "rt", "rp"}  # rt: how to read a word
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# words that nobody sees are put into mails to mislead filters
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)


class _Place(NamedTuple):
    """What surrounds some words: the innermost block, the link, whether they are seen."""

    block: int
    link: str | None
    seen: bool


def words_of_html(source: str) -> str:
    """Lines as they stand on the page; where a link leads stands behind its words, unless they say the same."""
    page = _Page()
    page.feed(re.sub(r"\s+", " ", source))
    lines = (" ".join(line.split()) for line in page.ended().split("\n"))
    return "\n".join(line for line in lines if line)


class _Page(HTMLParser):
    """Reads a page in one pass, without a tree: what is open is all that is remembered."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, _Place]] = []
        self._n_open = Counter[str]()  # of each name, so that an end without a beginning is not searched for
        self._n_tags = 0
        self._here = _Place(0, None, True)  # of the last words
        self._linked: list[str] = []  # the words of the link they are in
        self._pieces: list[str] = []

    def ended(self) -> str:
        """The words, without a last tag or comment that never ends: no browser shows it, and closing reads it once for each `<` in it."""
        if not self.rawdata.startswith("<"):
            self.close()
        self._pieces.append(_address(self._here.link, self._linked))
        return "".join(self._pieces)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """What begins with `<![` ends at the next `>`, as in a browser; the library raises AssertionError at some."""
        return self.parse_bogus_comment(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.handle_endtag(tag)  # a link in a link ends it, as in a browser
        self._n_tags += 1
        if tag in ("br", "hr"):
            self._pieces.append("\n")
        if tag not in _EMPTY:
            self._open.append((tag, self._place(tag, dict(attrs))))
            self._n_open[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if self._n_open[tag]:
            name = ""
            while name != tag:
                name, _ = self._open.pop()
                self._n_open[name] -= 1

    def handle_data(self, data: str) -> None:
        around = self._around()
        if not around.seen:
            return
        if around.link != self._here.link:
            self._pieces.append(_address(self._here.link, self._linked))
            self._linked = []
        if around.block != self._here.block:
            self._pieces.append("\n")
        self._pieces.append(data)
        if around.link:
            self._linked.append(data)
        self._here = around

    def _around(self) -> _Place:
        return self._open[-1][1] if self._open else _Place(0, None, True)

    def _place(self, tag: str, attributes: dict[str, str | None]) -> _Place:
        around = self._around()
        link = (attributes.get("href") or "").strip() if tag == "a" else ""
        return _Place(
            self._n_tags if tag in _BLOCKS else around.block,
            link if link.lower().startswith("http") else around.link,
            around.seen and tag not in _UNSEEN and not _HIDING.search(attributes.get("style") or ""),
        )


def _address(link: str | None, words: list[str]) -> str:
    return f" {link} " if link and link.rstrip("/") not in "".join(words) else ""
