"""What is sent and what is answered, for the description of the API."""

from typing import Annotated, Any, Literal

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


Level = Literal["low", "caution", "high"]


class Label(BaseModel):
    """A scam type (given that it is a scam) or a tactic (each on its own)."""

    id: str
    ja: str
    probability: float


class EvidenceFound(BaseModel):
    """A stretch of the text and how far it moved the decision; above 0 speaks for a scam."""

    start: int = Field(description="characters (Unicode code points) of the text, half-open")
    end: int
    contribution: float = Field(description="log-odds")
    text: str


class SignalFound(BaseModel):
    """A fact found in the text, beside the score and never inside it."""

    kind: str
    start: int
    end: int
    meaning: str
    source: str
    date: str


class SimilarFound(BaseModel):
    family: str
    scam_type: str | None
    similarity: float
    source: str


class MomentFound(BaseModel):
    """The log-odds of all that was said up to an utterance (counted from 0)."""

    utterance: int
    log_odds: float
    start: float | None
    speaker: str | None


class VerdictAnswer(BaseModel):
    """The verdict as the library returns it. It says how alike a text is to known scams, never that it is one."""

    name: str
    probability: float = Field(ge=0, le=1, description="at `prior`")
    prior: float
    level: Level = Field(description="at the model's own prior")
    log_odds: float
    intercept: float
    evidence: list[EvidenceFound]
    scam_types: list[Label]
    tactics: list[Label]
    window: list[int] = Field(description="the part of the text that decided, half-open")
    signature: str
    insufficient: bool = Field(description="too little Japanese to judge")
    cleaned: int = Field(description="characters without text that were left out")
    signals: list[SignalFound]
    similar: list[SimilarFound]
    timeline: list[MomentFound] = Field(description="empty for one utterance, or more than are followed")


class Problem(BaseModel):
    place: int | str = Field(description="position in the batch from 0, or row of the table")
    problem: str


class BatchAnswer(BaseModel):
    """A verdict for each text, null where it is blank."""

    verdicts: list[VerdictAnswer | None]
    problems: list[Problem]


class FileAnswer(BaseModel):
    """A verdict for each text of a file; the rows that could not be read are named."""

    name: str
    table: bool
    verdicts: list[VerdictAnswer]
    problems: list[str]


class Named(BaseModel):
    id: str
    ja: str


class ModelAnswer(BaseModel):
    """What the model is made of and how well it does."""

    signature: str
    n_terms: int
    prior: float
    thresholds: dict[str, float] = Field(description="log-odds at the model's own prior")
    scam_types: list[Named]
    tactics: list[Named]
    metrics: dict[str, Any] | None = Field(description="as measured when it was trained; null where unknown")


class HealthAnswer(BaseModel):
    status: Literal["ok"]


class SourceNamed(BaseModel):
    title: str
    publisher: str
    url: str | None


class ContactAnswer(BaseModel):
    id: str
    name: str
    phone: str
    call: bool = Field(description="false: the number only rings out")
    purpose: str
    hours: str
    area: str
    never_asks: list[str]
    source: SourceNamed
    date: str


class DeskAnswer(BaseModel):
    jis_code: str
    prefecture: str
    reading: str
    romaji: str
    police: str
    phone: str
    line: str
    site: str
    contact: str
    contact_kind: str
    remark: str
    line_meaning: str
    contact_meaning: str
    caution: str


class ConsultAnswer(BaseModel):
    """The police desk of a prefecture (null for the whole country) and the numbers that serve all."""

    desk: DeskAnswer | None
    contacts: list[ContactAnswer]


class WhereWrong(BaseModel):
    place: list[int | str]
    problem: str
    message: str


class Refused(BaseModel):
    """Why a request was not carried out. Never holds anything of a text."""

    code: str
    message: str
    where: list[WhereWrong]
