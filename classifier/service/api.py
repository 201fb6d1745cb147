"""The endpoints for programs."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from classifier.consult import contacts_for, desk_notes, find_desk
from classifier.errors import ModelError
from classifier.report.html import as_html
from classifier.report.table import Row, as_csv_table, as_objects
from classifier.scam import ScamClassifier, shipped_model
from classifier.service import answers, schemas
from classifier.service.files import OPTIONS, read_sent, sent_file
from classifier.service.refusals import CODES
from classifier.service.scoring import Scored, Scorer
from classifier.store import read_metrics
from classifier.taxonomy import labels
from classifier.transcript import Transcript

_ROW_COLUMN = "name"
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "text, subtitles, Whisper JSON, mail, table",
                    },
                    **{name: {"type": "string", "maxLength": 200} for name in OPTIONS},
                },
            }
        }
    },
}


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The refusals an endpoint documents, besides those that every endpoint may give."""
    told = {
        status: "; ".join(words for s, words in CODES.values() if s == status)
        for status in {400, 401, 403, 429, *codes}
    }
    return {status: {"model": answers.Refused, "description": words} for status, words in sorted(told.items())}


_SCORING = refusals(408, 413, 415, 422)


def objects(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """The verdicts as `scamtext score --format json` writes them."""
    return as_objects((_ROW_COLUMN,), [Row((s.transcript.name or "",), s.transcript.text, s.verdict) for s in scored])


def report_file(scored: Scored, thresholds: dict[str, float]) -> Response:
    """The report as one HTML file to keep."""
    page = as_html(scored.verdict, scored.transcript, thresholds=thresholds)
    disposition = {"Content-Disposition": 'attachment; filename="scamtext.html"'}
    return Response(page.encode("utf-8", "replace"), 200, disposition, "text/html; charset=utf-8")


def router(scorer: Scorer, model: Path | None) -> APIRouter:
    """All endpoints but the live one."""
    api = APIRouter()
    classifier = scorer.classifier

    @api.post(
        "/score",
        response_model=answers.VerdictAnswer,
        responses={
            **_SCORING,
            200: {
                "content": {"text/html": {"schema": {"type": "string"}}},
                "description": "the verdict; with `Accept: text/html` the report as one file",
            },
        },
        summary="One text or call",
    )
    async def score(sent: schemas.TextToScore | schemas.CallToScore, request: Request) -> Response:
        as_page = "text/html" in request.headers.get("accept", "")
        scored = await scorer.one(sent.transcript(), sent.prior, lines=as_page)
        if as_page:
            return await scorer.run(report_file, scored, classifier.thresholds)
        return JSONResponse(objects([scored])[0])

    @api.post("/score/batch", response_model=answers.BatchAnswer, responses=_SCORING, summary="Many texts")
    async def batch(sent: schemas.Batch) -> Response:
        filled = [at for at, text in enumerate(sent.texts) if text.strip()]
        transcripts = [Transcript.of(sent.texts[at], str(at)) for at in filled]
        verdicts: list[dict[str, Any] | None] = [None] * len(sent.texts)
        scored = await scorer.all(transcripts, sent.prior) if filled else []
        for at, plain in zip(filled, await scorer.run(objects, scored), strict=True):
            verdicts[at] = plain
        problems = [{"place": at, "problem": "blank"} for at, verdict in enumerate(verdicts) if verdict is None]
        return JSONResponse({"verdicts": verdicts, "problems": problems})

    @api.post(
        "/score/file",
        response_model=answers.FileAnswer,
        responses={
            **_SCORING,
            200: {
                "content": {"text/csv": {"schema": {"type": "string"}}},
                "description": "the verdicts; with `Accept: text/csv` a table",
            },
        },
        openapi_extra={"requestBody": _FORM},
        summary="A file: text, .srt, .vtt, Whisper .json, .eml, .csv, .tsv, .xlsx, .jsonl",
    )
    async def file(request: Request) -> Response:
        sent = await sent_file(request)
        prior = sent.prior()
        reading = await scorer.run(read_sent, sent, scorer.limits)
        if len(reading.transcripts) == 1:
            scored = [await scorer.one(reading.transcripts[0], prior)]
        else:
            scored = await scorer.all(reading.transcripts, prior)
        if "text/csv" in request.headers.get("accept", ""):
            table = await scorer.run(_csv, scored)
            return Response("\ufeff" + table, media_type="text/csv; charset=utf-8")
        answer = {
            "name": reading.transcripts[0].name
            if reading.table is None
            else (reading.transcripts[0].name or "").split(": row ")[0],
            "table": reading.table is not None,
            "verdicts": await scorer.run(objects, scored),
            "problems": list(reading.problems),
        }
        return JSONResponse(answer)

    @api.get("/consult", response_model=answers.ConsultAnswer, responses=refusals(), summary="Whom to ring, anywhere")
    async def consult_anywhere() -> Response:
        return JSONResponse(whom_to_ring(None))

    @api.get(
        "/consult/{prefecture}",
        response_model=answers.ConsultAnswer,
        responses=refusals(404),
        summary="Whom to ring in a prefecture",
    )
    async def consult(prefecture: str) -> Response:
        return JSONResponse(whom_to_ring(prefecture))

    @api.get("/model", response_model=answers.ModelAnswer, responses=refusals(), summary="What the model is")
    async def about() -> Response:
        return JSONResponse(_about(classifier, model or shipped_model()))

    @api.get("/health", response_model=answers.HealthAnswer, responses=refusals(), summary="Whether it runs")
    async def health() -> Response:
        return JSONResponse({"status": "ok"})

    return api


def whom_to_ring(prefecture: str | None) -> dict[str, Any]:
    """As `scamtext consult --json` says it. Raises UnknownPrefectureError."""
    desk = find_desk(prefecture) if prefecture else None
    contacts = contacts_for(desk.prefecture if desk else None)
    plain: dict[str, Any] = {"desk": None, "contacts": [dataclasses.asdict(contact) for contact in contacts]}
    if desk:
        meanings = {"line_meaning": desk.line_meaning, "contact_meaning": desk.contact_meaning}
        plain["desk"] = {**dataclasses.asdict(desk), **meanings, "caution": desk_notes().caution}
    return plain


def _csv(scored: Sequence[Scored]) -> str:
    return as_csv_table((_ROW_COLUMN,), [Row((s.transcript.name or "",), s.transcript.text, s.verdict) for s in scored])


def _about(classifier: ScamClassifier, folder: Path) -> dict[str, Any]:
    try:
        metrics = read_metrics(folder)
    except ModelError:
        metrics = None
    named = {group: [{"id": i, "ja": ja} for i, ja in labels(group).items()] for group in ("scam_types", "tactics")}
    return {
        "signature": str(classifier.signature),
        "n_terms": classifier.n_terms,
        "prior": classifier.prior,
        "thresholds": classifier.thresholds,
        **named,
        "metrics": metrics,
    }
