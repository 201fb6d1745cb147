"""What the page shows, in Japanese or English. It reads verdicts and computes nothing but positions."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from math import exp, log, log1p
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from classifier.consult import Contact, contacts_for, desk_notes, desks
from classifier.feedback import MOST_TEXT
from classifier.packaged import read_yaml
from classifier.report.html import page_values, templates
from classifier.report.safe import visible
from classifier.report.wording import LIKELY, MOST_TYPES, SIGNALS, percent
from classifier.scam import ScamClassifier
from classifier.service.scoring import Scored
from classifier.taxonomy import CHANNELS, japanese_name, labels
from classifier.version import VERSION

if TYPE_CHECKING:
    pass

LANGUAGES = ("ja", "en")
PRIORS = (0.1, 0.01, 0.001)
_SCALE = (-7.0, 7.0)  # log-odds at the ends of the scale
_ROW = re.compile(r": row (\d+)(?:: (.+))?$")
_SNIPPET = 60  # characters of a text in the list


def language(request: Request) -> str:
    """The language of the page: `?lang=en`, else Japanese."""
    return "en" if request.query_params.get("lang") == "en" else "ja"


def rendered(template: str, lang: str, *, status: int = 200, **values: Any) -> Response:
    """A whole page."""
    return HTMLResponse(fragment(template, lang, **values), status)


def fragment(template: str, lang: str, **values: Any) -> str:
    """A page or a part of one; everything that is not ours is escaped."""
    words = {key: both[lang] for key, both in _document()["words"].items()}
    page = templates("service/templates").get_template(template)
    return page.render(
        w=SimpleNamespace(**words), lang=lang, name_of=_namer(lang), percent=percent, version=VERSION, **values
    )


def script_words(lang: str) -> dict[str, Any]:
    """The words that the scripts of the page need."""
    document = _document()
    words = {key: both[lang] for key, both in document["words"].items()}
    errors = {code: both[lang] for code, both in document["errors"].items()}
    name = _namer(lang)
    names = {group: {i: name(group, i) for i in document[group]} for group in ("scam_types", "tactics", "signals")}
    return {"words": words, "errors": errors, **names}


def report(scored: Scored, classifier: ScamClassifier, lang: str, most_steps: int, *, feedback: bool) -> dict[str, str]:
    """The parts of the report: the verdict, the text with its reasons, what to do; with `feedback` the form to correct it."""
    values = page_values(scored.verdict, scored.transcript, thresholds=classifier.thresholds)
    values |= {
        "name": visible(scored.transcript.name or ""),
        "steps": steps(scored, classifier),
        "n_utterances": len(scored.transcript.utterances),
        "most_steps": most_steps,
        "thresholds": classifier.thresholds,
        "scale": {
            name: position(at) for name, at in {**classifier.thresholds, "here": scored.verdict.log_odds}.items()
        },
        "shown_types": scored.verdict.scam_types[:MOST_TYPES] if scored.verdict.level != "low" else (),
        "shown_tactics": [t for t in scored.verdict.tactics if t.probability >= LIKELY],
        "contacts": to_ring(),
        "desks": desks(),
        "feedback": feedback,
        "asked": {"scam_types": tuple(labels("scam_types")), "benign_domains": tuple(labels("benign_domains"))},
        "channels": CHANNELS,
        "most_stored": MOST_TEXT,
    }
    parts = ("verdict", "reading", "advice", *(("correction",) if feedback else ()))
    return {part: fragment(f"{part}.html", lang, **values) for part in parts}


def to_ring() -> list[Contact]:
    """The numbers that a reader may ring, most urgent first."""
    return [contact for contact in contacts_for() if contact.call]


def steps(scored: Scored, classifier: ScamClassifier) -> list[dict[str, Any]]:
    """The state after each utterance that says something: its number, level and probability."""
    shift = _logit(scored.verdict.prior) - _logit(classifier.prior)
    return [
        {
            "row": moment.utterance + 1,
            "level": classifier.level(moment.log_odds),
            "percent": percent(_logistic(moment.log_odds + shift)),
        }
        for moment in scored.verdict.timeline
    ]


def listing(scored: Sequence[Scored], problems: Sequence[str], lang: str) -> str:
    """The texts of a table, most alike first."""
    order = sorted(range(len(scored)), key=lambda at: -scored[at].verdict.log_odds)
    rows = [
        {
            "at": at,
            "name": _row(scored[at].transcript.name or "", lang),
            "verdict": scored[at].verdict,
            "snippet": _snippet(scored[at].transcript.text),
        }
        for at in order
    ]
    levels = [s.verdict.level for s in scored]
    counts = {level: levels.count(level) for level in ("high", "caution", "low")}
    source = visible(scored[0].transcript.name or "").rsplit(": ", 1)[0]
    return fragment(
        "list.html", lang, rows=rows, counts=counts, problems=[_row(p, lang) for p in problems], source=source
    )


def desk(found: Any, lang: str) -> str:
    """The police desk of one prefecture."""
    return fragment("desk.html", lang, desk=found, notes=desk_notes())


def position(log_odds: float) -> float:
    """Where log-odds stand on the scale, 0..100."""
    low, high = _SCALE
    return round((min(max(log_odds, low), high) - low) / (high - low) * 100, 1)


def utterances(scored: Scored) -> list[dict[str, Any]]:
    """The utterances as the API takes them, so that the page can ask for the report again."""
    return [
        {"text": u.text, "speaker": u.speaker, "start": u.start, "end": u.end} for u in scored.transcript.utterances
    ]


def _row(place: str, lang: str) -> str:
    """「file.xlsx: row 4: no text」 → 「4 行目: 文面がない」."""
    found = _ROW.search(place)
    if found is None:
        return visible(place)
    problem = _document()["problems"].get(found[2])
    words = [_document()["words"]["row"][lang].format(found[1]), problem[lang] if problem else found[2]]
    return visible(": ".join(word for word in words if word))


def _snippet(text: str) -> str:
    words = " ".join(visible(text[: _SNIPPET * 2]).split())
    return words[:_SNIPPET] + ("…" if len(words) > _SNIPPET else "")


def _namer(lang: str) -> Any:
    def name(group: str, label: str) -> str:
        if lang == "en":
            return str(_document()[group].get(label, label))
        return SIGNALS.get(label, label) if group == "signals" else japanese_name(group, label)

    return name


def _logit(probability: float) -> float:
    return log(probability) - log1p(-probability)


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-log_odds)) if log_odds > -700.0 else 0.0


@cache
def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = read_yaml("service/words.yaml")
    return document
