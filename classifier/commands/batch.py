"""`scamtext batch`."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from classifier.commands.common import add_columns, add_model, add_prior, command, fail

_FORMATS = ("parquet", "jsonl", "csv")
_MOST_TOLD = 20  # rejects said line by line


def add(commands: Any) -> None:
    example = "scamtext batch calls/ messages.csv --output scored/ --workers 2   (again after a stop: it goes on)"
    parser = command(
        commands, "batch", run, "score any number of files into a folder, with many processes", example, extra="batch"
    )
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="files and tables that score reads, folders, globs, fsspec addresses"
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="DIR", help="parts, rejects, manifest and summary go there"
    )
    parser.add_argument("--format", choices=_FORMATS, default="parquet", help="of the parts (default: parquet)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes here (default: one for each core)")
    parser.add_argument(
        "--cluster",
        metavar="tcp://…",
        help="a Dask scheduler; its workers see inputs, model and DIR under the same paths",
    )
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on where an earlier run in DIR stopped (default); --no-resume replaces it",
    )
    parser.add_argument(
        "--unit-rows", type=int, default=10_000, metavar="N", help="rows of a unit and so of a part (default: 10000)"
    )
    add_model(parser)
    add_prior(parser)
    parser.add_argument("--redact", action="store_true", help="mask numbers, mail addresses and names in the parts")
    add_columns(parser)


def run(options: argparse.Namespace) -> int:
    from classifier import batch
    from classifier.batch.driver import SUMMARY, told_rejects
    from classifier.readers import Columns
    from classifier.report.batch import as_batch_text

    if options.cluster:
        options.extra = "cluster"
        import logging

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is lost is run again, or told in one line
    with _bar() as progress:
        summary = batch.run(
            options.inputs,
            options.output,
            format=options.format,
            workers=options.workers,
            cluster=options.cluster,
            model=options.model,
            prior=options.prior,
            columns=Columns(options.text_column, options.call_column, options.speaker_column, options.time_column),
            redact=options.redact,
            unit_rows=options.unit_rows,
            resume=options.resume,
            progress=progress,
        )
    for line in told_rejects(options.output, _MOST_TOLD):
        fail(line)
    if summary.rejected > _MOST_TOLD:
        fail(f"… and {summary.rejected - _MOST_TOLD} more in {options.output / 'rejects'}")
    for problem in summary.problems[:_MOST_TOLD]:
        fail(problem)
    if len(summary.problems) > _MOST_TOLD:
        fail(f"… and {len(summary.problems) - _MOST_TOLD} more units or files, in {options.output / 'manifest.sqlite'}")
    sys.stdout.write(as_batch_text(summary))
    sys.stdout.write(f"{options.output / SUMMARY}\n")
    return 0 if summary.complete else 1


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Rate and time left on a terminal, nothing in a pipe. What an earlier run did does not count for the rate."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(stage: str, done: int, known: int) -> None:
        if stage not in bars:
            for earlier in bars.values():
                earlier.close()
            unit = "file" if stage == "plan" else "row"
            bars[stage] = tqdm(
                total=known, initial=done, unit=unit, desc=stage, unit_scale=unit == "row", disable=None, smoothing=0.05
            )
            return
        bars[stage].total = known
        bars[stage].update(done - bars[stage].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()
