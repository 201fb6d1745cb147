"""`run`: plans a batch, hands its units out, notes what comes back."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from classifier.batch import manifest as manifests
from classifier.batch.job import Format, Job, Plan, Source
from classifier.batch.manifest import Manifest
from classifier.batch.plan import UNIT_ROWS, plan, sources_of
from classifier.batch.processes import Cluster, Here, Pool, patiently
from classifier.batch.sources import Found, State, find, open_input, state_of
from classifier.batch.worker import abandoned, digest_of_model, score_unit
from classifier.errors import BatchError, TranscriptError
from classifier.readers import Columns
from classifier.report.batch import Summary, as_batch_html
from classifier.whole import PARTIAL, whole

SUMMARY = "summary.html"
Progress = Callable[[str, int, int], None]
"""Called with what is going on (`plan` or `score`), what is done and what is known of it: files, then rows."""


def run(
    inputs: Sequence[str | Path],
    output: str | Path,
    *,
    format: Format = "parquet",
    workers: int | None = None,
    cluster: str | None = None,
    model: str | Path | None = None,
    prior: float | None = None,
    columns: Columns | None = None,
    redact: bool = False,
    unit_rows: int = UNIT_ROWS,
    resume: bool = True,
    progress: Progress | None = None,
) -> Summary:
    """Scores files, folders, globs and tables into the folder `output`; goes on where an earlier run stopped.

    `output` gets `parts/` (one table a unit), `rejects/` (JSON lines: name, row, reason), `manifest.sqlite` and
    `summary.html`. `workers` are processes of this machine, one for each core unless a number is given; `cluster` is the
    address of a Dask scheduler whose workers see the inputs, the model and `output` under the same paths. Without
    `resume` an earlier batch in `output` is replaced.

    Raises BatchError where the batch cannot begin or go on, ModelError for the model. What cannot be read does not
    raise: it is counted and named in the summary, the rest is done.
    """
    folder = Path(os.path.abspath(output))
    job = _job(folder, format, model, prior, columns or Columns(), redact, unit_rows)
    found = find([str(one) for one in inputs], folder)
    sources = sources_of(found, job.columns)
    pool = _pool(workers, cluster)
    manifest = _opened(folder, resume)
    try:
        if manifest.is_new:
            manifest.begin(job, sources)
        else:
            manifest.check(job, sources, _changed(manifest, pool, job))
            for name, source in manifest.unreadable():
                if _is_readable(name, job.base):
                    manifest.plan_again(source)
        return _go_on(manifest, job, pool, found, progress or (lambda *_: None))
    finally:
        manifest.close()


def _go_on(manifest: Manifest, job: Job, pool: Pool, found: Sequence[Found], progress: Progress) -> Summary:
    folder = Path(job.output)
    _forget_missing(manifest, folder, job)
    unplanned = {source.number: source for source in manifest.unplanned()}
    if unplanned:
        progress("plan", 0, len(unplanned))
    plans = patiently(pool, partial(plan, job=job), list(unplanned.values()), _unplannable)
    for count, planned in enumerate(plans, 1):
        manifest.planned(planned, unplanned[planned.source])
        progress("plan", count, len(unplanned))
    done, known = manifest.progress()
    progress("score", done, known)
    for outcome in patiently(pool, partial(score_unit, job=job), list(manifest.tasks()), abandoned):
        manifest.finished(outcome)
        done += outcome.rows_in
        known += 0 if outcome.problem else outcome.rows_in - outcome.planned
        progress("score", done, known)
    _sweep(folder, ".*" + PARTIAL)
    missing = _forget_missing(manifest, folder, job)
    if missing:
        raise BatchError(
            f"{folder}: {missing} parts are not there; workers and this machine must share this folder under one path"
        )
    summary = manifest.summary(found)
    with whole(folder / SUMMARY) as file:
        file.write(as_batch_html(summary).encode("utf-8", "replace"))
    return summary


def _unplannable(source: Source) -> Plan:
    return Plan(source.number, problem=f"{source.names[0]}: the workers that read it were killed; out of memory?")


def _job(
    folder: Path,
    form: Format,
    model: str | Path | None,
    prior: float | None,
    columns: Columns,
    redact: bool,
    unit_rows: int,
) -> Job:
    from classifier.scam import ScamClassifier

    if unit_rows < 1:
        raise BatchError(f"a unit of {unit_rows} rows; at least 1")
    if prior is not None and not 0.0 < prior < 1.0:
        raise BatchError(f"prior {prior} is not between 0 and 1")
    if form == "parquet":
        import pyarrow.parquet  # noqa: F401  # missing packages are said before anything is written
    chosen = None if model is None else os.path.abspath(model)
    signature = str(ScamClassifier.load(chosen).signature)
    return Job(
        str(folder), form, os.getcwd(), chosen, digest_of_model(chosen), signature, prior, columns, redact, unit_rows
    )


def _pool(workers: int | None, cluster: str | None) -> Pool:
    if cluster is not None:
        if workers is not None:
            raise BatchError(
                "--workers are processes of this machine; a cluster brings its own, leave one of the two out"
            )
        return Cluster(cluster)
    import joblib

    if workers is not None and workers < 1:
        raise BatchError(f"{workers} workers; at least 1")
    return Here(workers or joblib.cpu_count())


def _opened(folder: Path, resume: bool) -> Manifest:
    """The manifest, locked before anything in the folder is touched. Raises BatchError where the parts are not ours."""
    places = (folder / "parts", folder / "rejects")
    if places[0].is_dir() and any(places[0].iterdir()) and not (folder / manifests.NAME).exists():
        raise BatchError(f"{places[0]}: holds files but no {manifests.NAME}; choose another --output")
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(folder)
    if not manifest.is_new and not resume:
        manifest.close()
        for name in (manifests.NAME, SUMMARY):
            (folder / name).unlink(missing_ok=True)
        manifest = Manifest(folder)
        _sweep(folder, "part-*")
    _sweep(folder, ".*" + PARTIAL)
    return manifest


def _sweep(folder: Path, pattern: str) -> None:
    """Killed workers leave what they had begun."""
    for place in (folder / "parts", folder / "rejects"):
        for file in place.glob(pattern):
            file.unlink(missing_ok=True)


def _changed(manifest: Manifest, pool: Pool, job: Job) -> Iterator[tuple[str, State, str]]:
    """Files whose size or time of change is another one, with the digest of what is in them now."""
    suspects = {}
    for name, noted in manifest.states():
        try:
            now = state_of(name, job.base)
        except TranscriptError:
            now = State(-1, "unreadable")
        if now != noted:
            suspects[name] = now
    for name, digest in patiently(pool, partial(digest_of, base=job.base), list(suspects), lambda name: (name, "")):
        now = suspects.pop(name)
        yield name, now, digest
        manifest.restate(name, now)


def _is_readable(name: str, base: str) -> bool:
    try:
        open_input(name, base).close()
    except TranscriptError:
        return False
    return True


def digest_of(name: str, base: str) -> tuple[str, str]:
    """The name of a file and the sha256 of its content, empty where it cannot be read."""
    try:
        with open_input(name, base) as file:
            return name, hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except (TranscriptError, OSError):
        return name, ""


def _forget_missing(manifest: Manifest, folder: Path, job: Job) -> int:
    """Units whose part is gone or has another size are to be done again."""
    missing = 0
    for unit, size, rejected in manifest.done_units():
        try:
            there = (folder / "parts" / f"{unit.part}.{job.format}").stat().st_size == size
        except OSError:
            there = False
        if not there or (rejected and not (folder / "rejects" / f"{unit.part}.jsonl").is_file()):
            manifest.forget(unit)
            missing += 1
    return missing


def told_rejects(output: Path, most: int) -> Iterator[str]:
    """The first rejects in order of the units, a line each."""
    left = most
    for path in sorted((output / "rejects").glob("part-*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                if left == 0:
                    return
                left -= 1
                reject = json.loads(line)
                row = "" if reject["row"] is None else f"row {reject['row']}: "
                yield f"{reject['name']}: {row}{reject['reason']}"
