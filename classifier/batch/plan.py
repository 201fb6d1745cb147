"""Sources cut into units. Runs in a worker: every file is read once, hashed, and its row ranges are remembered.

Cost: reading and hashing, a about 15 microseconds a row, 1 % of what scoring it takes. One file
is read by one process, so a country's calls come better in a thousand files than in one.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from classifier.batch.job import Job, Layout, Plan, Source, Unit
from classifier.batch.pieces import pieces
from classifier.batch.sources import Found, Hashed, State, open_input, state_of
from classifier.errors import ClassifierError, TranscriptError
from classifier.readers import TABLES, Columns, read_content
from classifier.readers.columns import text_column
from classifier.readers.delimited import DECLARED, cells_of, separator_of
from classifier.readers.encoding import codec
from classifier.readers.grid import check_width
from classifier.readers.limits import MOST_BYTES
from classifier.readers.whisper import parse_json

UNIT_ROWS = 10_000  # four seconds of work: little is lost with a worker, little spent on handing out
UNIT_BYTES = 32 * 1024**2
_GROUP = 256  # text files in one unit
_WIDE = (
    4  # a row group of Parquet up to this many times the rows of a unit is not cut: units read it from its beginning
)
_SAMPLE = 1024**2
_BY_BYTE = (
    "utf-8",
    "cp932",
    "shift_jis",
    "euc_jp",
    "ascii",
)  # encodings in which a byte of ASCII is never half a character


def sources_of(found: Sequence[Found], columns: Columns) -> list[Source]:
    """Tables alone, text files in groups; the same names make the same sources."""
    sources: list[Source] = []
    group: list[str] = []
    for name in (one.name for one in found if one.problem is None):
        suffix = Path(name).suffix.lower()
        table = suffix in TABLES or (columns.text is not None and suffix in ("", ".txt"))
        if group and (table or len(group) == _GROUP):
            sources.append(Source(len(sources), tuple(group), texts=True))
            group = []
        if table:
            sources.append(Source(len(sources), (name,), texts=False))
        else:
            group.append(name)
    return [*sources, Source(len(sources), tuple(group), texts=True)] if group else sources


def plan(source: Source, job: Job) -> Plan:
    """The units of a source; what cannot be read at all comes back as a problem, in one line."""
    if source.texts:
        return _plan_texts(source, job)
    (name,) = source.names
    try:
        state = state_of(name, job.base)
        with open_input(name, job.base) as file:
            layout, units, digest = _plan_table(source, job, Hashed(file))
        if state_of(name, job.base) != state:
            raise TranscriptError(f"{name}: changed while it was read")
    except ClassifierError as error:
        return Plan(source.number, problem=str(error))
    except OSError as error:
        return Plan(source.number, problem=f"{name}: {error.strerror or 'cannot be read'}")
    return Plan(source.number, (state,), (digest,), layout, tuple(units))


def _plan_texts(source: Source, job: Job) -> Plan:
    states, digests = [], []
    for name in source.names:
        try:
            states.append(state_of(name, job.base))
            with open_input(name, job.base) as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())  # type: ignore[arg-type]
        except (TranscriptError, OSError):  # said when it is to be scored
            states = [*states[: len(digests)], State(-1, "unreadable")]
            digests.append("")
    unit = Unit(source.number, 0, n_rows=len(source.names))
    return Plan(source.number, tuple(states), tuple(digests), Layout("texts"), (unit,))


def _plan_table(source: Source, job: Job, file: Hashed) -> tuple[Layout, list[Unit], str]:
    (name,) = source.names
    suffix = Path(name).suffix.lower()
    if job.columns.utterance_a_row or suffix not in TABLES:
        return _plan_whole(source, job, file)
    if suffix in (".xlsx", ".xlsm"):
        from classifier.readers.workbook import walk_workbook

        header, _ = walk_workbook(_content(file.file, name), name)
        layout = Layout("workbook", header, text_column(header, job.columns, name))
        return layout, [Unit(source.number, 0)], file.whole_digest()
    if suffix == ".parquet":
        from classifier.batch.parquet import plan_parquet

        header, ranges = plan_parquet(file.file, name, job.unit_rows, _WIDE)
        layout = Layout("parquet", header, text_column(header, job.columns, name))
        units = [Unit(source.number, n, a, b, a + 1, b - a) for n, (a, b) in enumerate(ranges)]
        return layout, units, file.whole_digest()
    found = codec(_sample(file.file), name)
    if found not in _BY_BYTE:
        return _plan_whole(source, job, file)
    cut = _cut_lines if suffix in (".jsonl", ".ndjson") else _cut_delimited
    layout, units = cut(source, job, file, found)
    return layout, units, file.digest()


def _plan_whole(source: Source, job: Job, file: Hashed) -> tuple[Layout, list[Unit], str]:
    """A file that cannot be cut: UTF-16 and ISO-2022-JP, a table of utterances whose calls lie anywhere."""
    (name,) = source.names
    reading = read_content(_content(file.file, name), name, job.columns)
    header = reading.table.columns if reading.table else ()
    return Layout("whole", header), [Unit(source.number, 0)], file.whole_digest()


def _content(file: IO[bytes], name: str) -> bytes:
    file.seek(0)
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TranscriptError(f"{name}: larger than {MOST_BYTES // 1024**2} MiB and cannot be read in pieces; split it")
    return content


def _sample(file: IO[bytes]) -> bytes:
    """The first stretch that is not ASCII: it tells the encoding."""
    file.seek(0)
    first = sample = file.read(_SAMPLE)
    while sample.isascii() and b"\x1b" not in sample:
        sample = file.read(_SAMPLE)
        if not sample:
            return first
    return sample


def _skip_mark(file: IO[bytes]) -> int:
    file.seek(0)
    return 3 if file.read(3) == b"\xef\xbb\xbf" else 0


def _cut_delimited(source: Source, job: Job, file: Hashed, found: str) -> tuple[Layout, list[Unit]]:
    (name,) = source.names
    start = file.file.seek(_skip_mark(file.file))
    first = file.file.read(_SAMPLE).decode(found, "replace").replace("\r\n", "\n")
    declared = DECLARED.match(first)
    separator = declared[1] if declared else separator_of(first)
    if not separator.isascii():
        raise TranscriptError(f"{name}: the separator {separator!r} cannot be used; save it with commas")
    header: tuple[str, ...] | None = None
    stop = file.file.seek(0, os.SEEK_END)
    cuts = _Cuts(source.number, job.unit_rows)
    for number, piece in enumerate(pieces(file, start, stop, separator.encode()), 1):  # type: ignore[arg-type]
        if header is not None:
            cuts.add(number, piece.start, piece.stop)
        elif not (declared and number == 1) and piece.content is not None:
            cells = _header_cells(piece.content, found, separator, f"{name}: row {number}")
            if any(cell.strip() for cell in cells):
                header = tuple(cell.strip() for cell in cells)
                check_width(len(header), name)
    if header is None:
        raise TranscriptError(f"{name}: empty or blank; nothing to score")
    return Layout("delimited", header, text_column(header, job.columns, name), found, separator), cuts.units()


def _header_cells(content: bytes, found: str, separator: str, where: str) -> list[str]:
    try:
        return cells_of(content.decode(found, "replace").rstrip("\r\n"), separator)
    except TranscriptError as error:
        raise TranscriptError(f"{where}: {error}") from None


def _cut_lines(source: Source, job: Job, file: Hashed, found: str) -> tuple[Layout, list[Unit]]:
    """The keys of all lines become the columns of every part, so that the parts make one table."""
    (name,) = source.names
    start = _skip_mark(file.file)
    stop = file.file.seek(0, os.SEEK_END)
    header: dict[str, None] = {}
    cuts = _Cuts(source.number, job.unit_rows)
    for number, piece in enumerate(pieces(file, start, stop, None), 1):  # type: ignore[arg-type]
        cuts.add(number, piece.start, piece.stop)
        header.update(dict.fromkeys(_keys(piece.content, found)))
        check_width(len(header), name)
    names = tuple(header)
    if not names:
        raise TranscriptError(f"{name}: no line is a JSON object; nothing to score")
    return Layout("lines", names, text_column(names, job.columns, name), found), cuts.units()


def _keys(content: bytes | None, found: str) -> Any:
    if content is None or not content.strip():
        return ()
    try:
        record = parse_json(content.decode(found), "")
    except (TranscriptError, UnicodeDecodeError):  # said when it is to be scored
        return ()
    return record if isinstance(record, dict) else ()


class _Cuts:
    """Units of so many rows or bytes, whichever is reached first."""

    def __init__(self, source: int, unit_rows: int) -> None:
        self._source, self._unit_rows = source, unit_rows
        self._done: list[Unit] = []
        self._open: tuple[int, int] | None = None  # byte and row at which the unit begins
        self._rows = self._stop = 0

    def add(self, number: int, start: int, stop: int) -> None:
        if self._open is None:
            self._open = (start, number)
        self._rows, self._stop = self._rows + 1, stop
        if self._rows >= self._unit_rows or stop - self._open[0] >= UNIT_BYTES:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            start, row = self._open
            self._done.append(Unit(self._source, len(self._done), start, self._stop, row, self._rows))
            self._open, self._rows = None, 0

    def units(self) -> list[Unit]:
        self._close()
        return self._done
