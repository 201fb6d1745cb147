"""Bytes in, text out: the encodings of Japan."""

import codecs
from typing import TYPE_CHECKING

from classifier.errors import TranscriptError

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_JAPANESE_ENCODINGS = ["cp932", "euc_jp", "utf_16_le", "utf_16_be"]
_MOST_CONTROLS = 0.1  # share of control characters above which a file is not text


def decode(content: bytes, name: str) -> str:
    """Text in UTF-8, UTF-16, ISO-2022-JP, Shift_JIS (cp932) or EUC-JP, recognised by its bytes."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly(content, encoding, name)
    if (b"\x1b$" in content or b"\x1b(J" in content) and content.isascii():
        return _strictly(content, "iso2022_jp", name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _recognise(content, name)
    controls = sum(c < " " and c not in "\t\n\r\f\x1b" for c in text[:100_000])
    if controls > max(8, _MOST_CONTROLS * min(len(text), 100_000)):
        raise TranscriptError(f"{name}: a binary file, not text")
    return _with_line_feeds(text)


def codec(sample: bytes, name: str) -> str:
    """The encoding of a file that is read in pieces, by a `sample` of it that may be cut inside a character.

    Raises TranscriptError as `decode` does.
    """
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return "utf-8" if encoding == "utf-8-sig" else encoding
    if (b"\x1b$" in sample or b"\x1b(J" in sample) and sample.isascii():
        return "iso2022_jp"
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    n_broken = sum(_is_broken(line) for line in lines)
    if 2 * n_broken <= len(lines):  # some rows are damaged, not all
        decode(sample.decode("utf-8", "ignore").encode(), name)
        return "utf-8"
    return _best(sample[sample.find(b"\n") + 1 : sample.rfind(b"\n") + 1] or sample, name).encoding


def _is_broken(line: bytes) -> bool:
    """Not UTF-8; characters that are cut at the ends do not count."""
    ended = line.lstrip(bytes(range(0x80, 0xC0)))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(ended)
    except UnicodeDecodeError:
        return True
    return len(line) - len(ended) > 3


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return _with_line_feeds(content.decode(encoding))
    except UnicodeDecodeError:
        raise TranscriptError(f"{name}: starts like {encoding} but is not; save it as UTF-8") from None


def _recognise(content: bytes, name: str) -> str:
    return str(_best(content, name))


def _best(content: bytes, name: str) -> "CharsetMatch":
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=_JAPANESE_ENCODINGS, explain=False).best()
    if best is None:
        raise TranscriptError(f"{name}: a binary file or an unknown encoding; save it as UTF-8")
    return best
