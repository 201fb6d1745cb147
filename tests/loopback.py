"""A Dask scheduler and its workers, each a process of its own, on the loopback."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Loopback:
    """Workers have one thread each, as a cluster for this work should. Ends its processes when it is left."""

    def __init__(self, n_workers: int, nanny: bool = False) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        self._folder = tempfile.TemporaryDirectory()
        self._n_workers, self._nanny = n_workers, "--nanny" if nanny else "--no-nanny"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Loopback":
        self.start_scheduler()
        for _ in range(self._n_workers):
            self.start_worker()
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self.workers, self.scheduler]:
            process.terminate()  # a nanny takes its worker along
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                kill(process)
        self._folder.cleanup()

    def start_scheduler(self) -> None:
        host, port = self.address.removeprefix("tcp://").split(":")
        self.scheduler = self._start("dask_scheduler", "--host", host, "--port", port, "--no-dashboard")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex((host, int(port))) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("no scheduler")

    def start_worker(self) -> None:
        self.workers.append(
            self._start("dask_worker", self.address, "--nthreads", "1", self._nanny, "--no-dashboard")
        )

    def kill_worker(self) -> None:
        kill(self.workers.pop(0))

    def restart(self) -> None:
        """The scheduler is killed and comes back with other workers, as a cluster's supervisor does it."""
        for process in [self.scheduler, *self.workers]:
            kill(process)
        self.workers.clear()
        self.__enter__()

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
            cwd=self._folder.name,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
