"""From term contributions to phrases: which stretches of the source text moved the decision."""

import numpy as np

from classifier.arrays import Floats, Ints
from classifier.verdict import Evidence

_FAINT = 0.08  # share of the strongest token below which a token belongs to whatever phrase it stands in


def phrases(
    source_starts: Ints, source_ends: Ints, token_starts: Ints, token_ends: Ints, line: Floats
) -> tuple[Evidence, ...]:
    """Runs of tokens that speak for the same side, as spans of the source; their contributions add up to `line.sum()`.

    `line` holds the contribution of each character of the window, `source_starts` and `source_ends` where it came from.
    """
    if not len(token_starts):
        return ()
    by_token = np.add.reduceat(line, token_starts)  # a blank counts with the token before it
    sides = _carried(np.sign(np.where(np.abs(by_token) < _FAINT * np.abs(by_token).max(), 0.0, by_token)))
    turns = np.flatnonzero(sides[1:] != sides[:-1]) + 1
    firsts = np.concatenate([[0], turns])
    lasts = np.concatenate([turns, [len(token_starts)]]) - 1
    sums = np.add.reduceat(by_token, firsts)
    begins = source_starts[token_starts[firsts]]
    ends = source_ends[token_ends[lasts] - 1]
    return tuple(map(Evidence, begins.tolist(), ends.tolist(), sums.tolist()))


def steps(length: int, starts: Ints, ends: Ints, contributions: Floats) -> Floats:
    """Each contribution divided evenly among its characters, as the steps of a line: shape (length,).

    `np.cumsum` over the characters of one text gives its line.
    """
    shares = contributions / (ends - starts)
    rise = np.bincount(starts, shares, length + 1) - np.bincount(ends, shares, length + 1)
    return rise[:length].astype(np.float64, copy=False)


def _carried(sides: Floats) -> Floats:
    """Faint tokens (0) take the side of the token before them."""
    known = np.where(sides != 0, np.arange(len(sides)), 0)
    carried: Floats = sides[np.maximum.accumulate(known)]
    return carried
