"""Verdicts as JSON, JSON lines and CSV."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from classifier.report.table import Row, as_csv_table, as_objects
from classifier.verdict import Verdict

Named = tuple[str, str, Verdict]  # name of the input, its text, its verdict


def as_json(named: Sequence[Named]) -> str:
    """One object for one input, a list for several."""
    plain = as_objects(("name",), _rows(named))
    return json_text(plain[0] if len(plain) == 1 else plain)


def as_jsonl(named: Iterable[Named]) -> str:
    """One object a line."""
    return json_lines(as_objects(("name",), _rows(named)))


def as_csv(named: Iterable[Named]) -> str:
    """A table with a row for each input, for a spreadsheet: cells are never read as formulas."""
    return as_csv_table(("name",), _rows(named))


def json_text(plain: Any) -> str:
    """JSON for people and programs, with a line break at its end."""
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def json_lines(objects: Iterable[Any]) -> str:
    """An object a line."""
    return "".join(json.dumps(plain, ensure_ascii=False) + "\n" for plain in objects)


def _rows(named: Iterable[Named]) -> list[Row]:
    return [Row((name,), text, verdict) for name, text, verdict in named]
