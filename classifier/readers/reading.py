"""What one input held."""

from dataclasses import dataclass
from typing import Any

from classifier.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table as they stand in it. `call` is the position of the column that names the call."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: tuple[int, ...]  # of each row, as the file counts them from 1
    utterance_a_row: bool = False
    call: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The transcripts of one input. `problems` name what could not be read, with its row, one line each."""

    transcripts: tuple[Transcript, ...]
    problems: tuple[str, ...] = ()
    table: Table | None = None
    members: tuple[tuple[int, ...], ...] = ()  # for each transcript of a table, the positions of its rows
