"""How much may be sent, and how slowly: a body is taken whole before anybody reads it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifier.service.refusals import Refusal
from classifier.service.settings import Limits

_MOST_DRAINED, _DRAINED_SECONDS = 32 << 20, 2.0


class Bodies:
    """Refuses what is too large (413), too slow (408), or too much of all clients together (429)."""

    def __init__(self, app: ASGIApp, limits: Limits, larger: Mapping[str, int]) -> None:
        self._app, self._limits, self._larger = app, limits, larger
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        taken: list[bytes] = []
        try:
            await asyncio.wait_for(self._take(scope, receive, taken), self._limits.seconds)
        except (Refusal, TimeoutError) as error:
            refusal = error if isinstance(error, Refusal) else Refusal("too_slow")
            self._held -= sum(map(len, taken))
            taken.clear()
            await drain(scope, receive)
            await refusal.answer()(scope, receive, send)
            return
        except _GoneError:
            self._held -= sum(map(len, taken))
            return
        held = sum(map(len, taken))
        messages: list[Message] = [{"type": "http.request", "body": b"".join(taken), "more_body": False}]
        taken.clear()

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        try:
            await self._app(scope, replay, send)
        finally:
            self._held -= held

    async def _take(self, scope: Scope, receive: Receive, taken: list[bytes]) -> None:
        most = self._larger.get(scope["path"], self._limits.body)
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared[:19]) > most:
            raise Refusal("too_large")
        length, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            chunk = message.get("body", b"")
            length += len(chunk)
            if length > most:
                raise Refusal("too_large")
            if self._held + len(chunk) > self._limits.held:
                raise Refusal("busy")
            self._held += len(chunk)
            taken.append(chunk)
            more = message.get("more_body", False)


async def drain(scope: Scope, receive: Receive) -> None:
    """Lets a refused client finish: one that is still sending when the connection closes never sees the answer."""
    if scope["type"] != "http" or "expect" in Headers(scope=scope):
        return  # a client that asks before it sends needs no patience
    with suppress(TimeoutError):
        await asyncio.wait_for(_drained(receive), _DRAINED_SECONDS)


async def _drained(receive: Receive) -> None:
    length, more = 0, True
    while more and length < _MOST_DRAINED:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)


class _GoneError(Exception):
    """The client went away."""
