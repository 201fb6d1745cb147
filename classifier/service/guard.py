"""Who may ask: the host that is named, the token, the origin, the rate. And the headers of every answer."""

import sys
import traceback
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifier.service.bodies import drain
from classifier.service.counts import Counts
from classifier.service.rate import Rate
from classifier.service.refusals import Refusal
from classifier.service.sessions import Sessions
from classifier.service.settings import Settings

OPEN = ("/health", "/login")  # reached without a token, as are the static files
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would hide the origin of its own forms, too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """Stands before the whole application; what it lets through has the right to ask."""

    def __init__(self, app: ASGIApp, settings: Settings, sessions: Sessions, counts: Counts) -> None:
        self._app, self._settings, self._sessions, self._counts = app, settings, sessions, counts
        self._rate = Rate(settings.limits.rate, settings.limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(message, scope)
                self._counts.answered(message["status"])
            await send(message)

        headers = Headers(scope=scope)
        try:
            self._check(scope, headers)
        except Refusal as refusal:
            await self._refuse(refusal, scope, receive, answer)
            return
        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # the outermost edge: an error's words may hold a text, so only its place is told
            _tell(error)
            if started or scope["type"] == "websocket":
                raise SystemError("stopped in the middle of an answer") from None
            await Refusal("internal").answer()(scope, receive, answer)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = _name(headers.get("host", ""))
        if host not in self._settings.allowed_hosts:
            raise Refusal("bad_host")
        wait = self._rate.wait(_client(scope))
        if wait:
            raise Refusal("too_often", wait=wait)
        writes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if writes:
            _check_origin(headers)
        if self._settings.token is None or _is_open(scope["path"]):
            return
        if not self._sessions.admits(headers, needs_origin=writes):
            raise Refusal("token_needed")

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.code})
            return
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            await drain(scope, receive)
        answer: Response = refusal.answer()
        if refusal.code == "token_needed" and scope["path"] == "/" and scope["method"] == "GET":
            answer = RedirectResponse("/login", 303)
        await answer(scope, receive, send)

    def _dress(self, message: Message, scope: Scope) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers[name] = value
        if "cache-control" not in headers:
            headers["Cache-Control"] = "no-store"
        if self._settings.certificate is not None:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _client(scope: Scope) -> str:
    """Who asks, as far as the rate is concerned."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _is_open(path: str) -> bool:
    return path in OPEN or path.startswith("/static/")


def _check_origin(headers: Headers) -> None:
    """A browser says from which site a request comes; programs say nothing."""
    origin = headers.get("origin")
    if origin is None:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refusal("other_origin")
        return
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != headers.get("host", "").lower():
        raise Refusal("other_origin")


def _name(host: str) -> str:
    """localhost:8000 → localhost, [::1]:8000 → ::1."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _tell(error: BaseException) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    print(f"scamtext: internal error {type(error).__name__} at {place.filename}:{place.lineno}", file=sys.stderr)
