"""What is answered, for the description of the API."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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
    scam_type: str
    script: str = Field(description="name of the documented script")
    similarity: float = Field(description="cosine, 0..1")
    source: str
    url: str


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
    everyday: float = Field(le=0, description="taken off because the text is like everyday talk")
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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "invalid",
                    "message": "a value is missing or not allowed; see where",
                    "where": [{"place": ["body", "TextToScore", "text"], "problem": "missing", "message": "missing"}],
                }
            ]
        }
    )
    code: str
    message: str
    where: list[WhereWrong]
