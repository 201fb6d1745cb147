"""The rows of a unit, a few hundred at a time, so that a unit of any size takes the same memory."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from classifier.batch.job import Job, Reject, Task
from classifier.batch.pieces import MOST_ROW, pieces
from classifier.batch.sources import open_input, state_of
from classifier.errors import TranscriptError
from classifier.readers import read_bytes, read_content
from classifier.readers.delimited import cells_of
from classifier.readers.grid import Line, fitted
from classifier.readers.limits import MOST_BYTES
from classifier.readers.plain import read_plain
from classifier.readers.table import words_of
from classifier.readers.whisper import parse_json
from classifier.transcript import Transcript

ROWS_AT_ONCE = 256
_BYTES_AT_ONCE = 8 * 1024**2
_NOTE = "scored without it"  # ends what the readers say of a row that is scored all the same


class Read(NamedTuple):
    """A row that can be scored. `row` is None for a file that is no table."""

    name: str
    row: int | None
    cells: Sequence[Any]
    transcript: Transcript


class Block(NamedTuple):
    """Rows, and what could not be read among them. `batch` holds the rows as Arrow where the source is Parquet."""

    rows: list[Read]
    rejects: list[Reject]
    batch: Any = None

    @property
    def n_lost(self) -> int:
        """Rejects that are rows of their own."""
        return sum(not reject.reason.endswith(_NOTE) for reject in self.rejects)


def blocks(task: Task, job: Job) -> Iterator[Block]:
    """The rows of a unit in order. Raises TranscriptError where the unit cannot be read, or is not what was planned."""
    check_unchanged(task, job)
    match task.layout.kind:
        case "texts":
            yield from _blocked(_texts(task, job))
        case "whole":
            yield from _blocked(_whole(task, job))
        case "parquet":
            yield from _parquet(task, job)
        case _:
            yield from _blocked(_worded(task, line) for line in _lines(task, job))
    check_unchanged(task, job)


def check_unchanged(task: Task, job: Job) -> None:
    """Raises TranscriptError where a file is no longer what was planned."""
    for name, state in zip(task.names, task.states, strict=True):
        if state.size >= 0 and state_of(name, job.base) != state:
            raise TranscriptError(f"{name}: changed since the batch was planned")


def _blocked(rows: Iterable[Read | Reject]) -> Iterator[Block]:
    block, size = Block([], []), 0
    for row in rows:
        if isinstance(row, Reject):
            block.rejects.append(row)
        else:
            block.rows.append(row)
            size += len(row.transcript.text) * 4
        if len(block.rows) >= ROWS_AT_ONCE or len(block.rejects) >= ROWS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield block
            block, size = Block([], []), 0
    yield block


def _worded(task: Task, line: Line | Reject) -> Read | Reject:
    if isinstance(line, Reject):
        return line
    (name,) = task.names
    try:
        words = words_of(line, task.layout.text)
    except TranscriptError as error:
        return Reject(name, line.number, str(error))
    return Read(name, line.number, line.cells, read_plain(words, f"{name}: row {line.number}"))


def _lines(task: Task, job: Job) -> Iterator[Line | Reject]:
    (name,), layout, unit = task.names, task.layout, task.unit
    with open_input(name, job.base) as file:
        if layout.kind == "workbook":
            from classifier.readers.workbook import walk_workbook

            yield from walk_workbook(file.read(), name)[1]
            return
        separator = layout.separator.encode() or None
        found = pieces(file, unit.start, unit.stop, separator)
        for number, piece in enumerate(found, unit.first_row):
            if piece.content is None:
                yield Reject(name, number, f"a row of more than {MOST_ROW // 1024**2} MiB")
                continue
            try:
                line = _line(task, number, piece.content.decode(layout.codec))
            except UnicodeDecodeError:
                yield Reject(name, number, f"not {layout.codec} as the rows above it")
            except TranscriptError as error:
                yield Reject(name, number, str(error))
            else:
                if line is not None:
                    yield line


def _line(task: Task, number: int, row: str) -> Line | None:
    """None for a blank row."""
    row = row.replace("\r\n", "\n").replace("\r", "\n")
    header = task.layout.header
    if task.layout.kind == "delimited":
        cells = cells_of(row, task.layout.separator)
        return fitted(number, tuple(cells), len(header)) if any(cell.strip() for cell in cells) else None
    if not row.strip():
        return None
    try:
        record = parse_json(row.strip(), "")
    except TranscriptError as error:
        raise TranscriptError(str(error).removeprefix(": ")) from None
    if not isinstance(record, dict):
        raise TranscriptError("not an object")
    return Line(number, tuple(record.get(key) for key in header))


def _parquet(task: Task, job: Job) -> Iterator[Block]:
    from classifier.batch.parquet import batches, taken

    (name,), unit = task.names, task.unit
    numbers = itertools.count(unit.first_row)
    with open_input(name, job.base) as file:
        for batch in batches(file, name, unit.start, unit.stop, ROWS_AT_ONCE):
            kept: list[int] = []
            block = Block([], [], batch)
            # for Parquet the cells stay where they are, and go into the part as they came
            cells = batch.columns if job.format == "parquet" else [column.to_pylist() for column in batch.columns]
            texts = batch.column(task.layout.text).to_pylist()
            for at, (number, words) in enumerate(zip(numbers, texts, strict=False)):
                line = Line(number, (words,))
                read = _worded_cell(name, line)
                if isinstance(read, Reject):
                    block.rejects.append(read)
                    continue
                kept.append(at)
                row = () if job.format == "parquet" else tuple(column[at] for column in cells)
                block.rows.append(read._replace(cells=row))
            yield block._replace(batch=batch if len(kept) == batch.num_rows else taken(batch, kept))


def _worded_cell(name: str, line: Line) -> Read | Reject:
    try:
        words = words_of(line, 0)
    except TranscriptError as error:
        return Reject(name, line.number, str(error))
    return Read(name, line.number, (), read_plain(words, f"{name}: row {line.number}"))


def _whole(task: Task, job: Job) -> Iterator[Read | Reject]:
    (name,) = task.names
    with open_input(name, job.base) as file:
        reading = read_content(file.read(), name, job.columns)
    for problem in reading.problems:
        where = re.match(re.escape(name) + r": (?:row (\d+): )?", problem)
        row = int(where[1]) if where and where[1] else None
        yield Reject(name, row, problem[where.end() :] if where else problem)
    if reading.table is None:
        yield from (Read(name, None, (), transcript) for transcript in reading.transcripts)
        return
    pairs = zip(reading.transcripts, reading.members, strict=True)
    found = sorted((at, transcript) for transcript, members in pairs for at in members)
    for at, transcript in found:
        yield Read(name, reading.table.numbers[at], reading.table.rows[at], transcript)


def _texts(task: Task, job: Job) -> Iterator[Read | Reject]:
    for name in task.names:
        try:
            with open_input(name, job.base) as file:
                content = file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise TranscriptError(f"{name}: larger than {MOST_BYTES // 1024**2} MiB; split it")
            yield Read(name, None, (), read_bytes(content, name))
        except TranscriptError as error:
            yield Reject(name, None, str(error).removeprefix(f"{name}: "))
        except OSError as error:
            yield Reject(name, None, error.strerror or "cannot be read")
