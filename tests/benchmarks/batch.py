"""Rows a second and peak memory of `scamtext batch`: `python tests/benchmarks/batch.py [--rows N …] [--ratios] [--json FILE]`.

Texts are cut from our own corpus, about 350 characters each. Every run is a process of its own on one JSONL file under
the temporary folder; peak memory is that of the driver and of the largest of its workers. Times move with the machine,
so compare the ratios: two processes against one, and Dask with two workers against one process.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from loopback import Loopback  # noqa: E402

LENGTHS = (120, 200, 300, 400, 500, 580)  # characters; 350 on average


def pool_of_texts() -> str:
    """All texts of the corpus that read like speech or mail, one after another."""
    records = []
    for path in sorted((ROOT / "datasets").glob("[bs]*/*.jsonl")):
        records += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(0).shuffle(records)
    return "\n".join(records)


def write_texts(path: Path, n_rows: int) -> float:
    """Writes the input; the mean length of its texts."""
    pool, chance, letters = pool_of_texts(), random.Random(1), 0
    with path.open("w", encoding="utf-8") as file:
        for row in range(n_rows):
            length = chance.choice(LENGTHS)
            start = chance.randrange(len(pool) - length)
            text = pool[start : start + length].strip() or "はい"
            letters += len(text)
            file.write(json.dumps({"id": row, "text": text}, ensure_ascii=False) + "\n")
    return letters / n_rows


class Watch:
    """Peak memory, in MB, of a process and of the processes it started."""

    def __init__(self, pid: int, others: list[int]) -> None:
        self.pid, self.others = pid, others
        self.driver = self.worker = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(0.2):
            self.driver = max(self.driver, peak(self.pid))
            for pid in [*children(self.pid), *(c for other in self.others for c in [other, *children(other)])]:
                self.worker = max(self.worker, peak(pid))


def peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def children(pid: int) -> list[int]:
    try:
        found = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*found, *(below for child in found for below in children(child))]


def measured(source: Path, folder: Path, arguments: list[str], others: list[int], form: str) -> dict[str, float]:
    output = folder / "out"
    command = [sys.executable, "-m", "classifier.cli", "batch", str(source), "--output", str(output), "--format", form]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    process = subprocess.Popen([*command, *arguments], env=environment, stdout=subprocess.DEVNULL)
    with Watch(process.pid, others) as watch:
        if process.wait():
            raise SystemExit("the batch failed")
    taken = time.perf_counter() - start
    size = sum(part.stat().st_size for part in (output / "parts").iterdir())
    shutil.rmtree(output)
    return {"seconds": taken, "driver MB": watch.driver, "worker MB": watch.worker, "output MB": size / 1024**2}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000])
    parser.add_argument("--format", default="parquet")
    parser.add_argument("--ratios", action="store_true", help="one process, two, and Dask with two, on the first --rows")
    parser.add_argument("--rounds", type=int, default=1, help="of the ratios, in turns; medians are shown")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "texts.jsonl"
        if options.ratios:
            rows.update(ratios(source, folder, options))
        for n_rows in options.rows:
            rows[f"{n_rows}: characters a text"] = write_texts(source, n_rows)
            found = measured(source, folder, ["--workers", "2"], [], options.format)
            rows[f"{n_rows}: rows a second, two processes"] = n_rows / found.pop("seconds")
            rows.update({f"{n_rows}: {what}": value for what, value in found.items()})
            source.unlink()
            print(f"{n_rows} rows:", json.dumps(rows), file=sys.stderr)
    for what, value in rows.items():
        print(f"{what:60s} {value:12.4g}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def ratios(source: Path, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    from distributed import Client

    n_rows = options.rows[0]
    write_texts(source, n_rows)
    times: dict[str, list[float]] = {"one process": [], "two processes": [], "Dask, two workers": []}
    for _ in range(options.rounds):
        for what, workers in (("one process", "1"), ("two processes", "2")):
            times[what].append(measured(source, folder, ["--workers", workers], [], options.format)["seconds"])
        with Loopback(2) as cluster:
            with Client(cluster.address, set_as_default=False) as client:
                client.wait_for_workers(2)  # a cluster stands before a batch begins
            pids = [worker.pid for worker in cluster.workers]
            found = measured(source, folder, ["--cluster", cluster.address], pids, options.format)
            times["Dask, two workers"].append(found["seconds"])
    median = {what: sorted(values)[len(values) // 2] for what, values in times.items()}
    one = median["one process"]
    return {
        **{f"{n_rows}: rows a second, {what}": n_rows / taken for what, taken in median.items()},
        "two processes / one": one / median["two processes"],
        "Dask with two workers / one process": one / median["Dask, two workers"],
    }


if __name__ == "__main__":
    main()
