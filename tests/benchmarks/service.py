"""How the service bears many clients: python tests/benchmarks/service.py [--clients 8] [--rate 20] [--bad 0] [--seconds 60].

Starts `scamtext serve`, sends texts of tests/cases at a steady rate from many clients, and prints answers by status,
p50 and p99 in milliseconds and the memory of the server. `--rate 0` sends as fast as the answers come; `--slow N` adds
clients that send a byte now and then, `--dropped N` clients that go away in the middle. `--check` ends with 1 where an
answer was 5xx, a good request was refused, a bad one was not, p99 was over 10 times p50, or memory grew by a tenth:

    python tests/benchmarks/service.py --clients 64 --bad 0.1 --slow 8 --dropped 4 --check
"""

import argparse
import asyncio
import collections
import contextlib
import json
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
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "cases" / "texts").glob("*.txt"))]
BAD = [
    {"json": {"text": ""}},
    {"json": {"texts": 1}},
    {"content": b"{", "headers": {"Content-Type": "application/json"}},
    {"content": b"x" * (3 << 20)},
    {"json": {"text": "還付金"}, "headers": {"Host": "evil.example"}},
    {"json": {"text": "還付金"}, "headers": {"Origin": "https://evil.example"}},
]


def memory(number: int) -> int:
    """Resident memory of a process in KiB, where the system tells it."""
    status = Path(f"/proc/{number}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


async def client(
    number: int,
    address: str,
    options: argparse.Namespace,
    taken: list,
    statuses: collections.Counter,
    ready: asyncio.Barrier,
) -> None:
    chance = random.Random(number)
    pause = options.clients / options.rate if options.rate else 0.0
    async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
        await ready.wait()  # making a client takes tens of milliseconds, in which no other sees its answer
        end = time.perf_counter() + options.seconds
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


def request(number: int) -> bytes:
    """A whole request, to be sent in pieces or not to the end."""
    body = json.dumps({"text": TEXTS[number % len(TEXTS)]}).encode()
    head = f"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def slow(number: int, address: str, options: argparse.Namespace, statuses: collections.Counter) -> None:
    """Sends a byte ten times a second: the service cuts it off with 408."""
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":", 1)[1]))
        answer = asyncio.create_task(reader.readline())
        try:
            whole = request(number)
            body = whole.index(b"\r\n\r\n") + 4
            writer.write(whole[:body])
            for byte in whole[body:]:
                if answer.done() or time.perf_counter() > end:
                    break
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.1)
            if answer.done() or time.perf_counter() < end:
                statuses["slow " + (await answer).decode()[9:12]] += 1
        except OSError as error:
            statuses["slow " + type(error).__name__] += 1
        finally:
            answer.cancel()
            writer.close()


async def dropped(number: int, address: str, options: argparse.Namespace, statuses: collections.Counter) -> None:
    """Goes away without a word: in the head, in the body, or before the answer."""
    chance = random.Random(number)
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":", 1)[1]))
            whole = request(number)
            writer.write(whole[: chance.randrange(1, len(whole) + 1)])
            await writer.drain()
            await asyncio.sleep(chance.random() / 10)
            writer.transport.abort()
            statuses["dropped"] += 1
        await asyncio.sleep(0.1)


async def load(address: str, options: argparse.Namespace, number: int, middle: list) -> tuple[list, collections.Counter]:
    taken: list[float] = []
    statuses: collections.Counter = collections.Counter()

    async def look() -> None:
        """Memory is compared after the first third: until then threads and buffers are made."""
        await asyncio.sleep(options.seconds / 3)
        middle.append(memory(number))

    ready = asyncio.Barrier(options.clients)
    await asyncio.gather(
        look(),
        *(client(n, address, options, taken, statuses, ready) for n in range(options.clients)),
        *(slow(n, address, options, statuses) for n in range(options.slow)),
        *(dropped(n, address, options, statuses) for n in range(options.dropped)),
    )
    return taken, statuses


def complaints(statuses: collections.Counter, ratio: float, growth: float) -> list[str]:
    """What --check does not let pass."""
    found = [f"{status} × {count}" for status, count in statuses.items() if status.split(" ")[-1].startswith("5")]
    good = [status for status in statuses if not status.startswith(("bad ", "slow ", "dropped", "200"))]
    bad = [status for status in statuses if status.startswith("bad ") and not status.startswith("bad 4")]
    found += [f"good requests: {status}" for status in good] + [f"bad requests: {status}" for status in bad]
    if ratio > 10:
        found.append(f"p99 is {ratio:.1f} times p50")
    if growth > 1.1:
        found.append(f"memory grew {growth:.2f} times")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--rate", type=float, default=20.0, help="requests a second of all clients; 0: as fast as it goes"
    )
    parser.add_argument("--bad", type=float, default=0.0, help="share of bad requests")
    parser.add_argument("--slow", type=int, default=0, help="clients that send a byte now and then")
    parser.add_argument("--dropped", type=int, default=0, help="clients that go away in the middle")
    parser.add_argument("--check", action="store_true", help="end with 1 where it did not bear them well")
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
        before, middle = memory(server.pid), []
        taken, statuses = asyncio.run(load(address, options, server.pid, middle))
        after = memory(server.pid)
    finally:
        server.terminate()
        server.wait()
    cuts = statistics.quantiles(taken, n=100)
    print(
        f"{options.clients} clients, {len(taken) / options.seconds:.1f} good requests a second, {options.seconds:.0f} s"
    )
    print("answers: " + ", ".join(f"{status} × {count}" for status, count in sorted(statuses.items())))
    print(f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, ratio {cuts[98] / cuts[49]:.1f}")
    middle = middle or [before]
    print(f"memory of the server {before} → {middle[0]} (after a third) → {after} KiB")
    found = complaints(statuses, cuts[98] / cuts[49], after / max(1, middle[0])) if options.check else []
    for line in found:
        print("not borne well:", line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
