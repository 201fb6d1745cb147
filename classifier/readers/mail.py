"""Mail as programs save it (.eml): the subject and the words a reader sees."""

import email
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from classifier.errors import TranscriptError
from classifier.readers.encoding import decode
from classifier.readers.html import words_of_html
from classifier.transcript import Transcript

# what mail programs of Japan mean where they write the narrower name
_MEANT = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
}

# characters of a header; the library's time grows with the square
_LONGEST_SUBJECT, _LONGEST_HEADER = 10_000, 1_000
_MOST_PARTS = 10_000  # lines that may begin one; each costs the library as much as a page of words


class _LongHeaderError(Exception):
    """A header that no mail program writes."""


class _Bounded(EmailPolicy):
    def header_fetch_parse(self, name: str, value: str) -> Any:
        if len(value) > (_LONGEST_SUBJECT if name.lower() == "subject" else _LONGEST_HEADER):
            raise _LongHeaderError
        return super().header_fetch_parse(name, value)


def read_mail(content: bytes, name: str) -> Transcript:
    """One utterance: the subject, a blank line, the text part; without one, the words of the HTML part."""
    if content.count(b"\n--") + content.count(b"\r--") > _MOST_PARTS:
        raise TranscriptError(f"{name}: more than {_MOST_PARTS} parts; no mail program writes so many")
    try:
        message = email.message_from_bytes(content, policy=_Bounded())
        assert isinstance(message, EmailMessage)  # as the policy makes it
        subject = " ".join(str(message.get("subject", "")).split())
        body = _body(message, name)
    except _LongHeaderError:
        raise TranscriptError(f"{name}: a subject or description of a part is far too long; no mail program writes such a header") from None
    except RecursionError:
        raise TranscriptError(f"{name}: parts nested too deeply") from None
    except (LookupError, AttributeError, ValueError):  # the library stumbles over some broken headers
        raise TranscriptError(f"{name}: a damaged mail") from None
    return Transcript.of("\n\n".join(part for part in (subject, body) if part), name)


def _body(message: EmailMessage, name: str) -> str:
    parts = [part for part in message.walk() if isinstance(part, EmailMessage) and not part.is_attachment()]
    for kind, words in (("text/plain", str.strip), ("text/html", words_of_html)):
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
