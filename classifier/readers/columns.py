"""Which columns of a table hold what."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.errors import ColumnError

TEXT_NAMES = (
    "text", "本文", "内容", "メッセージ", "transcript", "書き起こし", "文字起こし", "発話", "発話内容", "message",
)  # fmt: skip
_LONGEST_NAME = 30  # a longer cell in the first row is a text, and texts are not shown


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns. `text` is recognised where it is None.

    With `call` the rows of one call become one transcript, an utterance a row; with `speaker` or `time` alone the whole
    table is one call.
    """

    text: str | None = None
    call: str | None = None
    speaker: str | None = None
    time: str | None = None

    @property
    def utterance_a_row(self) -> bool:
        """Rows are utterances, not texts of their own."""
        return bool(self.call or self.speaker or self.time)


def text_column(header: Sequence[str], columns: Columns, name: str) -> int:
    """The position of the text. Raises ColumnError with the columns that exist."""
    if columns.text is not None:
        return find_column(header, columns.text, name)
    folded = [_folded(column) for column in header]
    for known in TEXT_NAMES:
        if known in folded:
            return folded.index(known)
    raise ColumnError(f"{name}: which column is the text? Choose with --text-column; {named(header)}")


def find_column(header: Sequence[str], wanted: str, name: str) -> int:
    """The position of a column. Raises ColumnError with the columns that exist."""
    folded = [_folded(column) for column in header]
    if wanted in header:
        return list(header).index(wanted)
    if _folded(wanted) in folded:
        return folded.index(_folded(wanted))
    raise ColumnError(f"{name}: no column {wanted!r}; {named(header)}")


def _folded(column: str) -> str:
    return unicodedata.normalize("NFKC", column).strip().casefold()


def named(header: Sequence[str]) -> str:
    """The names of the columns for a message; the first row of a table without names is text, which is not shown."""
    if any(len(column) > _LONGEST_NAME for column in header):
        return "the first row does not look like names of columns; add a row of names above it"
    return "columns: " + ", ".join(header[:50]) + (" …" if len(header) > 50 else "")
