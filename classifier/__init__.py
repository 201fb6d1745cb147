"""Scam-text classifier for Japanese calls and messages."""

from typing import TYPE_CHECKING, Any

from classifier.errors import ClassifierError, DatasetError, ModelError, TranscriptError, UnknownLabelError
from classifier.version import VERSION as __version__

if TYPE_CHECKING:
    from classifier.monitor import Monitor
    from classifier.scam import ScamClassifier
    from classifier.transcript import Transcript, Utterance
    from classifier.verdict import Evidence, Signal, Signature, Verdict

_HOMES = {
    "Evidence": "verdict",
    "Monitor": "monitor",
    "ScamClassifier": "scam",
    "Signal": "verdict",
    "Signature": "verdict",
    "Transcript": "transcript",
    "Utterance": "transcript",
    "Verdict": "verdict",
}

__all__ = [
    "ClassifierError",
    "DatasetError",
    "Evidence",
    "ModelError",
    "Monitor",
    "ScamClassifier",
    "Signal",
    "Signature",
    "Transcript",
    "TranscriptError",
    "UnknownLabelError",
    "Utterance",
    "Verdict",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
