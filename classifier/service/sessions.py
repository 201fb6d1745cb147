"""The token: in the header of a program, or once in the form of a browser, which then holds a cookie of its own."""

import hmac
import secrets
import time
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

COOKIE = "scamtext"
LIFE = 8 * 3600  # seconds
_MOST = 1_000


class Sessions:
    """Who has shown the token. Sessions live in memory and end with the service."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._open: OrderedDict[str, float] = OrderedDict()

    def is_token(self, given: str) -> bool:
        """Compared in constant time."""
        return self._token is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())

    def begin(self) -> str:
        """The value of a new cookie."""
        name = secrets.token_urlsafe(32)
        self._open[name] = time.monotonic() + LIFE
        while len(self._open) > _MOST:
            self._open.popitem(last=False)
        return name

    def end(self, headers: Headers) -> None:
        self._open.pop(_cookie(headers), None)

    def admits(self, headers: Headers, *, needs_origin: bool) -> bool:
        """A cookie alone does not change or score anything: the browser must say that the page itself asks."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.is_token(given.strip())
        if self._open.get(_cookie(headers), 0.0) < time.monotonic():
            return False
        return not needs_origin or "origin" in headers


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
