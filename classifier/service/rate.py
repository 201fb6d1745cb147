"""How often one client may ask: a bucket of tokens that fills with time."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_CLIENTS = 10_000  # remembered; the one that was silent longest is forgotten first


class Rate:
    """`rate` requests in a second on the average, `burst` at once, for each client."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._now = rate, burst, now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens left, when

    def wait(self, client: str) -> int:
        """0 where the client may ask now, otherwise the seconds to wait, 1 or more."""
        now = self._now()
        left, before = self._buckets.pop(client, (float(self._burst), now))
        left = min(float(self._burst), left + (now - before) * self._rate)
        allowed = left >= 1.0
        self._buckets[client] = (left - 1.0 if allowed else left, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - left) / self._rate))
