"""POST /feedback: a reader corrects a verdict. The text is stored only with consent, with masks unless declined."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, model_validator

from classifier.feedback import MOST_TEXT, Correction, FeedbackStore
from classifier.redact import Redactor
from classifier.service.api import refusals
from classifier.taxonomy import labels

_ID = r"^[0-9a-f]{32}$"
Id = Annotated[str, Field(max_length=40)]  # of the taxonomy


class CorrectionSent(BaseModel):
    """What the text is, in the eyes of who knows it."""

    model_config = ConfigDict(extra="forbid")
    label: Literal["scam", "benign"]
    scam_type: Id | None = Field(None, description="an id that GET /model lists")
    domain: Id | None = Field(None, description="of an honest text, an id of the taxonomy")
    tactics: list[Id] = Field([], max_length=20, description="ids that GET /model lists")
    channel: Literal["phone", "sms", "email", "sns", "web", "postal", "visit"] | None = None
    consent: bool = Field(False, description="the text may be stored; without it only the labels are")
    redact: bool = Field(True, description="numbers, mail addresses and names of persons are masked before storing")
    text: str | None = Field(None, max_length=MOST_TEXT, description="ignored without consent")
    level: Literal["low", "caution", "high"] | None = Field(None, description="of the verdict that is corrected")
    log_odds: float | None = Field(None, ge=-1e6, le=1e6, allow_inf_nan=False)
    signature: str | None = Field(None, max_length=300, pattern=r"^[\x21-\x7e]*$")
    id: str | None = Field(
        None, pattern=_ID, description="made by the sender, so that a repeated request is stored once"
    )

    @model_validator(mode="after")
    def _fits(self) -> "CorrectionSent":
        for group, given in (
            ("scam_types", [self.scam_type]),
            ("benign_domains", [self.domain]),
            ("tactics", self.tactics),
        ):
            if any(label is not None and label not in labels(group) for label in given):
                raise ValueError(f"a label that is not in {group}")
        if self.label == "benign" and (self.scam_type or self.tactics):
            raise ValueError("an honest text has no scam_type and no tactics")
        if self.label == "scam" and self.domain:
            raise ValueError("domain is of honest texts")
        if self.consent and not (self.text or "").strip():
            raise ValueError("consent without a text")
        return self


class CorrectionStored(BaseModel):
    """The id withdraws the correction; whoever has it can, so it is told to the sender only."""

    id: str
    text_stored: bool
    redacted: bool


class TextToMask(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=MOST_TEXT)


class TextMasked(BaseModel):
    text: str


def feedback_router(store: FeedbackStore) -> APIRouter:
    """POST /feedback, POST /feedback/masked (what would be stored) and DELETE /feedback/{id}.

    A FeedbackError of the store is left to the application, which answers 503 and does not name the file.
    """
    router = APIRouter(route_class=_Quiet, tags=["feedback"])
    refused, sending = refusals(422, 503), refusals(408, 413, 422, 503)
    redactor = Redactor()

    @router.post("/feedback", status_code=201, responses=sending, summary="Correct a verdict")
    def correct(sent: CorrectionSent) -> CorrectionStored:
        """Stores a correction."""
        text = sent.text if sent.consent else None
        if text is not None and sent.redact:
            text = redactor.text(text)
        given: dict[str, Any] = {"id": sent.id} if sent.id else {}
        correction = Correction(
            sent.label, sent.scam_type, sent.domain, tuple(dict.fromkeys(sent.tactics)), sent.channel, text,
            text is not None and sent.redact, sent.level, sent.log_odds, sent.signature, **given,
        )  # fmt: skip
        return CorrectionStored(id=store.add(correction), text_stored=text is not None, redacted=correction.redacted)

    @router.post("/feedback/masked", responses=sending, summary="A text as it would be stored")
    def masked(sent: TextToMask) -> TextMasked:
        """The text as it would be stored, for the reader to look at before consenting. Nothing is stored."""
        return TextMasked(text=redactor.text(sent.text).encode("utf-8", "replace").decode())

    @router.delete("/feedback/{identifier}", status_code=204, responses=refused, summary="Take a correction back")
    def withdraw(identifier: Annotated[str, Path(pattern=_ID)]) -> Response:
        """Takes a correction back; the same answer whether or not there was one."""
        store.withdraw(identifier)
        return Response(status_code=204)

    return router


class _Quiet(APIRoute):
    """What is wrong with a request is told by place and rule; the framework would send back what it was sent."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = {"body", "path", "identifier", *CorrectionSent.model_fields}

        async def quietly(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                places = [
                    {
                        "type": found["type"],
                        "loc": [p if isinstance(p, int) or p in known else "(unknown field)" for p in found["loc"]],
                        "msg": found["msg"],
                    }
                    for found in error.errors()
                ]
                raise RequestValidationError(places) from None

        return quietly
