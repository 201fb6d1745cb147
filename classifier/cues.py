"""Cue pairs: two telling tokens anywhere in one window. The combination is the evidence, not the single word.

「会社」 and 「小切手」 and 「今日中」 each stand in thousands of honest texts; together they hardly do.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from classifier.arrays import Floats, Ints, Keys
from classifier.features import PAIRS, TOKEN_BITS, UNKNOWN_TOKEN

_SHIFT = np.uint64(TOKEN_BITS)
_MASK = np.uint64((1 << TOKEN_BITS) - 1)


class CuePairs(NamedTuple):
    """The cue pairs of several windows that are terms, sorted by window."""

    windows: Ints  # window of each pair
    terms: Ints
    firsts: Ints  # the two cues
    seconds: Ints
    cues: Ints  # for each token read its cue, from 1; 0 for the others
    n_cues: int

    def shared(self, contributions: Floats, windows: Ints, ranges: Sequence[tuple[int, int]]) -> tuple[Ints, Floats]:
        """(token, contribution) for the cues in `windows`: half of each pair, divided among the places of the cue."""
        tokens, shares = [], []
        for window in windows.tolist():
            own = slice(*np.searchsorted(self.windows, [window, window + 1]))
            begin, end = ranges[window]
            places = np.flatnonzero(self.cues[begin:end])
            cues = self.cues[begin:end][places] - 1
            halves = contributions[own] / 2
            sums = np.bincount(self.firsts[own], halves, self.n_cues)
            sums += np.bincount(self.seconds[own], halves, self.n_cues)
            tokens.append(places + begin)
            shares.append((sums / np.maximum(1, np.bincount(cues, minlength=self.n_cues)))[cues])
        return np.concatenate(tokens), np.concatenate(shares)


class Cues:
    """The cues of a model and which pairs of them are terms: a table of cue by cue, so that nothing is searched for."""

    def __init__(self, numbers: Ints, keys: Keys, first_term: int) -> None:
        """`numbers` of the tokens that are cues, sorted; `keys` of the pairs, which are the terms from `first_term` on."""
        self.numbers = numbers
        self._cue = np.zeros(UNKNOWN_TOKEN + 1, np.int16)
        self._cue[numbers] = np.arange(1, len(numbers) + 1)
        first = self._cue[(keys >> _SHIFT) & _MASK] - 1
        second = self._cue[keys & _MASK] - 1
        if len(keys) and (min(first.min(), second.min()) < 0 or (first >= second).any()):
            raise ValueError("a pair of tokens that are no cues")
        self._terms = np.full((len(numbers), len(numbers)), -1, np.int32)
        self._terms[first, second] = np.arange(first_term, first_term + len(keys))

    def pairs(self, numbers: Keys, ranges: Sequence[tuple[int, int]]) -> CuePairs:
        """All pairs within each of the token `ranges`; `numbers` are those of the tokens."""
        cues = self._cue[numbers].astype(np.int64)
        found, terms, firsts, seconds = [], [], [], []
        for begin, end in ranges:
            present = np.unique(cues[begin:end])
            present = present[present > 0] - 1
            table = self._terms[present[:, None], present].ravel()
            at = np.flatnonzero(table >= 0)
            found.append(len(at))
            terms.append(table[at])
            first, second = np.divmod(at, max(1, len(present)))
            firsts.append(present[first])
            seconds.append(present[second])
        windows = np.repeat(np.arange(len(found)), found)
        return CuePairs(
            windows,
            np.concatenate(terms).astype(np.int64),
            np.concatenate(firsts),
            np.concatenate(seconds),
            cues,
            len(self.numbers),
        )


def pair_key(first: Keys, second: Keys) -> Keys:
    """Keys of cue pairs, `first` below `second`."""
    keys: Keys = first << _SHIFT | second | PAIRS
    return keys
