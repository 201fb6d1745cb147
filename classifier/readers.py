"""Files in, transcripts out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from classifier.errors import TranscriptError
from classifier.transcript import Transcript

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_JAPANESE_ENCODINGS = ["cp932", "euc_jp", "utf_16_le", "utf_16_be"]
_MOST_CONTROLS = 0.1  # share of control characters above which a file is not text


def read_file(path: str | Path) -> Transcript:
    """The text of one file. Raises TranscriptError: missing, unreadable, binary, unknown encoding, blank."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"{path}: {error.strerror or 'cannot be read'}") from None
    return read_bytes(content, str(path))


def read_bytes(content: bytes, name: str) -> Transcript:
    """The text of a file's bytes; `name` stands in messages and reports."""
    text = decode(content, name)
    if not text.strip():
        raise TranscriptError(f"{name}: empty or blank; nothing to score")
    return Transcript.of(text.strip("\r\n"), name)


def decode(content: bytes, name: str) -> str:
    """Text in UTF-8, UTF-16, ISO-2022-JP, Shift_JIS (cp932) or EUC-JP, recognised by its bytes."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly(content, encoding, name)
    if b"\x1b$" in content or b"\x1b(J" in content:
        return _strictly(content, "iso2022_jp", name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _recognise(content, name)
    controls = sum(c < " " and c not in "\t\n\r\f\x1b" for c in text[:100_000])
    if controls > max(8, _MOST_CONTROLS * min(len(text), 100_000)):
        raise TranscriptError(f"{name}: a binary file, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding).replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise TranscriptError(f"{name}: starts like {encoding} but is not; save it as UTF-8") from None


def _recognise(content: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=_JAPANESE_ENCODINGS, explain=False).best()
    if best is None:
        raise TranscriptError(f"{name}: a binary file or an unknown encoding; save it as UTF-8")
    return str(best)


def find_files(inputs: Sequence[str]) -> Iterator[str]:
    """The files named, folders opened (sorted, hidden files left out); `-` is passed on."""
    for given in inputs:
        path = Path(given)
        if given != "-" and path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            if not found:
                raise TranscriptError(f"{given}: no files in this folder")
            yield from map(str, found)
        else:
            yield given
