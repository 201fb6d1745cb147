"""Tasks to worker processes and what they bring back: joblib, with loky here or Dask on a cluster.

joblib hands out a few tasks ahead, so the driver's memory does not grow with their number. What is added here is patience:
when a worker is killed or a scheduler goes away, the tasks that did not come back are handed out again. A task may so be
run twice; both runs write the same bytes to the same place.
"""

import concurrent.futures
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from classifier.errors import BatchError

Given = TypeVar("Given")
Brought = TypeVar("Brought")

_MOST_DEATHS = 3  # in a row, without one task finished between them
_PATIENCE = 120.0  # seconds that a cluster may be away
_AHEAD = 2  # tasks handed out for each worker


class Lost(Exception):
    """Workers or the scheduler went away; the tasks that are left can be handed out again."""


class Pool(Protocol):
    """Runs a function on tasks; what comes back first is first. Raises Lost."""

    def run(self, work: Callable[[Given], Brought], tasks: Iterator[Given]) -> Iterator[Brought]: ...


def patiently(pool: Pool, work: Callable[[Given], Brought], left: Callable[[], Sequence[Given]]) -> Iterator[Brought]:
    """Runs what `left()` names until nothing is left; it is asked again after each loss.

    Raises BatchError where workers die again and again without finishing one task.
    """
    deaths = 0
    while True:
        try:
            for brought in pool.run(work, iter(left())):
                deaths = 0
                yield brought
            return
        except Lost as error:
            deaths += 1
            if deaths >= _MOST_DEATHS:
                raise BatchError(
                    f"workers died {deaths} times in a row ({error}); out of memory? Fewer --workers or --unit-rows, "
                    "then run the same command again"
                ) from None


class Here:
    """Processes of this machine; with one, no other process is started."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers

    def run(self, work: Callable[[Given], Brought], tasks: Iterator[Given]) -> Iterator[Brought]:
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import BrokenProcessPool

        try:
            parallel = Parallel(
                self.n_workers, return_as="generator_unordered", batch_size=1, pre_dispatch=_AHEAD * self.n_workers
            )
            yield from parallel(delayed(work)(task) for task in tasks)
        except BrokenProcessPool:
            raise Lost("a worker process was killed") from None


class Cluster:
    """The workers of a Dask scheduler, which may come and go."""

    def __init__(self, address: str) -> None:
        self._address = address

    def run(self, work: Callable[[Given], Brought], tasks: Iterator[Given]) -> Iterator[Brought]:
        from concurrent.futures import CancelledError

        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker
        from joblib import Parallel, delayed

        with self._client() as client:
            try:
                backend = _backend(client)
                n_workers = max(1, backend.effective_n_jobs(-1))
                parallel = Parallel(
                    -1, backend=backend, return_as="generator_unordered", batch_size=1, pre_dispatch=_AHEAD * n_workers
                )
                yield from parallel(delayed(work)(task) for task in tasks)
            except (
                CancelledError,
                FutureCancelledError,
                CommClosedError,
                KilledWorker,
                TimeoutError,
                OSError,
            ) as error:
                raise Lost(type(error).__name__) from None

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
            yield client
        finally:
            client.close(timeout=2.0)


def _backend(client: Any) -> Any:
    """joblib's backend for Dask. As it is, a task whose worker was killed for good is never heard of again."""
    from joblib._dask import DaskDistributedBackend

    class Heard(DaskDistributedBackend):  # type: ignore[misc]
        def submit(self, func: Any, callback: Any = None) -> Any:
            future = super().submit(func, callback)

            def tell(done: "concurrent.futures.Future[Any]") -> None:
                error = done.exception()
                if error is not None and callback is not None:
                    callback(error)

            future.add_done_callback(tell)
            return future

    return Heard(client=client, wait_for_workers_timeout=_PATIENCE)
