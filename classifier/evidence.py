"""From term contributions to phrases: which stretches of the source text moved the decision."""

import itertools
from typing import NamedTuple

import numpy as np

from classifier.arrays import Floats, Ints
from classifier.verdict import Evidence

_FAINT = 0.08  # share of the strongest token below which a token belongs to whatever phrase it stands in


class Words(NamedTuple):
    """The tokens of the windows that decide, several texts in a row; half-open, in characters of the joined text."""

    starts: Ints
    ends: Ints
    edges: Ints  # first token of each window, and the number of tokens: shape (n_windows + 1,)


def phrases(line: Floats, words: Words, source_starts: Ints, source_ends: Ints) -> list[tuple[Evidence, ...]]:
    """For each window the runs of tokens that speak for the same side, as spans of the source.

    `line` holds the contribution of each character, 0 outside the windows; `source_starts` and `source_ends` where a
    character came from. The contributions of a window add up to its part of `line`.
    """
    if not len(words.starts):
        return [() for _ in words.edges[1:]]
    counts = np.diff(words.edges)
    last = words.edges[1:][counts > 0]
    # A blank counts with the token before it. The last of a window ends there, whatever text follows: a sum of more zeros
    # is rounded in another way.
    bounds = np.insert(words.starts, last, words.ends[last - 1] + 1)
    by_token = np.delete(np.add.reduceat(np.append(line, (0.0, 0.0)), bounds), last + np.arange(len(last)))
    filled = words.edges[:-1][counts > 0]
    strength = np.abs(by_token)
    faint = strength < _FAINT * np.repeat(np.maximum.reduceat(strength, filled), counts[counts > 0])
    # a faint token takes the side of the one before it in its window
    number = np.where(faint, 0, np.arange(len(by_token)))
    number[filled] = filled
    sides = np.sign(np.where(faint, 0.0, by_token))[np.maximum.accumulate(number)]
    turns = sides != np.roll(sides, 1)
    turns[filled] = True
    firsts = np.flatnonzero(turns)
    lasts = np.append(firsts[1:], len(by_token)) - 1
    sums = np.add.reduceat(by_token, firsts).tolist()
    begins = source_starts[words.starts[firsts]].tolist()
    ends = source_ends[words.ends[lasts] - 1].tolist()
    spans = list(map(Evidence, begins, ends, sums))
    return [tuple(spans[a:b]) for a, b in itertools.pairwise(np.searchsorted(firsts, words.edges).tolist())]


def steps(length: int, starts: Ints, ends: Ints, contributions: Floats) -> Floats:
    """Each contribution divided evenly among its characters, as the steps of a line: shape (length,).

    `np.cumsum` over the characters of one text gives its line.
    """
    shares = contributions / (ends - starts)
    rise = np.bincount(starts, shares, length + 1) - np.bincount(ends, shares, length + 1)
    return rise[:length].astype(np.float64, copy=False)
