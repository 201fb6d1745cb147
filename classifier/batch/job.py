"""What the driver sends to workers and what comes back: names, ranges and counts, never a text and never a model."""

import json
from dataclasses import asdict, dataclass, field
from typing import Literal, NamedTuple

from classifier.batch.sources import State
from classifier.readers import Columns

Format = Literal["parquet", "jsonl", "csv"]
Kind = Literal["delimited", "lines", "parquet", "workbook", "whole", "texts"]


@dataclass(frozen=True, slots=True)
class Job:
    """What all units share. Paths are absolute: workers may stand in another folder."""

    output: str
    format: Format
    base: str  # the folder in which relative names of inputs begin
    model: str | None  # a folder; None is the shipped model
    model_digest: str
    signature: str
    prior: float | None
    columns: Columns
    redact: bool
    unit_rows: int

    def settings(self) -> dict[str, str]:
        """What must be the same when a batch goes on, by the names that a refusal tells."""
        return {
            "format": self.format,
            "model": self.signature,
            "digest of model.json": self.model_digest,
            "prior": str(self.prior),
            "columns": json.dumps(asdict(self.columns), ensure_ascii=False),
            "redact": str(self.redact),
            "unit rows": str(self.unit_rows),
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A table, or a group of text files that are too small to be a unit each."""

    number: int
    names: tuple[str, ...]
    texts: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """How the bytes of a table are to be read, found once and used by all its units."""

    kind: Kind
    header: tuple[str, ...] = ()
    text: int = 0  # position of the text
    codec: str = ""
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a source: bytes of `delimited` and `lines`, rows of `parquet`, nothing of the others. Half-open."""

    source: int
    number: int
    start: int = 0
    stop: int = 0
    first_row: int = 1  # as the file counts its rows
    n_rows: int = 0  # a plan; 0 where it is not known before reading

    @property
    def part(self) -> str:
        """The name of its files; it does not depend on what was done before."""
        return f"part-{self.source:06d}-{self.number:06d}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A source cut into units, or why it cannot be read."""

    source: int
    states: tuple[State, ...] = ()
    digests: tuple[str, ...] = ()  # sha256 of each file
    layout: Layout | None = None
    units: tuple[Unit, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """All that a worker needs to know of a unit."""

    unit: Unit
    names: tuple[str, ...]
    states: tuple[State, ...]
    layout: Layout


class Reject(NamedTuple):
    """A row or a file that could not be read. The reason never holds words of the text."""

    name: str
    row: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a unit. `counts` holds the numbers of the summary: (group, label) → rows."""

    source: int
    number: int
    rows_in: int = 0
    rows_out: int = 0
    planned: int = 0  # rows that were expected
    rejected: int = 0
    size: int = 0  # bytes of the part file
    digest: str = ""  # its sha256
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problem: str | None = None
