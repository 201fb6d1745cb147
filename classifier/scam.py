"""ScamClassifier: a text in, a verdict out."""

import itertools
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifier import store
from classifier import text as normalizer
from classifier.arrays import Floats, Ints
from classifier.cues import Present
from classifier.errors import ModelError, TranscriptError
from classifier.evidence import Words, phrases, steps
from classifier.features import Hits
from classifier.language import is_insufficient
from classifier.linear import Rows, logistic
from classifier.tokenizer import Tokenizer
from classifier.transcript import Transcript
from classifier.verdict import Evidence, Level, Ranked, Signature, Similar, Verdict
from classifier.version import VERSION
from classifier.windows import Layout, lay_out, token_starts

if TYPE_CHECKING:
    from classifier.monitor import Monitor

_CHUNK = 256  # texts are tokenized, then scored: tokenizer and tables push each other out of the processor's cache
_BATCH = 32
_RANKED = partial(tuple.__new__, Ranked)  # Ranked(*pair) at a third of the time, 37 of them a text
_NOWHERE = np.zeros(1, np.int64)  # in place of a source of the separator between texts
_SIMILAR = 3  # scam types of which the nearest documented script is named


class Scored(NamedTuple):
    """A batch of texts with the rows of all their windows; `best` is the deciding window of each text."""

    layout: Layout
    hits: Hits
    windows: Ints  # window of each entry of `taken`
    taken: Ints  # index of a hit
    rows: Rows
    present: Present
    log_odds: Floats  # of each window
    everyday: Floats  # 0 or below: what of it is taken off, as the window is like everyday talk
    best: Ints


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
        self.signature = Signature(
            f"{meta['name']}@{meta['version']}",
            meta["data"],
            self._tokenizer.dictionary,
            str(meta["normalizer"]),
            VERSION,
        )

    @classmethod
    def load(cls, folder: str | Path | None = None) -> "ScamClassifier":
        """The model in `folder`, or the shipped one. Raises ModelError."""
        return cls(store.load(shipped_model() if folder is None else Path(folder)))

    def classify(self, source: str | Transcript, prior: float | None = None) -> Verdict:
        """The verdict on one text. `prior` (0..1, ends excluded) re-maps the probability, nothing else.

        Raises TranscriptError for a blank text.
        """
        return self.classify_many([source], prior)[0]

    def classify_many(self, sources: Sequence[str | Transcript], prior: float | None = None) -> list[Verdict]:
        """The same verdicts as `classify`, one for each source."""
        prior = self.prior if prior is None else prior
        if not 0.0 < prior < 1.0:
            raise ValueError(f"prior {prior} is not between 0 and 1")
        verdicts: list[Verdict] = []
        for start in range(0, len(sources), _CHUNK):
            texts = [s.text if isinstance(s, Transcript) else s for s in sources[start : start + _CHUNK]]
            normalized = normalizer.align_many(_checked(texts, start, len(sources)))
            tokens = [self._tokenizer.tokens(n.text) for n in normalized]
            for first in range(0, len(texts), _BATCH):
                part = slice(first, first + _BATCH)
                scored = self._score([n.text for n in normalized[part]], tokens[part])
                verdicts += self._verdicts(scored, texts[part], normalized[part], prior)
        return verdicts

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Probabilities at the model's own prior, shape (n_texts, 2): benign, scam.

        Raises TranscriptError for a blank text.
        """
        scam = logistic(self.log_odds(texts))
        return np.stack([1.0 - scam, scam], axis=1)

    def log_odds(self, texts: Sequence[str]) -> Floats:
        """Calibrated log-odds at the model's own prior, shape (n_texts,): those of the window that speaks most for a scam."""
        log_odds = np.empty(len(texts))
        for start in range(0, len(texts), _CHUNK):
            chunk = _checked(texts[start : start + _CHUNK], start, len(texts))
            normalized = normalizer.normalize_many(chunk)
            tokens = [self._tokenizer.tokens(text) for text in normalized]
            for first in range(0, len(tokens), _BATCH):
                part = slice(first, first + _BATCH)
                scored = self._score(normalized[part], tokens[part])
                log_odds[start + first : start + first + _BATCH] = scored.log_odds[scored.best]
        return log_odds

    def monitor(self, prior: float | None = None) -> "Monitor":
        """A call while it goes on: feed it one utterance at a time."""
        from classifier.monitor import Monitor

        return Monitor(self, prior)

    def level(self, log_odds: float) -> Level:
        """The level of log-odds at the model's own prior."""
        if log_odds >= self.thresholds["high"]:
            return "high"
        return "caution" if log_odds >= self.thresholds["caution"] else "low"

    def _score(self, normalized: Sequence[str], tokens: Sequence[list[str]]) -> Scored:
        layout = lay_out(normalized, tokens)
        hits = self._model.vocabulary.hits(layout.text, layout.tokens)
        windows, taken = layout.spread(hits)
        rows = self._model.scam.rows(windows, hits.terms[taken], layout.n_windows)
        present = self._model.cues.present(hits.numbers, layout.token_ranges)
        alike = self._model.scam.log_odds(rows) + present.log_odds
        log_odds = np.minimum(alike, self._model.scam.everyday_log_odds(rows))
        first = layout.first_windows
        if layout.n_windows == len(normalized):
            best = first[:-1]
        else:
            best = np.array([a + int(np.argmax(log_odds[a:b])) for a, b in itertools.pairwise(first)])
        return Scored(layout, hits, windows, taken, rows, present, log_odds, log_odds - alike, best)

    def _verdicts(
        self, scored: Scored, texts: Sequence[str], normalized: Sequence[normalizer.Normalized], prior: float
    ) -> list[Verdict]:
        layout, rows = scored.layout, scored.rows
        word_starts = token_starts(layout.text, layout.tokens)
        word_ends = word_starts + np.fromiter(map(len, layout.tokens), np.int64, len(layout.tokens))
        rise = self._rise(scored, word_starts, word_ends)
        line, chosen, edges, spans, at = np.zeros(len(rise)), [], [0], [], 0
        for mapped, window in zip(normalized, scored.best.tolist(), strict=True):
            begin, end = layout.extent(window, at + len(mapped.text))
            first, behind = np.searchsorted(word_starts, (begin, end)).tolist()
            np.cumsum(rise[begin:end], out=line[begin:end])  # text by text, so that a batch rounds as one text does
            chosen.append(np.arange(first, behind))
            edges.append(edges[-1] + behind - first)
            spans.append((int(mapped.starts[begin - at]), int(mapped.ends[end - at - 1])) if end > begin else (0, 0))
            at += len(mapped.text) + 1
        words = np.concatenate(chosen)
        evidence = phrases(
            line,
            Words(word_starts[words], word_ends[words], np.array(edges)),
            np.concatenate([part for mapped in normalized for part in (mapped.starts, _NOWHERE)]),
            np.concatenate([part for mapped in normalized for part in (mapped.ends, _NOWHERE)]),
        )
        entries = np.searchsorted(rows.rows, np.stack([scored.best, scored.best + 1], axis=1)).tolist()
        return [
            self._verdict(source, log_odds, everyday, found, span, rows.terms[a:b], rows.normed(slice(a, b)), prior)
            for source, log_odds, everyday, found, span, (a, b) in zip(
                texts,
                scored.log_odds[scored.best].tolist(),
                scored.everyday[scored.best].tolist(),
                evidence,
                spans,
                entries,
                strict=True,
            )
        ]

    def _rise(self, scored: Scored, word_starts: Ints, word_ends: Ints) -> Floats:
        """What each character of the batch adds in the window that decides, as steps of a line.

        Windows that decide lie in different texts, so their phrases do not meet.
        """
        layout, hits, rows, head = scored.layout, scored.hits, scored.rows, self._model.scam
        chosen = np.zeros(layout.n_windows, np.bool_)
        chosen[scored.best] = True
        used = chosen[scored.windows]
        taken = scored.taken[used]
        starts, ends = hits.starts.copy(), hits.starts + hits.lengths
        n = hits.n_token_hits
        starts[:n], ends[:n] = word_starts[starts[:n]], word_ends[ends[:n] - 1]
        cues, shares = self._model.cues.shares(scored.present, scored.best, layout.token_ranges)
        return steps(
            len(layout.text),
            np.concatenate([starts[taken], word_starts[cues]]),
            np.concatenate([ends[taken], word_ends[cues]]),
            np.concatenate([head.contributions(rows, scored.windows[used], hits.terms[taken]), shares]),
        )

    def _verdict(
        self,
        source: str,
        log_odds: float,
        everyday: float,
        evidence: tuple[Evidence, ...],
        window: tuple[int, int],
        terms: Ints,
        values: Floats,
        prior: float,
    ) -> Verdict:
        labels = self._model.labels
        positions, known = labels.known(terms, values)
        types, tactics = labels.probabilities(positions, known)
        insufficient = is_insufficient(source)
        return Verdict(
            probability=_logistic(log_odds + _logit(prior) - _logit(self.prior)),
            prior=prior,
            level="low" if insufficient else self.level(log_odds),
            log_odds=log_odds,
            intercept=self._model.scam.intercept,
            everyday=everyday,
            evidence=evidence,
            scam_types=_ranked(labels.scam_types, types),
            tactics=_ranked(labels.tactics, tactics),
            window=window,
            signature=self.signature,
            similar=self._similar(positions, known, float(np.sqrt(values @ values)), np.argsort(-types)[:_SIMILAR]),
            insufficient=insufficient,
            cleaned=normalizer.count_hidden(source),
        )

    def _similar(self, positions: Ints, values: Floats, norm: float, types: Ints) -> tuple[Similar, ...]:
        scripts = self._model.scripts
        nearest = scripts.nearest(positions, values, norm, types)
        return tuple(Similar(**scripts.described[number], similarity=cosine) for number, cosine in nearest)


def shipped_model() -> Path:
    """The folder of the model that comes with the package: inside it when installed, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "models" / "scam-ja"
    return installed if installed.is_dir() else package.parent / "models" / "scam-ja"


def _checked(texts: Sequence[str], start: int, n_texts: int) -> Sequence[str]:
    for number, text in enumerate(texts, start):
        if not text or text.isspace():
            where = "" if n_texts == 1 else f"text {number + 1} of {n_texts}: "
            raise TranscriptError(f"{where}nothing to score, the text is empty or blank")
    return texts


def _ranked(labels: Sequence[str], probabilities: Floats) -> tuple[Ranked, ...]:
    order = np.argsort(-probabilities, kind="stable").tolist()
    ranked = zip([labels[k] for k in order], probabilities[order].tolist(), strict=True)
    return tuple(map(_RANKED, ranked))


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds)) if log_odds > -700.0 else 0.0


def _logit(probability: float) -> float:
    return math.log(probability) - math.log1p(-probability)
