"""Verdicts from scores: which words speak for and against, which scam, which tactics, which documented script.

Imported with the first verdict: who only needs probabilities does not wait for it.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from classifier import text as normalizer
from classifier.arrays import Floats, Ints
from classifier.evidence import Words, phrases, steps
from classifier.language import is_insufficient
from classifier.scoring import Scored
from classifier.store import Model
from classifier.verdict import Evidence, Level, Ranked, Signature, Similar, Verdict
from classifier.windows import token_starts

_RANKED = partial(tuple.__new__, Ranked)  # Ranked(*pair) at a third of the time, 37 of them a text
_NOWHERE = np.zeros(1, np.int64)  # in place of a source of the separator between texts
_SIMILAR = 3  # scam types of which the nearest documented script is named


class Explainer:
    """Makes verdicts of what a model scored."""

    def __init__(self, model: Model, prior: float, level: Callable[[float], Level], signature: Signature) -> None:
        self._model, self._prior, self._level, self._signature = model, prior, level, signature

    def verdicts(
        self, scored: Scored, texts: Sequence[str], normalized: Sequence[normalizer.Normalized], prior: float
    ) -> list[Verdict]:
        """One for each text; `prior` re-maps the probability, nothing else."""
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
            probability=_logistic(log_odds + _logit(prior) - _logit(self._prior)),
            prior=prior,
            level="low" if insufficient else self._level(log_odds),
            log_odds=log_odds,
            intercept=self._model.scam.intercept,
            everyday=everyday,
            evidence=evidence,
            scam_types=_ranked(labels.scam_types, types),
            tactics=_ranked(labels.tactics, tactics),
            window=window,
            signature=self._signature,
            similar=self._similar(positions, known, float(np.sqrt(values @ values)), np.argsort(-types)[:_SIMILAR]),
            insufficient=insufficient,
            cleaned=normalizer.count_hidden(source),
        )

    def _similar(self, positions: Ints, values: Floats, norm: float, types: Ints) -> tuple[Similar, ...]:
        scripts = self._model.scripts
        nearest = scripts.nearest(positions, values, norm, types)
        return tuple(Similar(**scripts.described[number], similarity=cosine) for number, cosine in nearest)


def _ranked(labels: Sequence[str], probabilities: Floats) -> tuple[Ranked, ...]:
    order = np.argsort(-probabilities, kind="stable").tolist()
    ranked = zip([labels[k] for k in order], probabilities[order].tolist(), strict=True)
    return tuple(map(_RANKED, ranked))


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds)) if log_odds > -700.0 else 0.0


def _logit(probability: float) -> float:
    return math.log(probability) - math.log1p(-probability)
