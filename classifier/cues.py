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
    in_windows: list[Ints]  # the cues of each window, from 0, each once, sorted
    pairs: list[AnyArray]  # what every pair of them weighs and how long it is: see `Cues`
    norms: list[float]  # what the pairs of each window are divided by
    log_odds: Floats  # what all pairs of a window add, shape (n_windows,)


class Cues:
    """The cues of a model and what each pair of them weighs."""

    def __init__(self, numbers: Ints, keys: Keys, idf: Floats, weights: Floats, least_norm: float) -> None:
        """`numbers` of the tokens that are cues, sorted; `keys`, idf and weights of the pairs that are terms."""
        self.numbers, self.least_norm = numbers, least_norm
        self._cue = np.zeros(UNKNOWN_TOKEN + 1, np.int16)
        self._cue[numbers] = np.arange(1, len(numbers) + 1)
        first = self._cue[(keys >> _SHIFT) & _MASK].astype(np.int64) - 1
        second = self._cue[keys & _MASK].astype(np.int64) - 1
        if len(keys) and (min(first.min(), second.min()) < 0 or (first >= second).any()):
            raise ValueError("a pair of tokens that are no cues")
        # A table of cue by cue, the half below its diagonal row by row: which pair it is, from 1; 0 where it is no term.
        cue = np.arange(len(numbers))
        self._rows = cue * (cue - 1) // 2
        self._pair = np.zeros(len(numbers) * (len(numbers) - 1) // 2, np.uint32)
        self._pair[self._rows[second] + first] = np.arange(1, len(keys) + 1)
        # The real part is idf * weight, the imaginary one idf squared: both are read in one look.
        self._values = np.append(0.0, idf * weights + 1j * idf * idf)
        self._triangle = np.tril_indices(64, -1)

    def present(self, numbers: Keys, ranges: Sequence[tuple[int, int]]) -> Present:
        """The cues within each of the token `ranges`; `numbers` are those of the tokens."""
        of_tokens = self._cue[numbers]
        marks = np.zeros((len(ranges), len(self.numbers) + 1), np.bool_)
        for row, (begin, end) in zip(marks, ranges, strict=True):
            row[of_tokens[begin:end]] = True
        in_windows = [np.flatnonzero(row) for row in marks[:, 1:]]
        pairs, norms, log_odds = [], [], np.zeros(len(ranges))
        for window, cues in enumerate(in_windows):
            rows, columns = self._below(len(cues))
            pairs.append(self._values.take(self._pair.take(self._rows[cues].take(rows) + cues.take(columns))))
            total = complex(pairs[-1].sum())
            norms.append(max(self.least_norm, math.sqrt(total.imag)))
            log_odds[window] = total.real / norms[-1]
        return Present(of_tokens, in_windows, pairs, norms, log_odds)

    def _below(self, n_cues: int) -> tuple[Ints, Ints]:
        """Row and column of every place below the diagonal of a table of so many cues."""
        n_places = n_cues * (n_cues - 1) // 2
        rows, columns = self._triangle
        if n_places > len(rows):
            rows, columns = self._triangle = np.tril_indices(n_cues, -1)
        return rows[:n_places], columns[:n_places]

    def shares(self, present: Present, windows: Ints, ranges: Sequence[tuple[int, int]]) -> tuple[Ints, Floats]:
        """(token, contribution) for the cues in `windows`: half of every pair, divided among the places of the cue."""
        tokens, shares = [], []
        for window in windows.tolist():
            begin, end = ranges[window]
            cues = present.in_windows[window]
            rows, columns = self._below(len(cues))
            pairs = present.pairs[window].real / (2.0 * present.norms[window])
            of_cues = np.bincount(rows, pairs, len(cues)) + np.bincount(columns, pairs, len(cues))
            of_tokens = present.of_tokens[begin:end]
            places = np.flatnonzero(of_tokens)
            at = np.searchsorted(cues, of_tokens[places] - 1)
            tokens.append(places + begin)
            shares.append((of_cues / np.maximum(1, np.bincount(at, minlength=len(cues))))[at])
        return np.concatenate(tokens), np.concatenate(shares)


def pair_key(first: Keys, second: Keys) -> Keys:
    """Keys of cue pairs, `first` below `second`."""
    keys: Keys = first << _SHIFT | second | PAIRS
    return keys
