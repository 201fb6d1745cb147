"""A table as it stands in a file, before anybody asks what its columns mean."""

from typing import Any, NamedTuple

from classifier.errors import TranscriptError
from classifier.readers.limits import MOST_COLUMNS


class Line(NamedTuple):
    """A row and its number in the file, from 1; the header has a number, too. Not `whole`: cells had to go."""

    number: int
    cells: tuple[Any, ...]  # as many as the table has columns
    whole: bool = True


class Grid(NamedTuple):
    """Names of the columns, rows, and what could not be read, one line each."""

    header: tuple[str, ...]
    lines: list[Line]
    problems: list[str]


def check_width(n_columns: int, name: str) -> None:
    """Raises TranscriptError for more columns than anybody means."""
    if n_columns > MOST_COLUMNS:
        raise TranscriptError(f"{name}: {n_columns} columns or more; at most {MOST_COLUMNS} are read")


def fitted(number: int, cells: tuple[Any, ...], n_columns: int) -> Line:
    """The row as wide as the table. Cells beyond it mean that a text was cut at a comma."""
    whole = all(cell in (None, "") for cell in cells[n_columns:])
    return Line(number, (*cells[:n_columns], *[None] * (n_columns - len(cells))), whole)
