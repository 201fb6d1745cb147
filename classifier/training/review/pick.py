"""Which texts to label next: uncertain, unlike each other, at odds with their neighbours; two published strategies in turn.

BADGE (Ash et al. 2020, "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds"): k-means++ seeding on
the gradients that the model's own answers would cause; long gradients are uncertain texts, far gradients unlike ones. For
logistic regression the gradient is (probability - answer) * row, so it is exact here.

CAL (Margatina et al. 2021, "Active Learning by Acquiring Contrastive Examples"): texts whose probability differs most,
in Kullback-Leibler divergence, from those of their nearest neighbours.

Both look at the most uncertain texts only (the filter of Zhdanov 2019, "Diverse mini-batch Active Learning"): over all of the
483 texts of the evaluation set CAL finds confident texts that are right. Every fifth text is drawn at random, for mistakes
that the model makes with confidence, and for a look at what comes in at all.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.linear import logistic

N_NEIGHBOURS = 10
MOST_UNCERTAIN, MOST_OTHERS = 4_000, 1_000  # of a large pool; the others keep confident mistakes within reach
UNCERTAIN_TIMES = 2  # as many uncertain texts as are wanted stand for choice
_TURNS = ("badge", "cal", "badge", "cal", "random")
_MEGABYTES = 64  # of distances at once
MOST_ALIKE = 0.9  # cosine; a text closer to a chosen one adds nothing
Floats = NDArray[np.float64]


class Pick(NamedTuple):
    """A chosen text: its position and why."""

    at: int
    reason: str  # badge, cal or random


def candidates(log_odds: Floats, seed: int = 0) -> NDArray[np.int64]:
    """Positions that `choose` should see: all of a small pool; the most uncertain and a random part of a large one."""
    if len(log_odds) <= MOST_UNCERTAIN + MOST_OTHERS:
        return np.arange(len(log_odds))
    order = np.argsort(np.abs(log_odds), kind="stable")
    others = np.random.default_rng(seed).choice(order[MOST_UNCERTAIN:], MOST_OTHERS, replace=False)
    return np.sort(np.concatenate([order[:MOST_UNCERTAIN], others]))


def choose(
    rows: csr_matrix,
    log_odds: Floats,
    n: int,
    known_rows: csr_matrix | None = None,
    known_log_odds: Floats | None = None,
    seed: int = 0,
) -> list[Pick]:
    """At most `n` of the texts with these TF-IDF rows, strategies in turn; the same choice for the same seed.

    Neighbours are the labelled texts `known_rows`, as CAL has it; without them the other texts of the pool.
    """
    rows = _unit(rows)
    probability = logistic(log_odds)
    if known_rows is None or known_log_odds is None:
        contrast = contrasts(rows, probability, rows, probability, itself=True)
    else:
        contrast = contrasts(rows, probability, _unit(known_rows), logistic(known_log_odds))
    near = np.argsort(np.abs(log_odds), kind="stable")[: UNCERTAIN_TIMES * n]
    order = {
        "badge": near[badge(rows[near], probability[near], len(near), seed)],
        "cal": near[np.argsort(-contrast[near], kind="stable")],
        "random": np.random.default_rng(seed).permutation(len(log_odds)),
    }
    queues = {reason: iter(places.tolist()) for reason, places in order.items()}
    picks: list[Pick] = []
    alike = np.zeros(len(log_odds))  # cosine to the nearest chosen text
    for reason in itertools.cycle(_TURNS):
        if len(picks) == n or not queues:
            break
        at = next((k for k in queues.get(reason, ()) if alike[k] < MOST_ALIKE), None)
        if at is None:
            queues.pop(reason, None)
            continue
        picks.append(Pick(at, reason))
        alike = np.maximum(alike, _dense(rows @ rows[at].T))
        alike[at] = 1.0
    return picks


def badge(rows: csr_matrix, probability: Floats, n: int, seed: int = 0) -> list[int]:
    """k-means++ seeding on the gradients: first the longest, then each drawn by its squared distance to the chosen."""
    factor = np.where(probability > 0.5, 1.0 - probability, probability)
    sign = np.where(probability > 0.5, -1.0, 1.0)
    gradients = rows.multiply((factor * sign)[:, None]).tocsr()
    squares = _dense(gradients.multiply(gradients).sum(axis=1))
    random = np.random.default_rng(seed)
    chosen = [int(squares.argmax())]
    distance = np.full(len(probability), np.inf)
    while len(chosen) < n:
        last = chosen[-1]
        to_last = squares + squares[last] - 2 * _dense(gradients @ gradients[last].T)
        distance = np.minimum(distance, np.maximum(to_last, 0.0))
        distance[chosen] = 0.0
        if distance.sum() <= 1e-12:  # all gradients are among the chosen
            break
        chosen.append(int(random.choice(len(distance), p=distance / distance.sum())))
    return chosen


def contrasts(
    rows: csr_matrix, probability: Floats, known_rows: csr_matrix, known: Floats, *, itself: bool = False
) -> Floats:
    """Mean divergence KL(neighbour || text) over the nearest neighbours, 0 or more; `itself`: the known are the texts."""
    from sklearn import config_context
    from sklearn.neighbors import NearestNeighbors

    count = min(N_NEIGHBOURS + itself, known_rows.shape[0])
    if count <= itself:
        return np.zeros(len(probability))
    finder = NearestNeighbors(n_neighbors=count, metric="cosine", algorithm="brute").fit(known_rows)
    with config_context(working_memory=_MEGABYTES):
        nearest = finder.kneighbors(rows, return_distance=False)
    p, q = _inside(known[nearest]), _inside(probability)[:, None]
    divergence = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    used = nearest != np.arange(len(rows.indptr) - 1)[:, None] if itself else np.ones_like(nearest, bool)
    sums: Floats = (divergence * used).sum(axis=1) / np.maximum(1, used.sum(axis=1))
    return sums


def _inside(probability: Floats) -> Floats:
    return np.clip(probability, 1e-6, 1 - 1e-6)


def _unit(rows: csr_matrix) -> csr_matrix:
    from sklearn.preprocessing import normalize

    return normalize(csr_matrix(rows))


def _dense(column: csr_matrix) -> Floats:
    dense: Floats = np.asarray(column.todense() if hasattr(column, "todense") else column).ravel()
    return dense


def first_of_each(keys: Sequence[str]) -> list[int]:
    """Positions of texts that did not come before."""
    seen: dict[str, int] = {}
    for at, key in enumerate(keys):
        seen.setdefault(key, at)
    return list(seen.values())
