"""What a worker process does with a unit: read, score, write one part. It is sent by name, with names and ranges only."""

import errno
import json
import os
import shutil
from collections import Counter
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.batch.blocks import Block, blocks
from classifier.batch.job import Job, Outcome, Reject, Task
from classifier.batch.parts import digest, part_of
from classifier.errors import BatchError, ClassifierError
from classifier.report.table import values
from classifier.report.wording import LIKELY
from classifier.scam import ScamClassifier, shipped_model
from classifier.verdict import Verdict
from classifier.whole import whole

if TYPE_CHECKING:
    from classifier.redact import Redactor

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@lru_cache(maxsize=1)
def classifier_at(folder: str | None, model_digest: str) -> ScamClassifier:
    """The model, loaded once in each process: loading takes a second, a unit a few.

    It is found by its path and never sent. The cache belongs to the process because the process outlives the call, and
    joblib and Dask give a function no other place to keep something. A classifier holds no state of a text.
    """
    found = digest_of_model(folder)
    if found != model_digest:
        raise BatchError(
            f"{folder or 'the shipped model'}: another model than the batch began with; workers need the same"
        )
    return ScamClassifier.load(folder)


@lru_cache(maxsize=1)
def _redactor() -> "Redactor":
    from classifier.redact import Redactor

    return Redactor()


def digest_of_model(folder: str | None) -> str:
    """sha256 of model.json, which holds those of all arrays. Raises ModelError by way of loading when there is none."""
    path = Path(folder) if folder else shipped_model()
    try:
        return sha256((path / "model.json").read_bytes()).hexdigest()
    except OSError:
        ScamClassifier.load(path)
        raise


def score_unit(task: Task, job: Job) -> Outcome:
    """Writes the part of a unit, and its rejects if there are any. Errors come back in the outcome, in one line."""
    unit = task.unit
    try:
        return _score(task, job)
    except ClassifierError as error:
        problem = str(error)
    except OSError as error:
        writing = error.errno in _FULL or str(error.filename or "").startswith(job.output)
        problem = f"{_named(task)}: {error.strerror}" + (f" when writing to {job.output}" if writing else "")
    except MemoryError:
        problem = f"{_named(task)}: not enough memory; give --unit-rows a smaller number"
    except Exception as error:  # the edge of a process: one unit fails, not the batch; the message could hold a text
        where = error.__traceback__
        while where and where.tb_next:
            where = where.tb_next
        place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
        problem = f"{_named(task)}: {type(error).__name__} at {place}; please report it"
    return Outcome(unit.source, unit.number, planned=unit.n_rows, problem=problem)


def abandoned(task: Task) -> Outcome:
    """The outcome of a unit whose workers are killed again and again."""
    unit = task.unit
    problem = f"{_named(task)}: its workers were killed; out of memory? Give --unit-rows or --workers a smaller number"
    return Outcome(unit.source, unit.number, planned=unit.n_rows, problem=problem)


def _score(task: Task, job: Job) -> Outcome:
    output, unit = Path(job.output), task.unit
    part = output / "parts" / f"{unit.part}.{job.format}"
    rejects = output / "rejects" / f"{unit.part}.jsonl"
    _check_space(task, output)
    classifier = classifier_at(job.model, job.model_digest)
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("levels", "scam_types", "tactics", "rejects")}
    rows_in = rows_out = 0
    lost: list[Reject] = []
    with whole(part) as file:
        table = part_of(job.format, file, task.layout)
        for block in blocks(task, job):
            verdicts = classifier.classify_many([row.transcript for row in block.rows], job.prior)
            rows = _rows(block, verdicts, job)
            table.write(rows, _masked(block.batch) if job.redact else block.batch)
            for verdict in verdicts:
                _count(counts, verdict)
            rows_in += len(block.rows) + block.n_lost
            rows_out += len(rows)
            lost += block.rejects
        table.close()
        if lost:
            _write_rejects(rejects, lost)
        else:
            rejects.unlink(missing_ok=True)
    counts["rejects"].update(reject.reason.split(" (")[0] for reject in lost)  # 「not JSON (…, column 7)」
    plain = {name: dict(sorted(counter.items())) for name, counter in counts.items()}
    size = part.stat().st_size
    return Outcome(unit.source, unit.number, rows_in, rows_out, unit.n_rows, len(lost), size, digest(part), plain)


def _rows(block: Block, verdicts: list[Verdict], job: Job) -> list[Any]:
    if not job.redact:
        return [(row, values(row.transcript.text, v)) for row, v in zip(block.rows, verdicts, strict=True)]
    redactor = _redactor()
    return [
        (
            row._replace(cells=[redactor.cell(cell) for cell in row.cells]),
            values(redactor.text(row.transcript.text), verdict),
        )
        for row, verdict in zip(block.rows, verdicts, strict=True)
    ]


def _masked(batch: Any) -> Any:
    """Arrow columns of words with masks."""
    if batch is None:
        return None
    import pyarrow

    redactor = _redactor()
    columns = [
        pyarrow.array([redactor.cell(cell) for cell in column.to_pylist()], column.type)
        if pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
        else column
        for column in batch.columns
    ]
    return pyarrow.RecordBatch.from_arrays(columns, schema=batch.schema)


def _count(counts: dict[str, Counter[str]], verdict: Verdict) -> None:
    """Types and tactics are counted where something is alike: below that they say nothing."""
    counts["levels"][verdict.level] += 1
    if verdict.level != "low":
        counts["scam_types"][verdict.scam_types[0].id] += 1
        counts["tactics"].update(tactic.id for tactic in verdict.tactics if tactic.probability >= LIKELY)


def _write_rejects(path: Path, rejects: list[Reject]) -> None:
    with whole(path) as file:
        for reject in rejects:
            file.write(json.dumps(reject._asdict(), ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _check_space(task: Task, output: Path) -> None:
    """A part takes at least a quarter of what it is made from; a full disk is said before the work, not after."""
    least = (task.unit.stop - task.unit.start) // 4 if task.layout.kind in ("delimited", "lines") else 0
    if shutil.disk_usage(output).free <= least:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(output))


def _named(task: Task) -> str:
    unit = task.unit
    stretch = f" rows {unit.first_row} to {unit.first_row + unit.n_rows - 1}" if unit.n_rows else ""
    return f"{task.names[0]}:{stretch}" if task.layout.kind != "texts" else f"{task.names[0]} and its group"
