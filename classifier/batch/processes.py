"""Tasks to worker processes and what they bring back: joblib, with loky here or Dask on a cluster.

joblib hands out a few tasks ahead, so the driver's memory does not grow with their number. What is added here is patience:
when a worker is killed or a scheduler goes away, the tasks that did not come back are handed out again. A task may so be
run twice; both runs write the same bytes to the same place.
"""

import concurrent.futures
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from classifier.errors import BatchError

Given = TypeVar("Given")
Brought = TypeVar("Brought")

_MOST_DEATHS = 3  # of workers that had a task, before it is given up
_MOST_LOSSES = 10  # of the scheduler, without one task finished between them
_PATIENCE = 120.0  # seconds that a cluster may be away
_AHEAD = 2  # tasks handed out for each worker
_AHEAD_OF_CLUSTER = 256  # at least: its workers may become more
KILLED = "killed"  # instead of what a task brings back, where its workers were killed again and again


class Lost(Exception):
    """Workers died, or the scheduler went away (`died` is False); tasks that did not come back can be run again."""

    def __init__(self, died: bool) -> None:
        super().__init__(died)
        self.died = died


class Pool(Protocol):
    """Runs a function on tasks; what comes back first is first. Raises Lost."""

    def run(self, work: Callable[[Any], Brought], tasks: Iterable[Any]) -> Iterator[Brought]: ...


def patiently(
    pool: Pool, work: Callable[[Given], Brought], tasks: Sequence[Given], given_up: Callable[[Given], Brought]
) -> Iterator[Brought]:
    """What `work` makes of each task, once for each; `given_up(task)` for one whose workers die again and again.

    Tasks that were out when a worker died are suspects: they come after all others, in the end one at a time, so that
    the one that takes all memory does not drag others along. Raises BatchError where a cluster does not come back.
    """
    left = dict(enumerate(tasks))
    deaths: Counter[int] = Counter()
    losses = 0
    while left:
        fewest = min(deaths[number] for number in left)
        chosen = [number for number in left if deaths[number] == fewest]
        if fewest == _MOST_DEATHS - 1:
            chosen = chosen[:1]
        out: set[int] = set()
        try:
            for number, brought in pool.run(partial(_numbered, work), _noted(left, chosen, out)):
                out.discard(number)
                if number not in left:
                    continue
                losses = 0
                if brought is KILLED and len(chosen) > 1:
                    deaths[number] = _MOST_DEATHS - 1  # a task beside it may have been the one: it is run again alone
                    continue
                task = left.pop(number)
                yield given_up(task) if brought is KILLED else brought
        except Lost as lost:
            losses += not lost.died
            if losses >= _MOST_LOSSES:
                raise BatchError(
                    f"the cluster went away {losses} times in a row; run the same command again when it stays"
                ) from None
            deaths.update(out if lost.died else ())
            for number in [number for number in out if deaths[number] >= _MOST_DEATHS]:
                yield given_up(left.pop(number))


def _numbered(work: Callable[[Given], Brought], task: tuple[int, Given]) -> tuple[int, Brought]:
    return task[0], work(task[1])


def _noted(left: dict[int, Given], chosen: Sequence[int], out: set[int]) -> Iterator[tuple[int, Given]]:
    for number in chosen:
        out.add(number)
        yield number, left[number]


class Here:
    """Processes of this machine; with one, no other process is started."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers

    def run(self, work: Callable[[Any], Brought], tasks: Iterable[Any]) -> Iterator[Brought]:
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import BrokenProcessPool

        try:
            parallel = Parallel(
                self.n_workers, return_as="generator_unordered", batch_size=1, pre_dispatch=_AHEAD * self.n_workers
            )
            yield from parallel(delayed(work)(task) for task in tasks)
        except BrokenProcessPool:
            raise Lost(died=True) from None


class Cluster:
    """The workers of a Dask scheduler, which may come and go."""

    def __init__(self, address: str) -> None:
        self._address = address

    def run(self, work: Callable[[Any], Brought], tasks: Iterable[Any]) -> Iterator[Brought]:
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError
        from joblib import Parallel, delayed

        lost = (concurrent.futures.CancelledError, FutureCancelledError, CommClosedError, TimeoutError, OSError)
        try:
            with self._client() as client:
                backend = _backend(client)
                ahead = max(_AHEAD * backend.effective_n_jobs(-1), _AHEAD_OF_CLUSTER)
                parallel = Parallel(
                    -1, backend=backend, return_as="generator_unordered", batch_size=1, pre_dispatch=ahead
                )
                yield from parallel(delayed(work)(task) for task in tasks)
        except lost:
            raise Lost(died=False) from None

    @contextmanager
    def _client(self) -> Iterator[Any]:
        from distributed import Client

        until = time.monotonic() + _PATIENCE
        while True:
            try:
                client = Client(self._address, timeout=5.0, set_as_default=False)
                break
            except (OSError, TimeoutError, ValueError) as error:
                if isinstance(error, ValueError) or time.monotonic() > until:
                    raise BatchError(
                        f"{self._address}: no Dask scheduler answers there; start one or leave --cluster out"
                    ) from None
                time.sleep(1.0)
        try:
            try:
                client.wait_for_workers(1, timeout=_PATIENCE)
            except TimeoutError:
                raise BatchError(f"{self._address}: the scheduler has no workers; start some") from None
            yield client
        finally:
            client.close(timeout=2.0)


def _backend(client: Any) -> Any:
    """joblib's backend for Dask with two of its gaps closed.

    Of a task whose workers die again and again nothing is ever heard, so the driver would wait for ever. And with one
    worker joblib runs all tasks in the driver, which on a cluster is the wrong machine.
    """
    from joblib._dask import DaskDistributedBackend

    class Heard(DaskDistributedBackend):  # type: ignore[misc]
        def submit(self, func: Any, callback: Any = None) -> Any:
            future = super().submit(func, callback)

            def tell(done: "concurrent.futures.Future[Any]") -> None:
                if done.exception() is not None and callback is not None:
                    callback([(args[0][0], KILLED) for _, args, _ in func.items])

            future.add_done_callback(tell)
            return future

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

    return Heard(client=client, wait_for_workers_timeout=_PATIENCE)
