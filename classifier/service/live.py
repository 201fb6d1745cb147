"""WS /monitor: a call while it goes on, utterance by utterance."""

import asyncio
import json
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from classifier.monitor import Monitor
from classifier.report.live import as_event
from classifier.report.wording import HEIGHTS
from classifier.service.rate import Rate
from classifier.service.refusals import Refusal
from classifier.service.schemas import LiveMessage
from classifier.service.scoring import Scorer
from classifier.signals import find_signals
from classifier.transcript import Utterance
from classifier.verdict import Level

TOO_LATE, TOO_MANY, BUSY = 4408, 4429, 1013  # why the service ends a call


class Call:
    """One call: its monitor and the highest level it has reached."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._highest: Level = "low"
        self.count = 0

    def hear(self, utterance: Utterance) -> dict[str, Any]:
        """The event of one more utterance, as `scamtext watch --jsonl` writes it."""
        self.count += 1
        verdict = self._monitor.feed(utterance)
        reached = verdict.level if HEIGHTS[verdict.level] > HEIGHTS[self._highest] else None
        self._highest = reached or self._highest
        signals = find_signals(utterance.text)
        return as_event(self.count, utterance, verdict, signals, reached, self._monitor.stretch.text)


def router(scorer: Scorer) -> APIRouter:
    """The live endpoint."""
    api = APIRouter()
    limits = scorer.limits
    calls: set[WebSocket] = set()

    async def follow(socket: WebSocket) -> None:
        call, rate = Call(scorer.classifier.monitor()), Rate(limits.rate, limits.burst)
        while True:
            received = await asyncio.wait_for(socket.receive_text(), limits.idle)
            while rate.wait(""):  # a recogniser that is too fast waits: what is not read yet stays with it
                await asyncio.sleep(1.0 / limits.rate)
            if call.count >= limits.utterances:
                await socket.close(TOO_MANY, "too_many")
                return
            try:
                message = LiveMessage.model_validate(_parsed(received))
                if message.prior is not None:
                    if call.count:
                        raise Refusal("invalid", "the prior is chosen before the first utterance")
                    call = Call(scorer.classifier.monitor(message.prior))
                if message.text and message.text.strip():
                    utterance = Utterance(message.text, message.speaker, message.start)
                    event = await scorer.run(call.hear, utterance)
                    scorer.counts.utterances += 1
                    await socket.send_json(event)
            except ValidationError:
                refusal = Refusal("invalid", "send {text, speaker?, start?} or {prior}; see /openapi.json")
                await socket.send_json(_told(refusal))
            except Refusal as refusal:
                await socket.send_json(_told(refusal))

    @api.websocket("/monitor")
    async def monitor(socket: WebSocket) -> None:
        await socket.accept()
        if len(calls) >= limits.calls:
            await socket.close(BUSY, "busy")
            return
        calls.add(socket)
        try:
            await follow(socket)
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            await socket.close(TOO_LATE, "idle")
        except (KeyError, RuntimeError):  # bytes instead of text, or the client went while it was answered
            if socket.client_state is WebSocketState.CONNECTED:
                await socket.close(1003, "text_only")
        finally:
            calls.discard(socket)

    return api


def _parsed(received: str) -> Any:
    try:
        return json.loads(received)
    except (ValueError, RecursionError):
        raise Refusal("bad_request", "not JSON") from None


def _told(refusal: Refusal) -> dict[str, Any]:
    return {"error": refusal.code, "message": refusal.told or ""}
