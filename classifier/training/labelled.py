"""An analyst's own labelled table: CSV, TSV, workbook, JSON lines or Parquet in, labelled texts out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from classifier.errors import DatasetError, shown
from classifier.readers import Columns, Table, read
from classifier.readers.columns import find_column, named
from classifier.training.dataset import CHANNELS
from classifier.training.words import Label, fold, read_label

LABEL_NAMES = ("label", "ラベル", "判定", "正解", "詐欺", "詐欺か", "詐欺判定", "is_scam", "scam", "class", "区分")
TYPE_NAMES = ("scam_type", "type", "種類", "種別", "手口", "類型", "分類", "domain", "分野")
CHANNEL_NAMES = ("channel", "経路", "チャネル")


class Labelled(NamedTuple):
    """Texts with their labels, and what could not be used, one line each.

    Columns of `frame`: `row` (as the file counts), `text`, `label`, `scam_type`, `domain`, `channel`, None where not told.
    """

    frame: pd.DataFrame
    problems: tuple[str, ...]


def read_labelled(path: Path, columns: Columns | None = None, label_column: str | None = None) -> Labelled:
    """Reads a table with a text and a label in each row (or a call in several rows, where `columns` says so).

    Raises TranscriptError for a file that is no such table, DatasetError where no row has a known label.
    """
    reading = read(path, columns)
    table = reading.table
    if table is None:
        raise DatasetError(f"{path}: not a table; give .csv, .tsv, .xlsx, .jsonl or .parquet with a text and a label")
    judged = _column(table, LABEL_NAMES, label_column)
    typed = _column(table, TYPE_NAMES)
    channel = _column(table, CHANNEL_NAMES)
    if judged is None and typed is None:
        raise DatasetError(
            f"{path}: which column is the label? Choose with --label-column; {named(table.columns)}"
        )
    problems, rows = list(reading.problems), []
    for transcript, members in zip(reading.transcripts, reading.members, strict=True):
        where = f"{path}: row {table.numbers[members[0]]}"
        try:
            label = _label(_cells(table, members, judged), _cells(table, members, typed), where, problems)
        except DatasetError as error:
            problems.append(str(error))
            continue
        through = next((str(c) for c in _cells(table, members, channel) if str(c) in CHANNELS), None)
        rows.append({"row": table.numbers[members[0]], "text": transcript.text, **label._asdict(), "channel": through})
    if not rows:
        detail = f" ({problems[0]})" if problems else ""
        raise DatasetError(f"{path}: no row with a text and a label that is known{detail}")
    return Labelled(pd.DataFrame(rows).astype(object), tuple(problems))


def _column(table: Table, names: Sequence[str], chosen: str | None = None) -> int | None:
    if chosen is not None:
        return find_column(table.columns, chosen, table.name)
    folded = [fold(column) for column in table.columns]
    return next((folded.index(fold(name)) for name in names if fold(name) in folded), None)


def _cells(table: Table, members: Sequence[int], column: int | None) -> list[Any]:
    """The different filled cells of a column in the rows of one text."""
    if column is None:
        return []
    cells = (table.rows[at][column] for at in members)
    return list(dict.fromkeys(cell for cell in cells if cell is not None and str(cell).strip()))


def _label(judged: Sequence[Any], typed: Sequence[Any], where: str, problems: list[str]) -> Label:
    """One label from the cells of both columns. Raises DatasetError where they are missing, unknown or at odds."""
    if not judged and not typed:
        raise DatasetError(f"{where}: no label")
    known = [_read(cell, where) for cell in judged]
    for cell in typed:
        named = read_label(cell)
        if named is None and not known:
            _read(cell, where)
        if named is None:
            problems.append(f"{where}: unknown type {shown(cell)}; used without a type")
        else:
            known.append(named)
    sides = {label.label for label in known}
    if len(sides) > 1 or len({label.scam_type for label in known} - {None}) > 1:
        raise DatasetError(f"{where}: labels at odds: {', '.join(shown(cell) for cell in [*judged, *typed])}")
    scam_type = next((label.scam_type for label in known if label.scam_type), None)
    return Label(sides.pop(), scam_type, next((label.domain for label in known if label.domain), None))


def _read(cell: Any, where: str) -> Label:
    label = read_label(cell)
    if label is None:
        raise DatasetError(
            f"{where}: unknown label {shown(cell)}; known are はい/いいえ, 1/0, scam/benign, 詐欺/正常, and ids and "
            "Japanese names of scam types and honest domains"
        )
    return label
