"""Many files, many processes, one job that can be stopped and goes on.

>>> from classifier import batch
>>> summary = batch.run(["calls/", "inbox.parquet"], "scored", workers=8)   # doctest: +SKIP

How it goes: a plan cuts every table into units (file, range of rows); a worker reads its unit, scores it and writes one part
under a temporary name, which is renamed when it is whole; the driver notes it in `manifest.sqlite`. A part is named after its
place in the input, so whoever makes it, and however often, makes the same file. joblib hands the units out, to processes
here or through its `dask` backend to a cluster. Texts and the model are never sent, only names and counts.

Units. A unit is 10,000 rows (`unit_rows`) or 32 MiB, whichever is reached first: ten seconds of work, so that a killed worker
loses little and handing out (10 ms a unit) costs a thousandth. CSV, TSV and JSONL are cut in bytes between rows; a CSV has to
be read from its beginning for that, because quotation marks hide line breaks, and the plan does it once, hashing the file as it
goes. Parquet is cut between row groups (those of more than 40,000 rows inside, which costs reading them from their beginning
again); a workbook, a table of utterances (`--call-column` …) and a file in UTF-16 or ISO-2022-JP are one unit each, within the
limits of `classifier.readers`; text files go in groups of 256. Inside a unit 256 rows are in memory at a time.

A billion messages. Measured with `tests/benchmarks/batch.py` on texts of 350 characters (1 TB of JSONL for a billion): about
850 rows a second in one process, 800 a second and process with two. That is 350 core-hours, evidence, types and tactics
included: 5.5 hours on 64 cores, or some 20 dollars where a core-hour costs 5 cents. The plan reads everything once more,
4 core-hours. The parts take half of the input's size as Parquet (they carry your columns), 0.5 TB. A worker needs 350 MB,
the driver 100 MB and 1 KB for each of 100,000 units.

What would break first, in this order: one file of 1 TB, which a single process plans for hours before the first row is scored (give a
thousand files); the driver's note of each finished unit, one transaction that reaches the disk, some 100 a second, which
is enough for 1,000 cores (beyond, `unit_rows=100_000`); a shared disk that takes 0.5 TB in 100,000 files of one folder. A
billion separate text files would break before all of these, at listing them: put texts into tables.

The same bytes come out on machines of one kind; another processor may round the last digit of a probability otherwise.
`output` is a folder that driver and workers share under one path; inputs may be addresses that fsspec knows.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.batch.driver import run
    from classifier.batch.frames import score_frame, score_frames, spark_schema

_HOMES = {"run": "driver", "score_frame": "frames", "score_frames": "frames", "spark_schema": "frames"}

__all__ = ["run", "score_frame", "score_frames", "spark_schema"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
