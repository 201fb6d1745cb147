"""The application: what stands before what."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from classifier.feedback import FeedbackStore
from classifier.scam import ScamClassifier
from classifier.service import api, live, login, page
from classifier.service.bodies import Bodies
from classifier.service.counts import Counts
from classifier.service.feedback import feedback_router
from classifier.service.guard import Guard
from classifier.service.refusals import add_refusals
from classifier.service.schemas import LiveMessage
from classifier.service.scoring import Scorer
from classifier.service.sessions import Sessions
from classifier.service.settings import Settings
from classifier.version import VERSION

_ABOUT = """How much a Japanese text resembles documented scams, which one, and which words say so. Never that it is one.
{stored}; nothing is logged but counts. `WS /monitor` follows a call: send `LiveMessage` objects as JSON text."""
_STORED = "Stored is only what POST /feedback brings, a text only with consent"


def create_app(classifier: ScamClassifier, settings: Settings, more: Sequence[APIRouter] = ()) -> FastAPI:
    """The service around one classifier. Routers in `more` stand behind the same guard.

    Raises FeedbackError where the file for corrections cannot be used, UnknownLabelError where the model has labels that
    this version does not know.
    """
    classifier.classify("はい").to_dict()  # so that such a model, or a slow first verdict, is nobody's who asks
    if settings.feedback is not None:
        more = [*more, feedback_router(FeedbackStore(settings.feedback))]
    counts = Counts()
    scorer = Scorer(classifier, settings.limits, counts)
    sessions = Sessions(settings.token)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        scorer.close()
        print(f"scamtext: {counts.line()}", file=sys.stderr)

    app = FastAPI(
        title="scamtext",
        version=VERSION,
        description=_ABOUT.format(stored="Nothing is stored" if settings.feedback is None else _STORED),
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    routers = (
        api.router(scorer, settings.model),
        live.router(scorer),
        login.router(sessions, settings),
        page.router(scorer, settings),
    )
    for router in (*routers, *more):
        app.include_router(router)
    page.add_static(app)
    add_refusals(app)
    _describe(app, settings)
    app.add_middleware(Bodies, limits=settings.limits, larger=dict.fromkeys(page.FILE_PATHS, settings.limits.file))
    app.add_middleware(Guard, settings=settings, sessions=sessions, counts=counts)
    return app


def _describe(app: FastAPI, settings: Settings) -> None:
    """Adds to the description what the framework does not see: the live messages and the token."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        described = made()
        schemas = described["components"]["schemas"]
        schemas.setdefault("LiveMessage", LiveMessage.model_json_schema(ref_template="#/components/schemas/{model}"))
        if settings.token is not None:
            described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            described["security"] = [{"token": []}]
        return described

    app.openapi = openapi  # type: ignore[method-assign]
