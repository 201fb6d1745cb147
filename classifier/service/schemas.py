"""What is sent, for the description of the API and its checks."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from classifier.service.settings import Limits
from classifier.transcript import Transcript, Utterance

_MOST = Limits()


def _whole(value: Any) -> Any:
    """A lone surrogate is no character; it becomes U+FFFD, so that spans still fit."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value) if isinstance(value, str) else value


Text = Annotated[
    str,
    BeforeValidator(_whole),
    Field(
        min_length=1, max_length=_MOST.characters, pattern=r"\S", examples=["還付金がありますのでATMへ行ってください"]
    ),
]
Line = Annotated[str, BeforeValidator(_whole), Field(max_length=_MOST.characters)]
Name = Annotated[str, BeforeValidator(_whole), Field(max_length=200)]
Prior = Annotated[
    float,
    Field(gt=0, lt=1, allow_inf_nan=False, description="share of scams to presume; without it, the model's own"),
]
Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SaidUtterance(_Sent):
    """One turn of speech."""

    text: Line
    speaker: Name | None = None
    start: Seconds | None = Field(None, description="seconds from the beginning of the call")
    end: Seconds | None = None


class TextToScore(_Sent):
    """A message or a call as one text; it is scored as it stands, and spans point into it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "還付金がありますので、本日中にATMへ行ってください", "prior": 0.01}]},
    )
    text: Text
    name: Name | None = Field(None, description="stands in the report")
    prior: Prior | None = None

    def transcript(self) -> Transcript:
        return Transcript.of(self.text, self.name)


class CallToScore(_Sent):
    """A call as utterances; spans point into their texts joined by line breaks."""

    utterances: list[SaidUtterance] = Field(min_length=1, max_length=5_000)
    name: Name | None = None
    prior: Prior | None = None

    def transcript(self) -> Transcript:
        said = (Utterance(u.text, u.speaker, u.start, u.end) for u in self.utterances)
        return Transcript(tuple(said), self.name)


class Batch(_Sent):
    """Many texts. Blank ones are named in the answer, the others are scored."""

    texts: list[Line] = Field(
        min_length=1,
        max_length=_MOST.texts,
        examples=[["夕飯は先に食べてて", "未納料金があります。本日中に連絡してください"]],
    )
    prior: Prior | None = None


class LiveMessage(_Sent):
    """What WS /monitor takes: an utterance, or before the first one the prior. Each utterance is answered by an event."""

    text: Annotated[str, BeforeValidator(_whole), Field(max_length=_MOST.utterance)] | None = None
    speaker: Name | None = None
    start: Seconds | None = None
    prior: Prior | None = None
