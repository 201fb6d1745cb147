"""Where the rows of a large CSV, TSV or JSONL file begin and end, in bytes.

A line break inside quotation marks is no end of a row, so a CSV can be cut only by somebody who has read it from its
beginning. No CSV library tells offsets; this counts quotation marks and line breaks, nothing else, and leaves the cells
of each row to the `csv` module. The bytes of `"`, line breaks and separators never lie inside a character of UTF-8,
Shift_JIS or EUC-JP, so nothing is decoded.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

MOST_ROW = 16 * 1024**2  # bytes; a longer row is passed over without being held
_BLOCK = 1024**2
_BREAK = re.compile(rb"\r\n|\r|\n")
_QUOTE_OR_BREAK = re.compile(rb'"|\r\n|\r|\n')


class Piece(NamedTuple):
    """A row as it stands in the file, with its line break; `content` is None where it is longer than `MOST_ROW`."""

    start: int
    stop: int
    content: bytes | None


def pieces(file: IO[bytes], start: int, stop: int, separator: bytes | None) -> Iterator[Piece]:
    """The rows from `start`, the beginning of one, up to `stop`. Without a `separator` each line is a row."""
    ends = _line_ends if separator is None else _QuotedEnds(separator)
    file.seek(start)
    held: list[bytes] = []
    begin, size, at = start, 0, start
    while at < stop:
        block = file.read(min(_BLOCK, stop - at))
        if not block:
            break
        if block.endswith(b"\r") and at + len(block) < stop:
            block += file.read(1)
        cut = 0
        for end in ends(block):
            size += end - cut
            if size <= MOST_ROW:
                held.append(block[cut:end])
            yield Piece(begin, at + end, b"".join(held) if size <= MOST_ROW else None)
            held, begin, size, cut = [], at + end, 0, end
        size += len(block) - cut
        held = [*held, block[cut:]] if size <= MOST_ROW else []
        at += len(block)
    if size:
        yield Piece(begin, at, b"".join(held) if size <= MOST_ROW else None)


def _line_ends(block: bytes) -> Iterator[int]:
    return (match.end() for match in _BREAK.finditer(block))


class _QuotedEnds:
    """Ends of rows in block after block. 「5" 管」 holds a quotation mark that opens nothing: it does not begin a cell."""

    def __init__(self, separator: bytes) -> None:
        self._opens_after = separator + b"\r\n"
        self._before = b"\n"  # the last byte of the block before
        self._open = False
        self._just_closed = False  # the next mark, if it follows at once, is a doubled one: the cell goes on

    def __call__(self, block: bytes) -> Iterator[int]:
        closed_at = -1 if self._just_closed else -2
        for match in _QUOTE_OR_BREAK.finditer(block):
            at = match.start()
            if match[0] != b'"':
                if not self._open:
                    yield match.end()
            elif self._open:
                self._open, closed_at = False, at
            else:
                before = block[at - 1 : at] if at else self._before
                self._open = closed_at == at - 1 or before in self._opens_after
        self._before = block[-1:]
        self._just_closed = closed_at == len(block) - 1
