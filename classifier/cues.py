"""Cue pairs: two telling tokens anywhere in one window. The combination is the evidence, not the single word.

「会社」 and 「小切手」 and 「今日中」 each stand in thousands of honest texts; together they hardly do.

A pair is a term like any other, present or not, and pairs are a block with an l2 norm of its own. As every two cues of a
window are looked at, their sum is read from a table of cue by cue, and no pair is ever searched for.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from classifier.arrays import AnyArray, Floats, Ints, Keys
from classifier.features import PAIRS, TOKEN_BITS, UNKNOWN_TOKEN

_SHIFT = np.uint64(TOKEN_BITS)
_MASK = np.uint64((1 << TOKEN_BITS) - 1)


class Present(NamedTuple):
    """Which cues stand in each window, and what their pairs add."""

    of_tokens: AnyArray  # for each token read its cue, from 1; 0 for the others
    in_windows: list[Ints]  # the cues of each window, from 0, each once
    shares: list[Floats]  # what each of them adds: half of every pair it is in
    log_odds: Floats  # what all pairs of a window add, shape (n_windows,)


class Cues:
    """The cues of a model and what each pair of them weighs."""

    def __init__(self, numbers: Ints, keys: Keys, idf: Floats, weights: Floats, least_norm: float) -> None:
        """`numbers` of the tokens that are cues, sorted; `keys`, idf and weights of the pairs that are terms."""
        self.numbers, self.least_norm = numbers, least_norm
        self._cue = np.zeros(UNKNOWN_TOKEN + 1, np.int16)
        self._cue[numbers] = np.arange(1, len(numbers) + 1)
        first = self._cue[(keys >> _SHIFT) & _MASK] - 1
        second = self._cue[keys & _MASK] - 1
        if len(keys) and (min(first.min(), second.min()) < 0 or (first >= second).any()):
            raise ValueError("a pair of tokens that are no cues")
        # Half of each pair stands on either side of the diagonal, so that a row adds up to the share of its cue.
        # The real part is idf * weight, the imaginary one idf squared: both are read in one look.
        self._pairs = np.zeros((len(numbers), len(numbers)), np.complex128)
        self._pairs[first, second] = self._pairs[second, first] = (idf * weights + 1j * idf * idf) / 2

    def present(self, numbers: Keys, ranges: Sequence[tuple[int, int]]) -> Present:
        """The cues within each of the token `ranges`; `numbers` are those of the tokens."""
        of_tokens = self._cue[numbers]
        marks = np.zeros((len(ranges), len(self.numbers) + 1), np.bool_)
        for row, (begin, end) in zip(marks, ranges, strict=True):
            row[of_tokens[begin:end]] = True
        in_windows = [np.flatnonzero(row) for row in marks[:, 1:]]
        shares, log_odds = [], np.zeros(len(ranges))
        for window, cues in enumerate(in_windows):
            sums = self._pairs.take(cues, axis=0).take(cues, axis=1).sum(axis=1)
            total = complex(sums.sum())
            norm = max(self.least_norm, math.sqrt(total.imag))
            shares.append(sums.real / norm)
            log_odds[window] = total.real / norm
        return Present(of_tokens, in_windows, shares, log_odds)

    def shares(self, present: Present, windows: Ints, ranges: Sequence[tuple[int, int]]) -> tuple[Ints, Floats]:
        """(token, contribution) for the cues in `windows`: the share of a cue is divided among its places."""
        tokens, shares = [], []
        for window in windows.tolist():
            begin, end = ranges[window]
            of_tokens = present.of_tokens[begin:end]
            places = np.flatnonzero(of_tokens)
            found = of_tokens[places] - 1
            at = np.searchsorted(present.in_windows[window], found)
            tokens.append(places + begin)
            shares.append((present.shares[window] / np.maximum(1, np.bincount(at)))[at] if len(at) else np.zeros(0))
        return np.concatenate(tokens), np.concatenate(shares)


def pair_key(first: Keys, second: Keys) -> Keys:
    """Keys of cue pairs, `first` below `second`."""
    keys: Keys = first << _SHIFT | second | PAIRS
    return keys
