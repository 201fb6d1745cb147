"""The texts behind the verdicts that `scamtext score` wrote: in a column of theirs, or in the files they name."""

from pathlib import Path

from classifier.errors import TranscriptError
from classifier.readers import Columns, read, read_file
from classifier.readers.columns import find_column
from classifier.readers.reading import Reading

_OURS = ("signature", "log_odds", "level")  # every table of verdicts has these


def read_scored(path: str | Path, columns: Columns | None = None) -> Reading:
    """All texts of any input that `read` takes; of verdicts without texts, those of the files in the column `name`.

    Raises TranscriptError as `read` does; a file that is gone is a problem of its row.
    """
    try:
        return read(path, columns)
    except TranscriptError as error:
        verdicts = _verdicts(path) if columns is None or columns.text is None else None
        if verdicts is None:
            raise error from None
        return verdicts


def _verdicts(path: str | Path) -> Reading | None:
    """The texts of the files that a table of verdicts names; None where it is no such table."""
    try:
        reading = read(path, Columns(text="name"))
        if reading.table is None or any(find_column(reading.table.columns, name, "") < 0 for name in _OURS):
            return None
    except TranscriptError:
        return None
    transcripts, problems = [], list(reading.problems)
    for transcript in reading.transcripts:
        try:
            transcripts.append(read_file(transcript.text))
        except TranscriptError as error:
            problems.append(f"{transcript.name}: its text is not in the table, and {error}")
    return Reading(tuple(transcripts), tuple(problems))
