"""Verdicts as JSON, JSON lines and CSV."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from classifier.report.safe import cell
from classifier.report.wording import LIKELY
from classifier.taxonomy import japanese_name
from classifier.verdict import Verdict

Named = tuple[str, str, Verdict]  # name of the input, its text, its verdict

COLUMNS = (
    "level", "probability", "prior", "log_odds", "scam_type", "scam_type_ja", "scam_type_probability", "tactics",
    "evidence", "insufficient", "cleaned", "signature",
)  # fmt: skip


def as_json(named: Sequence[Named]) -> str:
    """One object for one input, a list for several."""
    plain = [_object(*item) for item in named]
    return json.dumps(plain[0] if len(plain) == 1 else plain, ensure_ascii=False, indent=1) + "\n"


def as_jsonl(named: Iterable[Named]) -> str:
    """One object a line."""
    return "".join(json.dumps(_object(*item), ensure_ascii=False) + "\n" for item in named)


def as_csv(named: Iterable[Named]) -> str:
    """A table with a row for each input, for a spreadsheet: cells are never read as formulas."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["name", *COLUMNS])
    for name, text, verdict in named:
        table.writerow([cell(value) for value in (name, *row(text, verdict))])
    return out.getvalue()


def row(text: str, verdict: Verdict) -> tuple[Any, ...]:
    """The values of `COLUMNS` for one verdict."""
    first = verdict.scam_types[0]
    tactics = ";".join(t.id for t in verdict.tactics if t.probability >= LIKELY)
    words = " / ".join(text[e.start : e.end].replace("\n", " ") for e in verdict.strongest(3))
    return (
        verdict.level, verdict.probability, verdict.prior, verdict.log_odds, first.id,
        japanese_name("scam_types", first.id), first.probability, tactics, words, verdict.insufficient,
        verdict.cleaned, str(verdict.signature),
    )  # fmt: skip


def _object(name: str, text: str, verdict: Verdict) -> dict[str, Any]:
    plain = verdict.to_dict()
    for item in plain["evidence"]:
        item["text"] = text[item["start"] : item["end"]].encode("utf-8", "replace").decode()
    return {"name": name, **plain}
