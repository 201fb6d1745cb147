"""Files in, transcripts out. Each format is read by a library, which is loaded when a file of that format comes."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from classifier.errors import TranscriptError
from classifier.readers.columns import Columns
from classifier.readers.encoding import decode
from classifier.readers.limits import MOST_BYTES
from classifier.readers.reading import Reading, Table
from classifier.transcript import Transcript

__all__ = ["Columns", "Reading", "Table", "decode", "find_files", "read", "read_bytes", "read_content", "read_file"]

TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".parquet")
_SUBRIP = re.compile(r"\s*\d+\s*\n\s*\d+:\d\d:\d\d[,.]\d+ *-->")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def read(path: str | Path, columns: Columns | None = None) -> Reading:
    """All that a file holds: one transcript, or those of the rows of a table.

    Raises TranscriptError: missing, unreadable, binary, unknown encoding, blank, over the limits, no such column.
    """
    return read_content(_content(Path(path)), str(path), columns)


def read_content(content: bytes, name: str, columns: Columns | None = None) -> Reading:
    """`read` for the bytes of a file; `name` stands in messages and reports, its ending tells the format."""
    columns = columns or Columns()
    suffix = Path(name).suffix.lower()
    if suffix in TABLES or _holds_column(content, name, suffix, columns):
        from classifier.readers.table import read_table

        return read_table(content, name, columns)
    return Reading((read_bytes(content, name),))


def read_file(path: str | Path) -> Transcript:
    """The call or message of a file that is no table. Raises TranscriptError as `read` does."""
    return read_bytes(_content(Path(path)), str(path))


def read_bytes(content: bytes, name: str) -> Transcript:
    """`read_file` for the bytes of a file; `name` stands in messages and reports, its ending tells the format."""
    suffix = Path(name).suffix.lower()
    if suffix in TABLES:
        raise TranscriptError(f"{name}: a table; classifier.readers.read reads its rows")
    if content.startswith(_OLD_OFFICE):
        raise TranscriptError(
            f"{name}: an old Office file, or one with a password; save it as .xlsx or text without one"
        )
    if suffix == ".eml":
        from classifier.readers.mail import read_mail

        return _filled(read_mail(content, name))
    text = decode(content, name)
    if not text.strip():
        raise TranscriptError(f"{name}: empty or blank; nothing to score")
    if suffix == ".json":
        from classifier.readers.whisper import read_whisper

        return _filled(read_whisper(text, name))
    if suffix == ".vtt" or text.startswith("WEBVTT"):
        from classifier.readers.subtitles import read_vtt

        return _filled(read_vtt(text, name))
    if suffix == ".srt" or _SUBRIP.match(text):
        from classifier.readers.subtitles import read_srt

        return _filled(read_srt(text, name))
    from classifier.readers.chat import is_chat, read_chat
    from classifier.readers.plain import read_plain

    if is_chat(text):
        return _filled(read_chat(text, name))
    return _filled(read_plain(text, name))


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


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise TranscriptError(f"{path}: {error.strerror or 'cannot be read'}") from None
    if len(content) > MOST_BYTES:
        raise TranscriptError(f"{path}: larger than {MOST_BYTES // 1024**2} MiB; split it")
    return content


def _filled(transcript: Transcript) -> Transcript:
    if not transcript.text.strip():
        raise TranscriptError(f"{transcript.name}: no words in it; nothing to score")
    return transcript


def _holds_column(content: bytes, name: str, suffix: str, columns: Columns) -> bool:
    """A table without a telling name: standard input, or the .txt that Excel writes as Unicode text."""
    if columns.text is None or suffix not in ("", ".txt"):
        return False
    lines = decode(content, name).lstrip().split("\n", 1)
    return columns.text in lines[0] and (lines[0].startswith("{") or len(lines) > 1)
