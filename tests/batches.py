"""What the tests of batches share: inputs, a driver in a process of its own, and all rows of an output."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import ROOT

WORDS = ["還付金がありますのでATMで手続きをしてください", "夕飯は何時になりますか、駅まで迎えに行きます", "口座が犯罪に使われています"]


def text(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]}、受付{number}番です。"


def write_lines(path: Path, n_rows: int, first: int = 0) -> Path:
    rows = ({"id": n, "text": text(n)} for n in range(first, first + n_rows))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "classifier.cli", "batch", *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def run(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), env=environment(), capture_output=True, text=True, check=False, **options)


def start(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=_heed_interrupts,
    )  # fmt: skip


def _heed_interrupts() -> None:
    """A shell that put the tests into the background made their children deaf to SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for_parts(output: Path, least: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when so many parts are written and the driver still works."""
    until = time.monotonic() + 120
    while len(list((output / "parts").glob("part-*"))) < least:
        assert process.poll() is None, "the batch ended before it could be disturbed"
        assert time.monotonic() < until
        time.sleep(0.01)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def content(output: Path) -> dict[str, bytes]:
    """Parts, rejects and summary by name."""
    files = [*(output / "parts").iterdir(), *(output / "rejects").iterdir(), output / "summary.html"]
    return {f"{file.parent.name if file.parent != output else ''}/{file.name}": file.read_bytes() for file in files}


def rows_of(output: Path) -> list[dict[str, object]]:
    """All rows of all parts in the order of their names."""
    rows: list[dict[str, object]] = []
    for part in sorted((output / "parts").iterdir()):
        if part.suffix == ".jsonl":
            rows += map(json.loads, part.read_text(encoding="utf-8").splitlines())
        elif part.suffix == ".csv":
            with part.open(encoding="utf-8", newline="") as file:
                rows += csv.DictReader(file)
        else:
            import pyarrow.parquet

            rows += pyarrow.parquet.read_table(part).to_pylist()
    return rows


def rejects_of(output: Path) -> list[dict[str, object]]:
    files = sorted((output / "rejects").iterdir())
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
