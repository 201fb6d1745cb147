"""What the files named on a command line hold, and how it stands in result tables."""

import argparse
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from classifier.commands.common import fail
from classifier.errors import TranscriptError
from classifier.readers import Columns, Reading, find_files, read, read_content
from classifier.report.table import Row, distinct, renamed
from classifier.transcript import Transcript
from classifier.verdict import Verdict

if TYPE_CHECKING:
    from classifier.redact import Redactor

_MOST_TOLD = 20  # problems said line by line


class Scored(NamedTuple):
    """A transcript as reports show it, and its verdict."""

    transcript: Transcript
    verdict: Verdict


class Part(NamedTuple):
    """The rows that one input has in a result table."""

    columns: tuple[str, ...]
    rows: list[Row]


def read_inputs(options: argparse.Namespace) -> tuple[list[Reading], int]:
    """What could be read, and how many texts could not; each of those is named on standard error."""
    columns = Columns(options.text_column, options.call_column, options.speaker_column, options.time_column)
    readings: list[Reading] = []
    problems: list[str] = []
    for name in find_files(options.inputs):
        try:
            reading = _read(name, columns)
        except TranscriptError as error:
            problems.append(str(error))
            continue
        if options.caller is not None:
            from classifier.readers.side import one_side

            reading = one_side(reading, options.caller)
        readings.append(reading)
        problems += reading.problems
    tell(problems)
    return readings, len(problems)


def tell(problems: Sequence[str]) -> None:
    """The first problems line by line, the others counted."""
    for problem in problems[:_MOST_TOLD]:
        fail(problem)
    if len(problems) > _MOST_TOLD:
        fail(f"… and {len(problems) - _MOST_TOLD} more")


def read_all(files: Sequence[Path], text_column: str | None) -> tuple[list[Reading], int]:
    """`read_inputs` for commands where a row is a text."""
    names = {"text_column": text_column, "call_column": None, "speaker_column": None, "time_column": None}
    return read_inputs(argparse.Namespace(inputs=[str(path) for path in files], caller=None, **names))


def _read(name: str, columns: Columns) -> Reading:
    return read_content(sys.stdin.buffer.read(), "standard input", columns) if name == "-" else read(name, columns)


def masked_tables(readings: Sequence[Reading], redactor: "Redactor") -> list[Reading]:
    """The readings with masks in every cell of their tables."""
    masked = []
    for reading in readings:
        table = reading.table
        if table:
            rows = tuple(tuple(redactor.cell(cell) for cell in row) for row in table.rows)
            reading = dataclasses.replace(reading, table=dataclasses.replace(table, rows=rows))
        masked.append(reading)
    return masked


def parts(readings: Sequence[Reading], scored: Sequence[Scored], *, a_row_a_call: bool) -> Iterator[Part]:
    """For each input its rows: those of a table as they came, one for anything else.

    `a_row_a_call` puts the utterances of a call into one row.
    """
    rest = iter(scored)
    for reading in readings:
        of_reading = [next(rest) for _ in reading.transcripts]
        table = reading.table
        if table is None:
            yield Part(("name",), [Row((t.name or "",), t.text, verdict) for t, verdict in of_reading])
            continue
        where = {at: item for item, members in zip(of_reading, reading.members, strict=True) for at in members}
        chosen: Sequence[int] = range(len(table.rows))
        columns, positions = table.columns, list(range(len(table.columns)))
        if table.utterance_a_row and a_row_a_call:
            chosen = [members[0] for members in reading.members]
            positions = [] if table.call is None else [table.call]
            columns = tuple(table.columns[position] for position in positions)
        rows = []
        for at in chosen:
            item = where.get(at)
            cells: list[Any] = [table.rows[at][position] for position in positions]
            if len(readings) > 1 or len(chosen) < len(table.rows):
                cells.insert(0, item.transcript.name if item else f"{table.name}: row {table.numbers[at]}")
            rows.append(Row(cells, item.transcript.text if item else "", item.verdict if item else None))
        if len(readings) > 1 or len(chosen) < len(table.rows):
            columns = (*renamed(("name",), columns), *columns)
        yield Part(columns, rows)


def one_table(inputs: Sequence[Part]) -> Part:
    """The rows of all inputs under all their columns."""
    if len(inputs) == 1:
        return inputs[0]
    columns = tuple(dict.fromkeys(name for part in inputs for name in distinct(part.columns)))
    rows = []
    for part in inputs:
        for row in part.rows:
            cells = dict(zip(distinct(part.columns), row.cells, strict=True))
            rows.append(row._replace(cells=[cells.get(name) for name in columns]))
    return Part(columns, rows)
