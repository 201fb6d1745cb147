"""CSV and TSV as Excel and other programs in Japan write them."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from classifier.errors import TranscriptError
from classifier.readers.encoding import decode
from classifier.readers.grid import Grid, check_width, fitted
from classifier.readers.limits import MOST_CELL, MOST_ROWS

_SEPARATORS = (",", "\t", ";")
DECLARED = re.compile(r"sep=(.)\n")  # Excel's own hint, no row of the table


def read_delimited(content: bytes, name: str) -> Grid:
    """The table; blank lines are left out, rows that cannot be taken apart are named."""
    text = decode(content, name).removeprefix("\ufeff")
    declared = DECLARED.match(text)
    first = 1
    if declared:
        text, first = text[declared.end() :], 2
    header: tuple[str, ...] | None = None
    grid = Grid((), [], [])
    for number, cells in _rows(text, declared[1] if declared else separator_of(text), name, grid.problems, first):
        if header is None:
            check_width(len(cells), name)
            header = tuple(cell.strip() for cell in cells)
            continue
        if len(grid.lines) >= MOST_ROWS:
            raise TranscriptError(f"{name}: more than {MOST_ROWS} rows; split it")
        grid.lines.append(fitted(number, tuple(cells), len(header)))
    if header is None:
        raise TranscriptError(f"{name}: empty or blank; nothing to score")
    return grid._replace(header=header)


def cells_of(row: str, separator: str) -> list[str]:
    """The cells of one row, which may hold line breaks in quotation marks. Raises TranscriptError with the reason alone."""
    reader = csv.reader([row], delimiter=separator, strict=True)
    try:
        if len(row) <= csv.field_size_limit():
            return next(reader, [])
        with _cells_up_to(MOST_CELL):
            return next(reader, [])
    except csv.Error as error:
        raise TranscriptError(_told(error)) from None


def _rows(text: str, separator: str, name: str, problems: list[str], first: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = first - 1
    while True:
        number += 1
        try:
            with _cells_up_to(MOST_CELL):
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if number == first:
                raise TranscriptError(f"{name}: row {number}: {_told(error)}") from None
            problems.append(f"{name}: row {number}: {_told(error)}")
            continue
        if any(cell.strip() for cell in cells):
            yield number, cells


def _told(error: csv.Error) -> str:
    words = str(error)
    if "field limit" in words or "field larger" in words:
        return f"a cell of more than {MOST_CELL} characters"
    if "unexpected end" in words:
        return "a quotation mark is not closed; nothing below it could be read"
    return "quotation marks inside a cell must be doubled"


def separator_of(text: str) -> str:
    """That which divides the first line into most cells."""
    line = next((line for line in text.split("\n") if line.strip()), "")[:MOST_CELL]
    outside = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=outside.count)


@contextmanager
def _cells_up_to(most: int) -> Iterator[None]:
    """The limit belongs to the whole program: it is put back."""
    before = csv.field_size_limit(most)
    try:
        yield
    finally:
        csv.field_size_limit(before)
