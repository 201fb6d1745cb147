"""Part files: written beside their place under another name, brought to the disk, then renamed. Nobody sees half of one."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from classifier.batch.blocks import Read
from classifier.batch.job import Format, Layout
from classifier.report.safe import cell
from classifier.report.table import COLUMNS, distinct, flat, jsonable, renamed

PLACE = ("name", "row")  # where a row came from
KINDS = {
    "probability": "double", "prior": "double", "log_odds": "double", "scam_type_probability": "double",
    "insufficient": "bool", "cleaned": "int64",
}  # fmt: skip
"""Kinds of our columns as Arrow and Spark name them; those not listed are strings."""

Scored = tuple[Read, Sequence[Any]]  # a row, and its values of `COLUMNS`
_GROUP_ROWS = 10_000  # rows of a row group in Parquet


class Part(Protocol):
    """Takes the rows of a unit."""

    def write(self, rows: Sequence[Scored], batch: Any) -> None: ...

    def close(self) -> None: ...


def column_names(header: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Names of the place, of the input's columns and of ours, each of its own."""
    theirs = distinct(header)
    place = renamed(PLACE, theirs)
    return place, theirs, renamed(COLUMNS, [*place, *theirs])


def part_of(form: Format, file: IO[bytes], layout: Layout) -> Part:
    match form:
        case "csv":
            return _Csv(file, layout)
        case "jsonl":
            return _JsonLines(file, layout)
        case "parquet":
            return _Parquet(file, layout)


class _Csv:
    """For spreadsheets as for programs: no cell is read as a formula."""

    def __init__(self, file: IO[bytes], layout: Layout) -> None:
        self._out = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
        self._table = csv.writer(self._out, lineterminator="\n")
        place, theirs, ours = column_names(layout.header)
        self._table.writerow([cell(name) for name in (*place, *theirs, *ours)])

    def write(self, rows: Sequence[Scored], batch: Any) -> None:
        for read, values in rows:
            line = (read.name, read.row, *map(flat, read.cells), *values)
            self._table.writerow([cell(value) for value in line])

    def close(self) -> None:
        self._out.flush()
        self._out.detach()


class _JsonLines:
    def __init__(self, file: IO[bytes], layout: Layout) -> None:
        self._file = file
        self._names = [name for group in column_names(layout.header) for name in group]

    def write(self, rows: Sequence[Scored], batch: Any) -> None:
        for read, values in rows:
            line = map(jsonable, (read.name, read.row, *read.cells, *values))
            plain = dict(zip(self._names, line, strict=True))
            self._file.write(json.dumps(plain, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        pass


class _Parquet:
    """Columns of a Parquet input keep their types; those of all other inputs are strings, so that parts are alike."""

    def __init__(self, file: IO[bytes], layout: Layout) -> None:
        self._file, self._layout = file, layout
        self._writer: Any = None
        self._held: list[Any] = []
        self._rows = 0

    def write(self, rows: Sequence[Scored], batch: Any) -> None:
        import pyarrow

        place, theirs, ours = column_names(self._layout.header)
        arrays = [
            pyarrow.array([_words(read.name) for read, _ in rows], pyarrow.string()),
            pyarrow.array([read.row for read, _ in rows], pyarrow.int64()),
        ]
        if batch is not None:
            arrays += batch.columns
        else:
            arrays += [
                pyarrow.array([_words(read.cells[at]) for read, _ in rows], pyarrow.string())
                for at in range(len(theirs))
            ]
        for at, name in enumerate(COLUMNS):
            kind = KINDS.get(name, "string")
            values = [_words(v[at]) if kind == "string" else v[at] for _, v in rows]
            arrays.append(
                pyarrow.array(values, getattr(pyarrow, {"double": "float64", "bool": "bool_"}.get(kind, kind))())
            )
        self._held.append(pyarrow.RecordBatch.from_arrays(arrays, names=[*place, *theirs, *ours]))
        self._rows += len(rows)
        if self._rows >= _GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow.parquet

        table = pyarrow.Table.from_batches(self._held)
        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(self._file, table.schema, compression="zstd")
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._held, self._rows = [], 0

    def close(self) -> None:
        if self._held:
            self._flush()
        if self._writer is not None:
            self._writer.close()


def _words(value: Any) -> str | None:
    """A cell as a string: words as they are, anything else as JSON writes it."""
    value = jsonable(value)
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def digest(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
