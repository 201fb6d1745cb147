"""Whether new texts are still what a model was made for: words, scores, share of scams, kinds of scam.

Shares of scams follow the prior without the model being any worse, so the scores are compared twice: with the training
mix, and with the mix of honest and scam scores at the estimated prior. Only the second says that the texts changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.linear import logistic
from classifier.scam import ScamClassifier
from classifier.text import normalize
from classifier.tokenizer import Tokenizer
from classifier.training.reference import Reference

N_BINS = 10
LARGE = 0.25  # PSI; Siddiqi (2006): below 0.1 little, above 0.25 a large shift
NOTABLE = 0.1
UNKNOWN_TIMES = 1.5  # as many unknown words as in training
FEWEST = 50  # texts below which nothing is said of a shift
N_RESAMPLES = 300
_AT_ONCE = 1_024
Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A value with its 95 % interval from resampling the texts."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Drift:
    """New texts beside the records of a model. Shares are 0..1."""

    n: int
    prior: Estimate  # share of scams, Saerens, Latinne & Decaestecker (2002)
    adjusted_count: float  # the same by adjusted classify and count, Forman (2008), at `caution`
    training_prior: float
    psi: float  # against the training records at the estimated prior
    psi_by_chance: float  # 99 % of draws of as many texts from that mix stay below it
    psi_training: float  # against the training records as they are
    bins: tuple[float, ...]  # inner edges in log-odds, tenths of the mix
    expected: tuple[float, ...]  # share of the mix in each bin
    found: tuple[float, ...]  # share of the new texts
    unknown: Estimate  # share of tokens outside the vocabulary
    unknown_expected: float  # in the mix, out of fold
    scam_types: Mapping[str, tuple[float, float]]  # share among scams: estimated here, in training
    levels: Mapping[str, float]  # share of the texts at that level or above
    shifted: tuple[str, ...]  # of `scores`, `words`, `prior`: what moved beyond chance
    signature: str


def measure(classifier: ScamClassifier, reference: Reference, texts: Sequence[str], seed: int = 0) -> Drift:
    """Compares texts (none blank) with what the model was made from."""
    random = np.random.default_rng(seed)
    log_odds, types = _scored(classifier, texts)
    posterior = logistic(log_odds)
    values, counts = np.unique(log_odds.round(2), return_counts=True)
    prior = _resampled(lambda times: estimate_prior(logistic(values), classifier.prior, times), counts, random)
    mix = _Mix(reference, prior.value)
    edges = mix.quantiles(np.arange(1, N_BINS) / N_BINS)
    expected, found = mix.shares(edges), _shares(log_odds, edges)
    chance = [
        psi(expected, counts / len(texts), len(texts)) for counts in random.multinomial(len(texts), expected, 1_000)
    ]
    by_chance = float(np.quantile(chance, 0.99))
    shift = psi(expected, found, len(texts))
    unknown, unknown_expected = _unknown(reference, texts, random), mix.unknown
    weights = _at_prior(posterior, classifier.prior, prior.value)
    shifted = []
    if len(texts) >= FEWEST:
        if shift > max(NOTABLE, by_chance):
            shifted.append("scores")
        if unknown.low > unknown_expected and unknown.value > UNKNOWN_TIMES * unknown_expected:
            shifted.append("words")
        if not prior.low <= classifier.prior <= prior.high:
            shifted.append("prior")
    flagged = float((log_odds >= classifier.thresholds["caution"]).mean())
    return Drift(
        n=len(texts),
        prior=prior,
        adjusted_count=adjusted_count(flagged, reference.recall["caution"], reference.false_positives["caution"]),
        training_prior=classifier.prior,
        psi=shift,
        psi_by_chance=by_chance,
        psi_training=psi(_Mix(reference, classifier.prior).shares(edges), found, len(texts)),
        bins=tuple(edges.tolist()),
        expected=tuple(expected.tolist()),
        found=tuple(found.tolist()),
        unknown=unknown,
        unknown_expected=unknown_expected,
        scam_types=_type_mix(types, weights, reference),
        levels={level: float((log_odds >= threshold).mean()) for level, threshold in classifier.thresholds.items()},
        shifted=tuple(shifted),
        signature=str(classifier.signature),
    )


def estimate_prior(posterior: Floats, trained: float, counts: Floats | None = None) -> float:
    """Share of scams among texts with these probabilities, which hold at the prior `trained`; `counts` repeats them.

    The maximum of the likelihood to which the EM of Saerens, Latinne & Decaestecker (2002) climbs. The likelihood is
    concave, so halving finds it without the slow end of EM. Right where only the share of scams changed.
    """
    scam, honest = posterior / trained, (1 - posterior) / (1 - trained)
    times = np.ones(len(posterior)) if counts is None else counts
    low, high = 0.0, 1.0
    for _ in range(40):
        prior = (low + high) / 2
        slope = float((times * (scam - honest) / (prior * scam + (1 - prior) * honest)).sum())
        low, high = (prior, high) if slope > 0 else (low, prior)
    return (low + high) / 2


def adjusted_count(flagged: float, recall: float, false_positives: float) -> float:
    """Adjusted classify and count (Forman 2008): (flagged - fpr) / (tpr - fpr), kept inside 0..1."""
    if recall <= false_positives:
        return float("nan")
    return min(1.0, max(0.0, (flagged - false_positives) / (recall - false_positives)))


def psi(expected: Floats, found: Floats, n: int) -> float:
    """Population stability index, sum of (found - expected) * ln(found / expected), 0 or more.

    Shares below half a text count as half a text: an empty bin is no infinite surprise.
    """
    least = 0.5 / max(1, n)
    a, b = np.maximum(expected, least), np.maximum(found, least)
    return float(((b - a) * np.log(b / a)).sum())


class _Mix:
    """The honest and the scam records of a reference at another prior."""

    def __init__(self, reference: Reference, prior: float) -> None:
        self._reference, self._prior = reference, prior
        self.unknown = (1 - prior) * reference.unknown_honest + prior * reference.unknown_scam

    def below(self, log_odds: Floats) -> Floats:
        """Share of the mix below each value."""
        honest, scam = (_below(q, log_odds) for q in (self._reference.honest, self._reference.scam))
        mixed: Floats = (1 - self._prior) * honest + self._prior * scam
        return mixed

    def quantiles(self, shares: Floats) -> Floats:
        points = np.unique(np.concatenate([self._reference.honest, self._reference.scam]))
        edges: Floats = np.interp(shares, self.below(points), points)
        return edges

    def shares(self, edges: Floats) -> Floats:
        return np.diff(np.concatenate([[0.0], self.below(edges), [1.0]]))


def _below(quantiles: Floats, values: Floats) -> Floats:
    """Linear between the quantiles; where several are equal, the last."""
    points, first = np.unique(quantiles[::-1], return_index=True)
    share = (len(quantiles) - 1 - first) / (len(quantiles) - 1)
    below: Floats = np.interp(values, points, share, left=0.0, right=1.0)
    return below


def _shares(log_odds: Floats, edges: Floats) -> Floats:
    return np.bincount(np.searchsorted(edges, log_odds, "right"), minlength=len(edges) + 1) / len(log_odds)


def _at_prior(posterior: Floats, trained: float, prior: float) -> Floats:
    scam = posterior * prior / trained
    honest = (1 - posterior) * (1 - prior) / (1 - trained)
    return scam / np.maximum(scam + honest, 1e-300)


def _unknown(reference: Reference, texts: Sequence[str], random: np.random.Generator) -> Estimate:
    tokenizer = Tokenizer()
    length, unknown = np.zeros(len(texts)), np.zeros(len(texts))
    for at, text in enumerate(texts):
        tokens = tokenizer.tokens(normalize(text))
        length[at], unknown[at] = len(tokens), sum(token not in reference.vocabulary for token in tokens)
    once = np.ones(len(texts), np.int64)
    return _resampled(lambda times: float(times @ unknown) / max(1.0, float(times @ length)), once, random)


def _scored(classifier: ScamClassifier, texts: Sequence[str]) -> tuple[Floats, dict[str, Floats]]:
    """Log-odds of the texts and, by scam type, its probability in each, shape (n_texts,)."""
    log_odds, types = np.empty(len(texts)), dict[str, Floats]()
    for first in range(0, len(texts), _AT_ONCE):
        for at, verdict in enumerate(classifier.classify_many(texts[first : first + _AT_ONCE]), first):
            log_odds[at] = verdict.log_odds
            for name, probability in verdict.scam_types:
                types.setdefault(name, np.zeros(len(texts)))[at] = probability
    return log_odds, types


def _type_mix(types: Mapping[str, Floats], weights: Floats, reference: Reference) -> dict[str, tuple[float, float]]:
    """Share of each type among the scams: here, each text counted as likely as it is one, and in training."""
    total = max(float(weights.sum()), 1e-12)
    none = np.zeros(len(weights))
    names = dict.fromkeys([*reference.scam_types, *types])
    return {n: (float(weights @ types.get(n, none)) / total, reference.scam_types.get(n, 0.0)) for n in names}


def _resampled(value: Callable[[Floats], float], counts: NDArray[np.int64], random: np.random.Generator) -> Estimate:
    """`value` of how often each text is drawn: as it is, and resampled."""
    n = int(counts.sum())
    draws = [value(times.astype(float)) for times in random.multinomial(n, counts / n, N_RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value(counts.astype(float)), float(low), float(high))
