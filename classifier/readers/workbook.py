"""Excel workbooks (.xlsx): the first sheet, the values that formulas had when it was saved."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from classifier.errors import TranscriptError
from classifier.readers.grid import Grid, Line, check_width, fitted
from classifier.readers.limits import MOST_ROWS, MOST_UNPACKED

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"

# what the libraries raise for archives and sheets that are not what they say
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, ParseError, RuntimeError, LookupError, ValueError, AttributeError, TypeError, EOFError, OSError,
)  # fmt: skip


def read_workbook(content: bytes, name: str) -> Grid:
    """The first sheet; its first row that is not blank names the columns."""
    header, lines = walk_workbook(content, name)
    return Grid(header, list(lines), [])


def walk_workbook(content: bytes, name: str) -> tuple[tuple[str, ...], Iterator[Line]]:
    """Names of the columns, and the rows as they are read; both may raise TranscriptError."""
    if content.startswith(_OLD_OFFICE):
        raise TranscriptError(f"{name}: an old .xls or a workbook with a password; save it as .xlsx without one")
    try:
        _check_size(content, name)
    except _DAMAGED:
        raise _damaged(name) from None
    rows = _filled(content, name)
    first = next(rows, None)
    if first is None:
        raise TranscriptError(f"{name}: the first sheet is empty; nothing to score")
    header = _names(first[1])
    return header, (fitted(number, cells, len(header)) for number, cells in rows)


def _filled(content: bytes, name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    try:
        for number, cells in _rows(content):
            if number > MOST_ROWS:
                raise TranscriptError(f"{name}: more than {MOST_ROWS} rows; split it")
            check_width(len(cells), name)
            if not all(cell is None or cell == "" for cell in cells):
                yield number, cells
    except _DAMAGED:
        raise _damaged(name) from None


def _damaged(name: str) -> TranscriptError:
    return TranscriptError(f"{name}: not an Excel workbook, or a damaged one; open it in Excel and save it again")


def _check_size(content: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise TranscriptError(f"{name}: unpacks to more than {MOST_UNPACKED // 1024**2} MiB; split it")


def _rows(content: bytes) -> Iterator[tuple[int, tuple[Any, ...]]]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles, which nobody asked for
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet: Any = workbook.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size is not always so
            yield from enumerate(sheet.iter_rows(values_only=True), 1)
        finally:
            workbook.close()


def _names(cells: tuple[Any, ...]) -> tuple[str, ...]:
    names = ["" if cell is None else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)
