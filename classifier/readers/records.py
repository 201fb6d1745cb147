"""Tables of records: JSON lines and Parquet."""

import io
from typing import Any

from classifier.errors import TranscriptError
from classifier.readers.encoding import decode
from classifier.readers.grid import Grid, Line, check_width
from classifier.readers.limits import MOST_ROWS, MOST_UNPACKED
from classifier.readers.whisper import parse_json

_ROWS_AT_ONCE = 256


def read_json_lines(content: bytes, name: str) -> Grid:
    """An object a line; keys in the order in which they first come. Lines that are no objects are named."""
    records: list[tuple[int, dict[str, Any]]] = []
    header: dict[str, None] = {}
    problems: list[str] = []
    for number, line in enumerate(decode(content, name).removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        if len(records) >= MOST_ROWS:
            raise TranscriptError(f"{name}: more than {MOST_ROWS} rows; split it")
        try:
            record = parse_json(line, f"{name}: row {number}")
        except TranscriptError as error:
            problems.append(str(error))
            continue
        if not isinstance(record, dict):
            problems.append(f"{name}: row {number}: not an object")
            continue
        records.append((number, record))
        header.update(dict.fromkeys(record))
        check_width(len(header), name)
    if not records and not problems:
        raise TranscriptError(f"{name}: empty or blank; nothing to score")
    names = tuple(header)
    return Grid(names, [Line(number, tuple(record.get(key) for key in names)) for number, record in records], problems)


def read_parquet(content: bytes, name: str) -> Grid:
    """The whole table, row by row; needs the extra `tables`."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise TranscriptError(f"{name}: Parquet needs an extra: pip install 'scamtext[tables]'") from None
    lines: list[Line] = []
    unpacked = 0
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        header = tuple(str(column) for column in file.schema_arrow.names)
        check_width(len(header), name)
        if file.metadata.num_rows > MOST_ROWS:
            raise TranscriptError(f"{name}: more than {MOST_ROWS} rows; split it")
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            unpacked += batch.nbytes
            if unpacked > MOST_UNPACKED:
                raise TranscriptError(f"{name}: unpacks to more than {MOST_UNPACKED // 1024**2} MiB; split it")
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            lines += [Line(number, cells) for number, cells in enumerate(rows, len(lines) + 1)]
    except (pyarrow.ArrowException, OSError, ValueError):
        raise TranscriptError(f"{name}: not a Parquet file, or a damaged one") from None
    return Grid(header, lines, [])
