"""Mail as programs save it (.eml): the subject and the words a reader sees."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING

from classifier.errors import TranscriptError
from classifier.readers.encoding import decode
from classifier.transcript import Transcript

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

# what mail programs of Japan mean where they write the narrower name
_MEANT = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
}
_BLOCKS = (
    "address", "article", "blockquote", "dd", "div", "dt", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)


def read_mail(content: bytes, name: str) -> Transcript:
    """One utterance: the subject, a blank line, the text part; without one, the words of the HTML part."""
    try:
        message = email.message_from_bytes(content, policy=default)
        subject = " ".join(str(message.get("subject", "")).split())
        body = _body(message, name)
    except RecursionError:
        raise TranscriptError(f"{name}: parts nested too deeply") from None
    except (LookupError, AttributeError, ValueError):  # the library stumbles over some broken headers
        raise TranscriptError(f"{name}: a damaged mail") from None
    return Transcript.of("\n\n".join(part for part in (subject, body) if part), name)


def _body(message: EmailMessage, name: str) -> str:
    parts = [part for part in message.walk() if isinstance(part, EmailMessage) and not part.is_attachment()]
    for kind, words in (("text/plain", str.strip), ("text/html", _words_of_html)):
        found = [words(_decoded(part, name)) for part in parts if part.get_content_type() == kind]
        if any(found):
            return "\n".join(text for text in found if text)
    return ""


def _decoded(part: EmailMessage, name: str) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = str(part.get_content_charset() or "").lower()
    try:
        return content.decode(_MEANT.get(charset, charset)).replace("\r\n", "\n")
    except (LookupError, ValueError):
        pass  # a charset that is missing, unknown or untrue
    try:
        return decode(content, name)
    except TranscriptError:
        return content.decode("utf-8", "replace").replace("\r\n", "\n")


def _words_of_html(source: str) -> str:
    """The words on the page in lines; where a link leads stands behind its words, unless they say the same."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(re.sub(r"\s+", " ", source), "html.parser")
    _leave_out_hidden(page)
    for link in page.find_all("a", href=True):
        address = str(link["href"]).strip()
        if address.lower().startswith("http") and address.rstrip("/") not in link.get_text():
            link.append(f" {address} ")
    for line_break in page.find_all("br"):
        line_break.replace_with("\n")
    for block in page.find_all(_BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    lines = (" ".join(line.split()) for line in page.get_text().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _leave_out_hidden(page: "BeautifulSoup") -> None:
    """Words that nobody sees are put into mails to mislead filters."""
    for element in page.find_all(("script", "style", "head", "template", "noscript", "title")):
        element.decompose()
    for element in page.find_all(style=_HIDDEN):
        if not element.decomposed:
            element.decompose()
