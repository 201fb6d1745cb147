"""A verdict as one HTML file that needs nothing else: for a browser, a mail attachment, a printer."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from classifier.advice import advice_on
from classifier.consult import contacts_for
from classifier.report.marked import chosen_evidence, clock, mark, number_at, row_numbers
from classifier.report.plot import HEIGHT, LEFT, WIDTH, plot
from classifier.report.safe import visible, web_address
from classifier.report.wording import (
    DOTS,
    HEIGHTS,
    LEVELS,
    LIMITS,
    MOST_TYPES,
    SIGNALS,
    likely_tactics,
    near_scripts,
    percent,
)
from classifier.taxonomy import japanese_name
from classifier.transcript import Transcript
from classifier.verdict import Moment, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment

ADVISED = 0.25  # a second scam type at least this likely gets its advice, too
_QUOTED = 80  # characters of an utterance quoted beside the plot
_MOST_SIGNALS = 40


class Listed(NamedTuple):
    """A line of the index: the name of an input, the file of its page, its text and verdict."""

    name: str
    link: str
    text: str
    verdict: Verdict


def as_html(
    verdict: Verdict,
    transcript: Transcript,
    *,
    timeline: Sequence[Moment] | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> str:
    """The page of one verdict.

    `timeline` is drawn with the lines of `thresholds`; without it, that of the verdict. Signals are those of the verdict.
    """
    return render("verdict.html", **page_values(verdict, transcript, timeline, thresholds))


def page_values(
    verdict: Verdict,
    transcript: Transcript,
    timeline: Sequence[Moment] | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """What a page shows of one verdict, for a template; nothing in it is escaped yet."""
    marked = mark(verdict, transcript)
    numbered = row_numbers(transcript)
    drawing = plot(verdict.timeline if timeline is None else timeline, thresholds or {})
    turns = drawing.turns if drawing else []
    highest = turns[-1].levels[-1] if turns else "low"
    return {
        **_common(verdict),
        "name": visible(transcript.name or ""),
        "rows": marked.rows,
        "excerpt": marked.excerpt,
        "cut": marked.cut,
        "length": len(transcript.text),
        "unit": "発話" if any(u.speaker or u.start is not None for u in transcript.utterances) else "行",
        "evidence": [
            (e.contribution, _words(transcript.text, e.start, e.end), number_at(numbered, e.start))
            for e in chosen_evidence(verdict)
        ],
        "signals": [
            (SIGNALS.get(s.kind, s.kind), _words(transcript.text, s.start, s.end), number_at(numbered, s.start), s)
            for s in verdict.signals[:_MOST_SIGNALS]
        ],
        "more_signals": len(verdict.signals) - _MOST_SIGNALS,
        "plot": drawing,
        "box": (WIDTH, HEIGHT, LEFT),
        "turned": {turn.moment.utterance + 1: [LEVELS[level] for level in turn.levels] for turn in turns},
        "turns": [
            (turn.levels[-1], turn.moment, clock(turn.moment.start), _said(transcript, turn.moment)) for turn in turns
        ],
        "passed": highest if HEIGHTS[highest] > HEIGHTS[verdict.level] else None,
        "levels": LEVELS,
        "similar": [
            (visible(s.script), japanese_name("scam_types", s.scam_type), s.similarity, visible(s.source), web_address(s.url))
            for s in near_scripts(verdict)
        ],
        "advice": _advice(verdict),
        "contacts": [contact for contact in contacts_for() if contact.call],
    }


def as_html_index(items: Iterable[Listed]) -> str:
    """A page that lists many verdicts, most alike first; sorts and filters without a connection."""
    from base64 import b64encode
    from hashlib import sha256

    ordered = sorted(items, key=lambda item: -item.verdict.log_odds)
    rows = [
        {
            "name": visible(item.name),
            "link": item.link,
            "level": item.verdict.level,
            "level_ja": LEVELS[item.verdict.level],
            "dots": DOTS[item.verdict.level],
            "probability": item.verdict.probability,
            "percent": percent(item.verdict.probability),
            "type": _first_type(item.verdict),
            "words": [_words(item.text, e.start, e.end) for e in item.verdict.strongest(3)],
            "signals": len(item.verdict.signals),
            "insufficient": item.verdict.insufficient,
        }
        for item in ordered
    ]
    script = render("index.js")
    return render(
        "index.html",
        rows=rows,
        levels=LEVELS,
        counts={level: sum(row["level"] == level for row in rows) for level in LEVELS},
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        priors=sorted({percent(item.verdict.prior) for item in ordered}),
        signatures=sorted({str(item.verdict.signature) for item in ordered}),
        limits=LIMITS,
    )


def _common(verdict: Verdict) -> dict[str, Any]:
    alike = verdict.level != "low"
    return {
        "verdict": verdict,
        "level": LEVELS[verdict.level],
        "dots": DOTS[verdict.level],
        "probability": percent(verdict.probability),
        "prior": percent(verdict.prior),
        "types": [
            (japanese_name("scam_types", r.id), percent(r.probability), r.probability)
            for r in (verdict.scam_types[:MOST_TYPES] if alike else ())
        ],
        "tactics": [(japanese_name("tactics", r.id), percent(r.probability)) for r in likely_tactics(verdict)],
        "limits": LIMITS,
        "signature": str(verdict.signature),
    }


def _advice(verdict: Verdict) -> list[tuple[str, Any]]:
    if verdict.level == "low":
        return []
    chosen = [r.id for at, r in enumerate(verdict.scam_types[:2]) if at == 0 or r.probability >= ADVISED]
    return [(japanese_name("scam_types", scam_type), advice_on(scam_type)) for scam_type in chosen]


def _first_type(verdict: Verdict) -> str:
    if verdict.level == "low" or not verdict.scam_types:
        return ""
    return japanese_name("scam_types", verdict.scam_types[0].id)


def _words(text: str, start: int, end: int) -> str:
    """A quotation in one line, cut where it is long."""
    words = text[start : min(end, start + _QUOTED)]
    return visible(words).replace("\n", " ") + ("…" if end > start + _QUOTED else "")


def _said(transcript: Transcript, moment: Moment) -> str:
    words = transcript.utterances[moment.utterance].text
    return _words(words, 0, len(words))


def render(template: str, **values: Any) -> str:
    """A template of this package filled with values; what they hold is escaped."""
    return templates("report/templates").get_template(template).render(**values)


@cache
def templates(folder: str) -> "Environment":
    """The templates in a folder of the package; what they are filled with is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("classifier", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
