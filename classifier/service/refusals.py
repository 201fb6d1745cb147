"""What an answer says when the answer is no. It never holds anything of what was sent."""

import sys
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from classifier.errors import ClassifierError, ColumnError, FeedbackError, TranscriptError, UnknownPrefectureError

CODES: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "the request cannot be read; send what /openapi.json describes"),
    "bad_host": (400, "the Host header names another site; reach the service by a name it was started with"),
    "token_needed": (401, "a token is needed: Authorization: Bearer TOKEN"),
    "other_origin": (403, "the request comes from another site"),
    "not_found": (404, "no such address; see /openapi.json"),
    "unknown_prefecture": (404, "no such prefecture; give a name, reading, romaji or JIS code of one of the 47"),
    "wrong_method": (405, "this address does not take that method; see /openapi.json"),
    "too_slow": (408, "the request did not arrive in time"),
    "too_large": (413, "the request is too large; split it, or use the command `scamtext score`"),
    "too_many_texts": (413, "too many texts or characters at once; split it, or use the command `scamtext score`"),
    "wrong_type": (415, "the content type is not taken here; see /openapi.json"),
    "unreadable": (422, "the file cannot be read"),
    "no_column": (422, "the table has no such column, or none is recognised as the text; name it in text_column"),
    "nothing_to_score": (422, "nothing to score: the text is empty or blank"),
    "invalid": (422, "a value is missing or not allowed; see where"),
    "too_often": (429, "too many requests; wait and try again"),
    "busy": (429, "too much work at once; wait and try again"),
    "feedback_failed": (503, "the file of corrections cannot be used now; nothing in it was changed"),
    "internal": (500, "an error inside the service; nothing was stored"),
}
_BY_STATUS = {404: "not_found", 405: "wrong_method", 413: "too_large", 415: "wrong_type"}


class Refusal(Exception):
    """A request that is not carried out; `told` replaces the usual words and must not hold what was sent."""

    def __init__(self, code: str, told: str | None = None, *, wait: int | None = None) -> None:
        super().__init__(code)
        self.code, self.told, self.wait = code, told, wait

    @property
    def status(self) -> int:
        return CODES[self.code][0]

    def answer(self, where: list[dict[str, Any]] | None = None) -> Response:
        """The JSON answer: code, message, where."""
        headers = {"Retry-After": str(self.wait or 1)} if self.status == 429 else {}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if self.status in (408, 413):
            headers["Connection"] = "close"  # the rest of the request stays unread
        return JSONResponse(
            {"code": self.code, "message": self.told or CODES[self.code][1], "where": where or []}, self.status, headers
        )


def add_refusals(app: FastAPI) -> None:
    """Every error as a refusal; the framework's own answers would echo what was sent."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> Response:
        return error.answer()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return Refusal("invalid").answer([_place(found, app) for found in error.errors()[:20]])

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        answer = Refusal(_BY_STATUS.get(error.status_code, "bad_request")).answer()
        answer.headers.update({k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"})
        return answer

    @app.exception_handler(FeedbackError)
    async def not_stored(_: Request, error: FeedbackError) -> Response:
        print(f"scamtext: {error}", file=sys.stderr)  # names the file and the reason: for the operator alone
        return Refusal("feedback_failed").answer()

    @app.exception_handler(ClassifierError)
    async def not_scored(_: Request, error: ClassifierError) -> Response:
        return refusal_of(error).answer()


def refusal_of(error: ClassifierError) -> Refusal:
    """The refusal that an error of the library means."""
    if isinstance(error, ColumnError):
        return Refusal("no_column")  # its message names columns, and a table without a header has texts there
    if isinstance(error, UnknownPrefectureError):
        return Refusal("unknown_prefecture")
    return Refusal("nothing_to_score") if isinstance(error, TranscriptError) else Refusal("internal")


def _place(found: Mapping[str, Any], app: FastAPI) -> dict[str, Any]:
    """Where a value is wrong and why; a name that the schema does not know is the client's own words."""
    known = _names(app.openapi())
    place = [part if isinstance(part, int) or part in known else "(unknown field)" for part in found["loc"]]
    return {"place": place, "problem": str(found["type"]), "message": _message(found)}


def _message(found: Mapping[str, Any]) -> str:
    limit = next(
        (found["ctx"][k] for k in ("max_length", "min_length", "gt", "lt", "ge", "le") if k in found.get("ctx", {})),
        None,
    )
    words = str(found["type"]).replace("_", " ")
    return words if limit is None else f"{words} (limit {limit})"


def _names(schema: Any) -> set[str]:
    """The names of all fields and models of the description of the API."""
    names: set[str] = {"body", "query", "path", "header", "str", "prior"}
    for name, model in schema["components"]["schemas"].items():
        names |= {name, *model.get("properties", {})}
    return names
