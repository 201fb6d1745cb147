"""ScamClassifier: a text in, a verdict out."""

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from classifier import store
from classifier import text as normalizer
from classifier.arrays import Floats
from classifier.errors import ModelError, TranscriptError
from classifier.linear import logistic
from classifier.scoring import score
from classifier.tokenizer import Tokenizer
from classifier.version import VERSION

if TYPE_CHECKING:  # what only verdicts need is imported with the first of them
    from pathlib import Path

    from classifier.explain import Explainer
    from classifier.monitor import Monitor
    from classifier.transcript import Transcript
    from classifier.verdict import Level, Signature, Verdict

_CHUNK = 256  # texts are tokenized, then scored: tokenizer and tables push each other out of the processor's cache
_BATCH = 32


class ScamClassifier:
    """Scores Japanese texts. May be shared between threads and sent to other processes."""

    def __init__(self, model: store.Model) -> None:
        self._model = model
        self._tokenizer = Tokenizer()
        meta = model.meta
        if meta.get("dictionary") != self._tokenizer.dictionary:
            raise ModelError(
                f"model {meta.get('name')!r} was made with the dictionary {meta.get('dictionary')!r}, "
                f"found {self._tokenizer.dictionary!r}; install the unidic-lite version it names or train again"
            )
        self.n_terms = len(model.vocabulary)
        self.prior = float(meta["prior"])
        self.thresholds = {"caution": float(meta["thresholds"]["caution"]), "high": float(meta["thresholds"]["high"])}

    @cached_property
    def signature(self) -> "Signature":
        """What makes the numbers; two probabilities compare only under one signature."""
        from classifier.verdict import Signature

        meta = self._model.meta
        return Signature(
            f"{meta['name']}@{meta['version']}",
            meta["data"],
            self._tokenizer.dictionary,
            str(meta["normalizer"]),
            VERSION,
        )

    @cached_property
    def _explainer(self) -> "Explainer":
        from classifier.explain import Explainer

        return Explainer(self._model, self.prior, self.level, self.signature)

    @classmethod
    def load(cls, folder: "str | Path | None" = None) -> "ScamClassifier":
        """The model in `folder`, or the shipped one. Raises ModelError."""
        return cls(store.load(_shipped() if folder is None else folder))

    def classify(self, source: "str | Transcript", prior: float | None = None) -> "Verdict":
        """The verdict on one text. `prior` (0..1, ends excluded) re-maps the probability, nothing else.

        Raises TranscriptError for a blank text.
        """
        return self.classify_many([source], prior)[0]

    def classify_many(self, sources: "Sequence[str | Transcript]", prior: float | None = None) -> "list[Verdict]":
        """The same verdicts as `classify`, one for each source."""
        prior = self.prior if prior is None else prior
        if not 0.0 < prior < 1.0:
            raise ValueError(f"prior {prior} is not between 0 and 1")
        verdicts: list[Verdict] = []
        for start in range(0, len(sources), _CHUNK):
            texts = [s if isinstance(s, str) else s.text for s in sources[start : start + _CHUNK]]
            normalized = normalizer.align_many(_checked(texts, start, len(sources)))
            tokens = [self._tokenizer.tokens(n.text) for n in normalized]
            for first in range(0, len(texts), _BATCH):
                part = slice(first, first + _BATCH)
                scored = score(self._model, [n.text for n in normalized[part]], tokens[part])
                verdicts += self._explainer.verdicts(scored, texts[part], normalized[part], prior)
        return verdicts

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Probabilities at the model's own prior, shape (n_texts, 2): benign, scam.

        Raises TranscriptError for a blank text.
        """
        scam = logistic(self.log_odds(texts))
        both = np.empty((len(scam), 2))
        both[:, 0], both[:, 1] = 1.0 - scam, scam
        return both

    def log_odds(self, texts: Sequence[str]) -> Floats:
        """Calibrated log-odds at the model's own prior, shape (n_texts,): those of the window that speaks most for a scam."""
        log_odds = np.empty(len(texts))
        for start in range(0, len(texts), _CHUNK):
            chunk = _checked(texts[start : start + _CHUNK], start, len(texts))
            normalized = normalizer.normalize_many(chunk)
            tokens = [self._tokenizer.tokens(text) for text in normalized]
            for first in range(0, len(tokens), _BATCH):
                part = slice(first, first + _BATCH)
                scored = score(self._model, normalized[part], tokens[part])
                log_odds[start + first : start + first + _BATCH] = scored.log_odds[scored.best]
        return log_odds

    def monitor(self, prior: float | None = None) -> "Monitor":
        """A call while it goes on: feed it one utterance at a time."""
        from classifier.monitor import Monitor

        return Monitor(self, prior)

    def level(self, log_odds: float) -> "Level":
        """The level of log-odds at the model's own prior."""
        if log_odds >= self.thresholds["high"]:
            return "high"
        return "caution" if log_odds >= self.thresholds["caution"] else "low"


def shipped_model() -> "Path":
    """The folder of the model that comes with the package: inside it when installed, beside it in a checkout."""
    from pathlib import Path

    return Path(_shipped())


def _shipped() -> str:
    package = os.path.dirname(os.path.abspath(__file__))
    installed, beside = (os.path.join(folder, "models", "scam-ja") for folder in (package, os.path.dirname(package)))
    return installed if os.path.isdir(installed) else beside


def _checked(texts: Sequence[str], start: int, n_texts: int) -> Sequence[str]:
    for number, text in enumerate(texts, start):
        if not text or text.isspace():
            where = "" if n_texts == 1 else f"text {number + 1} of {n_texts}: "
            raise TranscriptError(f"{where}nothing to score, the text is empty or blank")
    return texts
