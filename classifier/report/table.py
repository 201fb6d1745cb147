"""Verdicts as tables: the columns of the input as they came, then ours."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from classifier.report.safe import cell, visible
from classifier.report.wording import LIKELY
from classifier.taxonomy import japanese_name
from classifier.verdict import Verdict

COLUMNS = (
    "level", "probability", "prior", "log_odds", "scam_type", "scam_type_ja", "scam_type_probability", "script",
    "tactics", "evidence", "insufficient", "cleaned", "signature",
)  # fmt: skip
_OURS = "scamtext_"  # before a name of ours that the input uses, too


class Row(NamedTuple):
    """The cells of the input, the text that was scored and its verdict; None where the row could not be read."""

    cells: Sequence[Any]
    text: str
    verdict: Verdict | None


def as_csv_table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """CSV for a spreadsheet: no cell is read as a formula."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    for line in _lines(columns, rows):
        table.writerow([cell(value) for value in line])
    return out.getvalue()


def as_workbook(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """An Excel workbook (.xlsx): words are stored as words, so no cell is a formula or a link."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("scamtext")
    sheet.freeze_panes = "A2"
    for line in _lines(columns, rows):
        cells = []
        for value in line:
            stored = WriteOnlyCell(sheet, visible(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                stored.data_type = "s"
            cells.append(stored)
        sheet.append(cells)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def as_objects(columns: Sequence[str], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """An object a row: the columns of the input, then the fields of its verdict (none where it could not be read)."""
    columns = distinct(columns)
    objects = []
    for cells, text, verdict in rows:
        plain = dict(zip(columns, map(jsonable, cells), strict=True))
        ours = {} if verdict is None else verdict.to_dict()
        for item in ours.get("evidence", ()):
            item["text"] = text[item["start"] : item["end"]].encode("utf-8", "replace").decode()
        objects.append({**plain, **dict(zip(renamed(tuple(ours), columns), ours.values(), strict=True))})
    return objects


def distinct(columns: Sequence[str]) -> list[str]:
    """The names of the columns; one that comes again gets a number."""
    names: list[str] = []
    for name in columns:
        count, candidate = 1, name
        while candidate in names:
            count += 1
            candidate = f"{name}_{count}"
        names.append(candidate)
    return names


def renamed(ours: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Names of ours beside the columns of an input, each of its own."""
    taken, names = set(columns), []
    for name in ours:
        while name in taken:
            name = _OURS + name
        taken.add(name)
        names.append(name)
    return names


def values(text: str, verdict: Verdict) -> tuple[Any, ...]:
    """The values of `COLUMNS` for one verdict."""
    first = verdict.scam_types[0]
    tactics = ";".join(t.id for t in verdict.tactics if t.probability >= LIKELY)
    script = next((s.script for s in verdict.similar if s.scam_type == first.id), "")
    words = " / ".join(text[e.start : e.end].replace("\n", " ") for e in verdict.strongest(3))
    return (
        verdict.level, verdict.probability, verdict.prior, verdict.log_odds, first.id,
        japanese_name("scam_types", first.id), first.probability, script, tactics, words, verdict.insufficient,
        verdict.cleaned, str(verdict.signature),
    )  # fmt: skip


def _lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterable[list[Any]]:
    yield [*columns, *renamed(COLUMNS, columns)]
    for cells, text, verdict in rows:
        ours = (None,) * len(COLUMNS) if verdict is None else values(text, verdict)
        yield [*map(flat, cells), *ours]


def flat(value: Any) -> Any:
    """A value that a spreadsheet cell can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, dict | list):
        return json.dumps(jsonable(value), ensure_ascii=False)
    return str(value)


def jsonable(value: Any) -> Any:
    """A value that JSON can hold: dates and the like in words, no NaN."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, bool | int | float) else str(value)
