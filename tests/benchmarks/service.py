"""How the service bears many clients: python tests/benchmarks/service.py [--clients 8] [--rate 20] [--bad 0] [--seconds 60].

Starts `scamtext serve`, sends texts of tests/cases at a steady rate from many clients, and prints answers by status,
p50 and p99 in milliseconds and the memory of the server. `--rate 0` sends as fast as the answers come.
"""

import argparse
import asyncio
import collections
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "cases").glob("*.txt"))]
BAD = [
    {"json": {"text": ""}},
    {"json": {"texts": 1}},
    {"content": b"{", "headers": {"Content-Type": "application/json"}},
    {"content": b"x" * (3 << 20)},
    {"json": {"text": "還付金"}, "headers": {"Host": "evil.example"}},
    {"json": {"text": "還付金"}, "headers": {"Origin": "https://evil.example"}},
]


def memory(process: subprocess.Popen) -> int:
    """Resident memory in KiB, where the system tells it."""
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


async def client(
    number: int, address: str, options: argparse.Namespace, taken: list, statuses: collections.Counter
) -> None:
    chance = random.Random(number)
    pause = options.clients / options.rate if options.rate else 0.0
    end = time.perf_counter() + options.seconds
    async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
        due = time.perf_counter() + chance.random() * pause
        while due < end and time.perf_counter() < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            bad = chance.random() < options.bad
            sent = chance.choice(BAD) if bad else {"json": {"text": chance.choice(TEXTS)}}
            start = time.perf_counter()
            try:
                status = str((await http.post("/score", **sent)).status_code)
            except httpx2.TransportError as error:
                status = type(error).__name__
            statuses["bad " + status if bad else status] += 1
            if not bad:
                taken.append((time.perf_counter() - start) * 1_000)
            due = max(due + pause, time.perf_counter() - 1.0) if pause else time.perf_counter()


async def load(address: str, options: argparse.Namespace) -> tuple[list, collections.Counter]:
    taken: list[float] = []
    statuses: collections.Counter = collections.Counter()
    await asyncio.gather(*(client(n, address, options, taken, statuses) for n in range(options.clients)))
    return taken, statuses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--rate", type=float, default=20.0, help="requests a second of all clients; 0: as fast as it goes"
    )
    parser.add_argument("--bad", type=float, default=0.0, help="share of bad requests")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "classifier.cli", "serve", "--port", str(port), "--rate", "100000"]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx2.get(f"{address}/health")
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        httpx2.post(f"{address}/score", json={"text": TEXTS[0]})
        before = memory(server)
        taken, statuses = asyncio.run(load(address, options))
        after = memory(server)
    finally:
        server.terminate()
        server.wait()
    cuts = statistics.quantiles(taken, n=100)
    print(
        f"{options.clients} clients, {len(taken) / options.seconds:.1f} good requests a second, {options.seconds:.0f} s"
    )
    print("answers: " + ", ".join(f"{status} × {count}" for status, count in sorted(statuses.items())))
    print(f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, ratio {cuts[98] / cuts[49]:.1f}")
    print(f"memory of the server {before} → {after} KiB")


if __name__ == "__main__":
    main()
