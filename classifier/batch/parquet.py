"""Parquet in stretches of row groups."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from classifier.errors import TranscriptError
from classifier.readers.grid import check_width

_BUFFER = 1024**2  # bytes of a column held at once, however large the row group


def plan_parquet(
    file: IO[bytes], name: str, unit_rows: int, wide: int
) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """Names of the columns, and ranges of rows. Small row groups are put together, very large ones cut."""
    with _readable(name):
        opened = _open(file)
        header = tuple(str(column) for column in opened.schema_arrow.names)
        check_width(len(header), name)
        sizes = [opened.metadata.row_group(group).num_rows for group in range(opened.metadata.num_row_groups)]
    ranges: list[tuple[int, int]] = []
    start = stop = 0
    for size in sizes:
        if size > wide * unit_rows:
            if stop > start:
                ranges.append((start, stop))
            edges = [*range(stop, stop + size, wide * unit_rows), stop + size]
            ranges += itertools.pairwise(edges)
            start = stop = stop + size
            continue
        stop += size
        if stop - start >= unit_rows:
            ranges.append((start, stop))
            start = stop
    return header, [*ranges, (start, stop)] if stop > start else ranges


def batches(file: IO[bytes], name: str, start: int, stop: int, rows_at_once: int) -> Iterator[Any]:
    """Record batches of the rows from `start` up to `stop`. Raises TranscriptError for a damaged file."""
    with _readable(name):
        opened = _open(file)
        groups: list[int] = []
        at = first = 0
        for group in range(opened.metadata.num_row_groups):
            size = opened.metadata.row_group(group).num_rows
            if at < stop and at + size > start:
                if not groups:
                    first = at
                groups.append(group)
            at += size
        at = first
        for batch in opened.iter_batches(rows_at_once, row_groups=groups, use_threads=False):
            begin, end = max(start - at, 0), min(stop - at, batch.num_rows)
            at += batch.num_rows
            if end > begin:
                yield batch.slice(begin, end - begin)
            if at >= stop:
                return


def taken(batch: Any, rows: Sequence[int]) -> Any:
    """The record batch of these rows."""
    import pyarrow

    return batch.take(pyarrow.array(rows, pyarrow.int64()))


def _open(file: IO[bytes]) -> Any:
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        import pyarrow
    except ImportError:
        raise TranscriptError(f"{name}: Parquet needs an extra: pip install 'scamtext[tables]'") from None
    try:
        yield
    except (pyarrow.ArrowException, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk, not the file
            raise
        raise TranscriptError(f"{name}: not a Parquet file, or a damaged one") from None
