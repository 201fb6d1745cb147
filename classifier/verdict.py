"""What a classification says: frozen values that every report reads and none computes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Level = Literal["low", "caution", "high"]


class Ranked(NamedTuple):
    """A label and how likely it is, 0..1."""

    id: str
    probability: float


class Evidence(NamedTuple):
    """A stretch of the source text and how far it moved the decision."""

    start: int  # characters of the source text, half-open
    end: int
    contribution: float  # log-odds; above 0 speaks for a scam


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact found in the text, beside the score and never inside it."""

    kind: str
    start: int  # characters of the source text, half-open
    end: int
    meaning: str  # in Japanese, for the reader of a report
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Similar:
    """A documented script that resembles the text."""

    scam_type: str
    script: str  # its name, in Japanese
    similarity: float  # cosine of the TF-IDF rows, 0..1
    source: str  # an official page that describes it: publisher and title
    url: str  # of that page; "" where it has none


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of a call after one utterance."""

    utterance: int
    log_odds: float  # of all that was said up to here
    start: float | None = None  # seconds
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """What made the numbers; two probabilities compare only under one signature."""

    model: str
    data: str
    tokenizer: str
    normalizer: str
    package: str

    def __str__(self) -> str:
        return (
            f"model:{self.model}|data:{self.data}|tok:{self.tokenizer}|norm:{self.normalizer}|scamtext:{self.package}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much a text resembles a scam, which one, and which words say so.

    `log_odds` = `intercept` + the sum of all `evidence` contributions + `everyday`, at the model's own prior;
    `probability` is the logistic of `log_odds` shifted to `prior`. `level` always stands at the model's own prior.
    """

    probability: float  # 0..1, calibrated, at `prior`
    prior: float  # share of scams that `probability` presumes
    level: Level
    log_odds: float
    intercept: float
    everyday: float  # 0 or below: what is taken off because the text is like everyday talk
    evidence: tuple[Evidence, ...]  # in the order of the text
    scam_types: tuple[Ranked, ...]  # given that it is a scam; adds up to 1
    tactics: tuple[Ranked, ...]  # each on its own
    window: tuple[int, int]  # the part of the source that decided, half-open
    signature: Signature
    insufficient: bool = False  # too little Japanese text to judge; the level stays low
    cleaned: int = 0  # characters without text that were left out: NUL, zero-width, lone surrogates
    signals: tuple[Signal, ...] = ()
    similar: tuple[Similar, ...] = ()  # nearest documented script of each of the likeliest types, likeliest first
    timeline: tuple[Moment, ...] = field(default=())

    def strongest(self, most: int, *, against: bool = False) -> list[Evidence]:
        """The evidence that speaks most for (or against) a scam, strongest first."""
        chosen = [e for e in self.evidence if (e.contribution < 0 if against else e.contribution > 0)]
        return sorted(chosen, key=lambda e: -abs(e.contribution))[:most]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ranked labels as {"id", "ja", "probability"}.

        Raises UnknownLabelError where the model has labels that this version does not know.
        """
        plain = {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        for name in ("scam_types", "tactics"):
            plain[name] = [_named(name, ranked) for ranked in getattr(self, name)]
        plain["signature"] = str(self.signature)
        return plain


def _named(group: str, ranked: Ranked) -> Mapping[str, Any]:
    from classifier.taxonomy import japanese_name

    return {"id": ranked.id, "ja": japanese_name(group, ranked.id), "probability": ranked.probability}


def _plain(value: Any) -> Any:
    if isinstance(value, Evidence):
        return value._asdict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
