"""A batch that was stopped goes on; the output is the same whatever was killed and however many worked."""

import os
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from batches import content, kill, rows_of, run, start, text, wait_for_parts, write_lines
from conftest import ROOT
from deadly import deadly

from classifier import batch
from classifier.batch.processes import KILLED, Here, patiently
from classifier.errors import BatchError

N_ROWS = 900
COMMON = ("--unit-rows", "30", "--format", "jsonl")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    half = N_ROWS // 2
    (folder / "b.csv").write_text(
        "番号,本文\n" + "".join(f'{n},"{text(n)}\n以上"\n' for n in range(half, N_ROWS)), encoding="utf-8"
    )
    return [write_lines(folder / "a.jsonl", half), folder / "b.csv"]


@pytest.fixture(scope="module")
def expected(inputs, tmp_path_factory):
    """The output of one process that nobody disturbed."""
    output = tmp_path_factory.mktemp("whole") / "out"
    batch.run(inputs, output, format="jsonl", workers=1, unit_rows=30)
    numbers = [int(row.get("id", row.get("番号"))) for row in rows_of(output)]
    assert numbers == list(range(N_ROWS))
    return content(output)


def state_counts(output: Path) -> dict[str, int]:
    with closing(sqlite3.connect(output / "manifest.sqlite")) as db:
        return dict(db.execute("select state, count(*) from units group by state"))


def test_two_processes_write_what_one_writes(tmp_path, inputs, expected):
    assert run(*inputs, "--output", tmp_path / "out", "--workers", "2", *COMMON).returncode == 0
    assert content(tmp_path / "out") == expected


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_driver_goes_on_where_it_stopped(tmp_path, inputs, expected, workers):
    arguments = [*inputs, "--output", tmp_path / "out", "--workers", workers, *COMMON]
    for least in (3, 9):
        driver = start(*arguments)
        wait_for_parts(tmp_path / "out", least, driver)
        kill(driver)
    before = state_counts(tmp_path / "out")
    assert before["done"] > 0
    assert before["planned"] > 0
    times = {part.name: part.stat().st_mtime_ns for part in (tmp_path / "out" / "parts").glob("part-*")}
    done = run(*arguments)
    assert done.returncode == 0
    assert content(tmp_path / "out") == expected
    kept = [n for n, t in times.items() if (tmp_path / "out" / "parts" / n).stat().st_mtime_ns == t]
    assert len(kept) >= before["done"]  # what was done was not done again
    assert not list((tmp_path / "out" / "parts").glob(".*"))


def test_a_killed_worker_process_is_replaced(tmp_path, inputs, expected):
    driver = start(*inputs, "--output", tmp_path / "out", "--workers", "2", *COMMON)
    wait_for_parts(tmp_path / "out", 4, driver)
    os.kill(worker_of(driver.pid), signal.SIGKILL)
    assert driver.wait(timeout=300) == 0
    assert content(tmp_path / "out") == expected


def test_a_task_that_kills_its_workers_is_given_up_alone(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    found = list(patiently(Here(2), deadly, list(range(8)), str))
    assert sorted(found, key=str) == sorted(["3", *(n * n for n in range(8) if n != 3)], key=str)


class Rough:
    """A pool that takes task 3 and all that is out beside it for dead, as Dask's scheduler may."""

    def run(self, work, tasks):
        out = list(tasks)
        dead = 3 in [task for _, task in out]
        for number, task in out:
            yield number, KILLED if dead else work((number, task))[1]


def test_what_died_beside_another_is_run_again_alone():
    found = list(patiently(Rough(), lambda task: task * task, list(range(8)), str))
    assert sorted(found, key=str) == sorted(["3", *(n * n for n in range(8) if n != 3)], key=str)


def worker_of(pid: int) -> int:
    """A process of loky below the driver."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("no /proc here")
    for child in children.read_text().split():
        if b"popen_loky" in Path(f"/proc/{child}/cmdline").read_bytes():
            return int(child)
    raise AssertionError("no worker process")


def test_a_lost_part_is_made_again(tmp_path, inputs, expected):
    arguments = [*inputs, "--output", tmp_path / "out", "--workers", "1", *COMMON]
    run(*arguments)
    parts = sorted((tmp_path / "out" / "parts").iterdir())
    parts[0].unlink()
    parts[1].write_bytes(b"")
    assert run(*arguments).returncode == 0
    assert content(tmp_path / "out") == expected


@pytest.fixture
def done(tmp_path):
    """A batch that is done: its arguments and its input."""
    source = write_lines(tmp_path / "in" / "a.jsonl" if (tmp_path / "in").mkdir() is None else tmp_path, 20)
    output = tmp_path / "out"
    batch.run([tmp_path / "in"], output, format="csv", workers=1)
    return source, output


def test_the_same_content_at_another_time_goes_on(done):
    source, output = done
    before = content(output)
    os.utime(source, (time.time(), time.time()))
    for _ in range(2):
        batch.run([source.parent], output, format="csv", workers=1)
    assert content(output) == before


CHANGES = [
    (lambda source: source.write_bytes(source.read_bytes().replace(b'"id": 7', b'"id": 8')), "a.jsonl: changed since"),
    (lambda source: write_lines(source.parent / "b.jsonl", 2), "b.jsonl: new since"),
    (lambda source: source.rename(source.parent / "c.jsonl"), "a.jsonl: missing since"),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_another_input_is_refused(done, change, told):
    source, output = done
    before = content(output)
    change(source)
    with pytest.raises(BatchError, match=told):
        batch.run([source.parent], output, format="csv", workers=1)
    assert content(output) == before


def test_another_model_is_refused_in_one_line(done):
    source, output = done
    other = output.parent / "model"
    shutil.copytree(ROOT / "models" / "scam-ja", other)
    head = (other / "model.json").read_text(encoding="utf-8")
    (other / "model.json").write_text(head.replace('"version": "', '"version": "9.'), encoding="utf-8")
    refused = run(source.parent, "--output", output, "--format", "csv", "--workers", "1", "--model", other)
    assert refused.returncode == 1
    (line,) = refused.stderr.strip().splitlines()
    assert "holds a batch with another model" in line


@pytest.mark.parametrize("options", [{"format": "jsonl"}, {"prior": 0.01}, {"unit_rows": 7}, {"redact": True}])
def test_other_options_are_refused(done, options):
    source, output = done
    with pytest.raises(BatchError, match="holds a batch with another"):
        batch.run([source.parent], output, **{"format": "csv", "workers": 1, **options})


def test_replacing_is_asked_for(done):
    source, output = done
    batch.run([source.parent], output, format="jsonl", workers=1, resume=False)
    assert {part.suffix for part in (output / "parts").iterdir()} == {".jsonl"}
    assert len(rows_of(output)) == 20


def test_parts_of_something_else_are_left_alone(tmp_path):
    write_lines(tmp_path / "a.jsonl", 2)
    (tmp_path / "out" / "parts").mkdir(parents=True)
    (tmp_path / "out" / "parts" / "mine.csv").write_text("x")
    with pytest.raises(BatchError, match="holds files but no manifest"):
        batch.run([tmp_path / "a.jsonl"], tmp_path / "out", workers=1)


def test_two_drivers_do_not_work_in_one_folder(tmp_path, inputs):
    arguments = [*inputs, "--output", tmp_path / "out", "--workers", "1", *COMMON]
    driver = start(*arguments)
    wait_for_parts(tmp_path / "out", 1, driver)
    driver.send_signal(signal.SIGSTOP)
    second = run(*arguments)
    driver.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert "another batch is working in this folder" in second.stderr
    assert second.stderr.count("\n") == 1
    assert driver.wait(timeout=300) == 0


def test_an_input_that_changes_while_the_batch_runs_is_named(tmp_path):
    source = write_lines(tmp_path / "a.jsonl", 600)
    driver = start(source, "--output", tmp_path / "out", "--workers", "1", "--unit-rows", "20")
    wait_for_parts(tmp_path / "out", 2, driver)
    write_lines(source, 600, first=1)
    assert driver.wait(timeout=300) == 1
    with closing(sqlite3.connect(tmp_path / "out" / "manifest.sqlite")) as db:
        (problem,) = db.execute("select distinct problem from units where problem is not null").fetchone()
    assert problem == f"{source}: changed since the batch was planned"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_driver_that_is_interrupted_ends_quietly(tmp_path, inputs):
    driver = start(*inputs, "--output", tmp_path / "out", "--workers", "2", *COMMON)
    wait_for_parts(tmp_path / "out", 2, driver)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(timeout=60) == 130
