"""Tables in, transcripts out: a text a row, or an utterance a row."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from classifier.errors import TranscriptError
from classifier.readers.clock import seconds
from classifier.readers.columns import Columns, find_column, text_column
from classifier.readers.delimited import read_delimited
from classifier.readers.grid import Grid, Line
from classifier.readers.limits import MOST_CELL
from classifier.readers.plain import read_plain
from classifier.readers.reading import Reading, Table
from classifier.readers.records import read_json_lines, read_parquet
from classifier.readers.workbook import read_workbook
from classifier.transcript import Transcript, Utterance

_A_DATE = 1e8  # seconds; no call is that long, so it is a date with time


def read_table(content: bytes, name: str, columns: Columns) -> Reading:
    """The transcripts of a table. Raises TranscriptError where it cannot be read as a whole."""
    grid = _reader(content, name)(content, name)
    if not grid.header and grid.problems:
        raise TranscriptError(grid.problems[0])
    text = text_column(grid.header, columns, name)
    wanted = (columns.call, columns.speaker, columns.time)
    call, speaker, time = (None if column is None else find_column(grid.header, column, name) for column in wanted)
    problems = list(grid.problems)
    worded = _worded(grid, name, text, problems)
    found: list[tuple[Transcript, tuple[int, ...]]]
    if columns.utterance_a_row:
        found = list(_calls(grid, name, worded, (call, speaker, time), problems))
    else:
        found = [(read_plain(words, f"{name}: row {line.number}"), (at,)) for at, line, words in worded]
    transcripts, members = tuple(t for t, _ in found), tuple(m for _, m in found)
    rows, numbers = tuple(line.cells for line in grid.lines), tuple(line.number for line in grid.lines)
    table = Table(name, grid.header, rows, numbers, columns.utterance_a_row, call)
    return Reading(transcripts, tuple(problems), table, members)


def _reader(content: bytes, name: str) -> Callable[[bytes, str], Grid]:
    match Path(name).suffix.lower():
        case ".xlsx" | ".xlsm":
            return read_workbook
        case ".parquet":
            return read_parquet
        case ".jsonl" | ".ndjson":
            return read_json_lines
        case ".csv" | ".tsv":
            return read_delimited
        case _:
            return read_json_lines if content.lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"{" else read_delimited


def words_of(line: Line, text: int) -> str:
    """The text of a row. Raises TranscriptError with the reason alone: no text, not whole, over the limits."""
    cell = line.cells[text]
    words = "" if cell is None else cell if isinstance(cell, str) else str(cell)
    if not line.whole:
        raise TranscriptError("more cells than the table has columns")
    if not words.strip():
        raise TranscriptError("no text")
    if isinstance(cell, list | dict | bytes):
        raise TranscriptError("the cell is no text")
    if len(words) > MOST_CELL:
        raise TranscriptError(f"a cell of more than {MOST_CELL} characters")
    return words.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _worded(grid: Grid, name: str, text: int, problems: list[str]) -> Iterator[tuple[int, Line, str]]:
    """The rows that have words, with their positions; the others are named."""
    for at, line in enumerate(grid.lines):
        try:
            yield at, line, words_of(line, text)
        except TranscriptError as error:
            problems.append(f"{name}: row {line.number}: {error}")


def _calls(
    grid: Grid,
    name: str,
    worded: Iterable[tuple[int, Line, str]],
    positions: tuple[int | None, int | None, int | None],
    problems: list[str],
) -> Iterator[tuple[Transcript, tuple[int, ...]]]:
    """A transcript for each call, in the order of the calls; inside a call by time where every row has one."""
    call, speaker, time = positions
    calls: dict[str, list[tuple[int, Line, Utterance]]] = {}
    for at, line, words in worded:
        which = "" if call is None else _words(line.cells[call])
        if call is not None and not which:
            problems.append(f"{name}: row {line.number}: no call in the column {grid.header[call]!r}")
            continue
        start = None if time is None else seconds(line.cells[time])
        if time is not None and start is None and _words(line.cells[time]):
            problems.append(
                f"{name}: row {line.number}: no time in the column {grid.header[time]!r}; scored without it"
            )
        who = None if speaker is None else _words(line.cells[speaker]) or None
        calls.setdefault(which, []).append((at, line, Utterance(words, who, start)))
    for turns in calls.values():
        first = min(line.number for _, line, _ in turns)
        utterances = _in_time([utterance for _, _, utterance in turns])
        yield Transcript(tuple(utterances), f"{name}: row {first}"), tuple(at for at, _, _ in turns)


def _in_time(utterances: list[Utterance]) -> list[Utterance]:
    starts = [u.start for u in utterances if u.start is not None]
    if not starts:
        return utterances
    origin = min(starts) if min(starts) >= _A_DATE else 0.0
    shifted = [Utterance(u.text, u.speaker, None if u.start is None else u.start - origin) for u in utterances]
    if len(starts) < len(utterances):
        return shifted
    return sorted(shifted, key=lambda u: u.start or 0.0)


def _words(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
