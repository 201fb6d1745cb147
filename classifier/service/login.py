"""The form that takes the token of a browser. Without a token there is nothing to log in to."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from classifier.service.sessions import COOKIE, LIFE, Sessions
from classifier.service.settings import Settings
from classifier.service.view import language, rendered

_LONGEST = 4_000  # characters of the form


def router(sessions: Sessions, settings: Settings) -> APIRouter:
    """GET and POST /login, POST /logout."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/login")
    async def form(request: Request) -> Response:
        if settings.token is None:
            return RedirectResponse("/", 303)
        return rendered("login.html", language(request), wrong=False)

    @pages.post("/login")
    async def enter(request: Request) -> Response:
        body = (await request.body())[:_LONGEST].decode("utf-8", "replace")
        given = parse_qs(body).get("token", [""])[0]
        if not sessions.is_token(given.strip()):
            return rendered("login.html", language(request), status=401, wrong=True)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE,
            sessions.begin(),
            max_age=LIFE,
            httponly=True,
            samesite="strict",
            secure=settings.certificate is not None,
        )
        return answer

    @pages.post("/logout")
    async def leave(request: Request) -> Response:
        sessions.end(request.headers)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return pages
