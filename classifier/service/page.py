"""The page in the browser: its HTML, its files, and the parts it asks for."""

from importlib.resources import files
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from classifier.consult import find_desk
from classifier.errors import TranscriptError
from classifier.readers import read_bytes
from classifier.service import view
from classifier.service.api import objects
from classifier.service.files import read_sent, sent_file
from classifier.service.refusals import Refusal
from classifier.service.schemas import Name, Prior, SaidUtterance, Text
from classifier.service.scoring import Scored, Scorer
from classifier.service.settings import Settings
from classifier.transcript import Transcript, Utterance

FILE_PATHS = ("/score/file", "/page/file")
Lang = Literal["ja", "en"]


class Pasted(BaseModel):
    """What was pasted, or the utterances of a text that was read before."""

    model_config = ConfigDict(extra="forbid")
    text: Text | None = None
    utterances: list[SaidUtterance] | None = Field(None, min_length=1)
    name: Name | None = None
    prior: Prior | None = None
    lang: Lang = "ja"


def router(scorer: Scorer, settings: Settings) -> APIRouter:
    """The page. What it shows comes from the same call as the answers of the API."""
    pages = APIRouter(include_in_schema=False)
    limits, feedback = scorer.limits, settings.feedback is not None

    def shown(scored: Scored, prior: float | None, lang: str) -> Response:
        answer: dict[str, Any] = {
            "kind": "report",
            "level": scored.verdict.level,
            "report": objects([scored])[0],
            "again": {"utterances": view.utterances(scored), "name": scored.transcript.name, "prior": prior},
            **view.report(scored, scorer.classifier, lang, limits.steps, feedback=feedback),
        }
        return JSONResponse(answer)

    @pages.get("/")
    async def whole(request: Request) -> Response:
        lang = view.language(request)
        return view.rendered(
            "page.html",
            lang,
            script_words=view.script_words(lang),
            limits=limits,
            prior=scorer.classifier.prior,
            priors=view.PRIORS,
            signature=str(scorer.classifier.signature),
            token=settings.token is not None,
            feedback=feedback,
            contacts=view.to_ring(),
        )

    @pages.post("/page/text")
    async def text(sent: Pasted) -> Response:
        if sent.utterances is not None:
            said = tuple(Utterance(u.text, u.speaker, u.start, u.end) for u in sent.utterances)
            transcript = Transcript(said, sent.name)
        elif sent.text is not None:
            transcript = await scorer.run(_pasted, sent.text, sent.name)
        else:
            raise Refusal("nothing_to_score")
        scored = await scorer.one(transcript, sent.prior, lines=True)
        return await scorer.run(shown, scored, sent.prior, sent.lang)

    @pages.post("/page/file")
    async def file(request: Request) -> Response:
        sent, lang = await sent_file(request), view.language(request)
        prior = sent.prior()
        reading = await scorer.run(read_sent, sent, limits)
        if len(reading.transcripts) == 1 and not reading.problems:
            scored = await scorer.one(reading.transcripts[0], prior, lines=True)
            return await scorer.run(shown, scored, prior, lang)
        several = await scorer.all(reading.transcripts, prior)
        return await scorer.run(_listed, several, reading.problems, prior, lang)

    @pages.get("/page/consult/{prefecture}")
    async def consult(prefecture: str, request: Request) -> Response:
        return HTMLResponse(view.desk(find_desk(prefecture), view.language(request)))

    return pages


def add_static(app: FastAPI) -> None:
    """Scripts and styles, from the package."""
    folder = str(files("classifier").joinpath("service/static"))
    app.mount("/static", StaticFiles(directory=folder), name="static")


def _pasted(text: str, name: str | None) -> Transcript:
    """Speakers, subtitles and the like are recognised in what is pasted, as they are in a file."""
    try:
        read = read_bytes(text.encode("utf-8", "replace"), "text.txt")
    except TranscriptError:
        return Transcript.of(text, name)  # unlike a file, it cannot be unreadable
    return Transcript(read.utterances, name)


def _listed(scored: list[Scored], problems: tuple[str, ...], prior: float | None, lang: str) -> Response:
    answer = {
        "kind": "list",
        "list": view.listing(scored, problems, lang),
        "report": {"verdicts": objects(scored), "problems": list(problems)},
        "rows": [{"utterances": view.utterances(s), "name": s.transcript.name, "prior": prior} for s in scored],
    }
    return JSONResponse(answer)
