"""Cue pairs: two telling tokens anywhere in one window. The combination is the evidence, not the single word.

「会社」 and 「小切手」 and 「今日中」 each stand in thousands of honest texts; together they hardly do.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from classifier.arrays import Floats, Ints, Keys
from classifier.features import TOKEN_BITS, Vocabulary

PAIRS = np.uint64(1 << 61)  # the bit of a cue pair
_SHIFT = np.uint64(TOKEN_BITS)


class CuePairs(NamedTuple):
    """The cue pairs of several windows that are terms."""

    windows: Ints  # window of each pair
    terms: Ints
    firsts: Keys  # token numbers of the two cues
    seconds: Keys

    def shared(
        self, contributions: Floats, windows: Ints, numbers: Keys, ranges: Sequence[tuple[int, int]]
    ) -> tuple[Ints, Floats]:
        """(token, contribution) for the cues in `windows`: half of each pair, divided among the places of the cue."""
        tokens, shares = [], []
        for window in windows.tolist():
            own = slice(*np.searchsorted(self.windows, [window, window + 1]))
            begin, end = ranges[window]
            known, place, counts = np.unique(numbers[begin:end], return_inverse=True, return_counts=True)
            halves = contributions[own] / 2
            sums = np.zeros(len(known))
            for cues in (self.firsts[own], self.seconds[own]):
                sums += np.bincount(np.searchsorted(known, cues), halves, len(known))
            per_token = (sums / counts)[place]
            found = np.flatnonzero(per_token)
            tokens.append(found + begin)
            shares.append(per_token[found])
        return np.concatenate(tokens), np.concatenate(shares)


def cue_pairs(vocabulary: Vocabulary, numbers: Keys, ranges: Sequence[tuple[int, int]]) -> CuePairs:
    """All pairs of cues within each of the token `ranges`; `numbers` are those of the tokens."""
    cue = vocabulary.is_cue[numbers]
    firsts, seconds, sizes = [], [], []
    for begin, end in ranges:
        cues = np.unique(numbers[begin:end][cue[begin:end]])
        left, right = _upper_triangle(len(cues))
        firsts.append(cues[left])
        seconds.append(cues[right])
        sizes.append(len(left))
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    found, terms = vocabulary.look_up(pair_key(first, second))
    windows = np.repeat(np.arange(len(sizes)), sizes)
    return CuePairs(windows[found], terms, first[found], second[found])


def pair_key(first: Keys, second: Keys) -> Keys:
    """Keys of cue pairs, `first` below `second`."""
    keys: Keys = first << _SHIFT | second | PAIRS
    return keys


@lru_cache(maxsize=256)
def _upper_triangle(n: int) -> tuple[Ints, Ints]:
    left, right = np.triu_indices(n, 1)
    return left, right
