"""Linear heads over TF-IDF rows: scam or not, scam type, tactics."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from classifier.arrays import AnyArray, Floats, Ints
from classifier.features import damp

_LARGEST_INT32 = 2**31 - 1


class Rows(NamedTuple):
    """TF-IDF rows of several windows, term by term, sorted by row and term."""

    rows: Ints  # of each entry
    terms: Ints
    counts: Ints
    values: Floats  # before it is divided by the norm of its block
    weights: Floats  # of each entry: of the head, and of the one that knows everyday talk; shape (n_entries, 2)
    blocks: Ints  # number of the block of its row
    norms: Floats  # what each block is divided by, shape (2 * n_rows,)
    keys: Ints  # row and term in one number

    def normed(self, entries: slice) -> Floats:
        """The values of some entries as they count in the dot product."""
        return self.values[entries] / self.norms[self.blocks[entries]]


class ScamHead:
    """One weight a term. `log_odds` of a row = intercept + sum of value * weight; calibrated.

    A second set of weights, of character n-grams, tells scams from everyday talk alone; the lower of both decides.
    """

    def __init__(
        self,
        table: Floats,
        intercept: float,
        everyday_intercept: float,
        first_token_term: int,
        least_norms: tuple[float, float],
    ) -> None:
        """`table` has the idf, the weight and the weight against everyday talk of each term, shape (n_terms, 3).

        They stand side by side, so that memory is read in one place. The last is 0 for other terms than character n-grams.

        Before `first_token_term` stand character n-grams and cue pairs. A short row is not blown up: the characters and
        the tokens of a row are divided by at least their `least_norms`.
        """
        self._table = table
        self.idf, self.weights, self.everyday = table.T
        self.intercept, self.everyday_intercept = intercept, everyday_intercept
        self.first_token_term, self.least_norms = first_token_term, least_norms

    def rows(self, windows: Ints, terms: Ints, n_windows: int) -> Rows:
        """TF-IDF rows from hits: (1 + ln(count)) * idf, each block divided by its l2 norm or the least norm."""
        n_terms = len(self.idf)
        several = n_windows > 1
        if several:
            terms = (windows * n_terms + terms).astype(np.int32 if n_windows * n_terms <= _LARGEST_INT32 else np.int64)
        hits = np.sort(terms)
        first = np.flatnonzero(np.concatenate(([True], hits[1:] != hits[:-1]))) if len(hits) else hits
        counts = np.concatenate((first[1:], [len(hits)])) - first
        keys = hits[first].astype(np.int64)
        rows = keys // n_terms if several else np.zeros(len(keys), np.int64)
        terms = keys - rows * n_terms if several else keys
        read = self._table.take(terms, axis=0)
        values = read[:, 0] * damp(counts)
        blocks = rows * 2 + (terms >= self.first_token_term)
        norms = np.sqrt(np.bincount(blocks, values * values, 2 * n_windows))
        np.maximum(norms[::2], self.least_norms[0], out=norms[::2])
        np.maximum(norms[1::2], self.least_norms[1], out=norms[1::2])
        return Rows(rows, terms, counts, values, read[:, 1:], blocks, norms, keys)

    def log_odds(self, rows: Rows) -> Floats:
        """Of the n-grams, with the intercept; shape (n_rows,)."""
        sums = np.bincount(rows.blocks, rows.values * rows.weights[:, 0], len(rows.norms))
        shares: Floats = sums / rows.norms
        return shares[::2] + shares[1::2] + self.intercept

    def everyday_log_odds(self, rows: Rows) -> Floats:
        """Against everyday talk; shape (n_rows,)."""
        sums = np.bincount(rows.blocks, rows.values * rows.weights[:, 1], len(rows.norms))
        shares: Floats = sums[::2] / rows.norms[::2]
        return shares + self.everyday_intercept

    def contributions(self, rows: Rows, windows: Ints, terms: Ints) -> Floats:
        """What each hit adds to the log-odds of its row: the share of an entry is divided among its occurrences."""
        entries = np.searchsorted(rows.keys, windows * len(self.idf) + terms)
        shares: Floats = rows.values[entries] * rows.weights[entries, 0]
        return shares / (rows.norms[rows.blocks[entries]] * rows.counts[entries])


class LabelHead(NamedTuple):
    """Log-odds of the scam types and the tactics, from those terms that tell them apart."""

    scam_types: tuple[str, ...]
    tactics: tuple[str, ...]
    position: Ints  # row of `weights` of each term of the vocabulary; -1 for a term without weights
    weights: Floats  # shape (n_weighted_terms, n_scam_types + n_tactics)
    intercepts: Floats  # shape (n_scam_types + n_tactics,)

    def known(self, terms: Ints, values: Floats) -> tuple[Ints, Floats]:
        """Of one row: positions of its terms that have weights, and their values."""
        position = self.position[terms]
        known = position >= 0
        return position[known], values[known]

    def probabilities(self, positions: Ints, values: Floats) -> tuple[Floats, Floats]:
        """Of one row: the scam types, which add up to 1, and the tactics, each on its own."""
        log_odds: Floats = values @ self.weights[positions] + self.intercepts
        n_types = len(self.scam_types)
        return softmax(log_odds[:n_types]), logistic(log_odds[n_types:])


class Scripts(NamedTuple):
    """Mean rows of the documented scripts, over the terms that the label heads read."""

    described: tuple[Mapping[str, str], ...]  # scam_type, script, source and url of each
    of_types: tuple[tuple[int, ...], ...]  # the scripts of each scam type
    columns: AnyArray  # float32, shape (n_label_terms, n_scripts); the l2 norm of a column is 1

    def nearest(self, positions: Ints, values: Floats, norm: float, types: Ints) -> list[tuple[int, float]]:
        """The nearest script of each of `types` that has one, and the cosine with a row of that l2 `norm`."""
        cosines = ((values / (norm or 1.0)).astype(np.float32) @ self.columns[positions]).tolist()
        found = [max(self.of_types[t], key=cosines.__getitem__, default=-1) for t in types.tolist()]
        return [(script, cosines[script]) for script in found if script >= 0]


def inverse_frequency(frequencies: Ints, n_documents: int) -> Floats:
    """Inverse document frequency of each term, shape (n_terms,), always 1 or more.

    idf = ln((1 + n) / (1 + df)) + 1, as scikit-learn's `smooth_idf`; the added ones act as one record with every term.
    """
    idf: Floats = np.log((1.0 + n_documents) / (1.0 + frequencies)) + 1.0
    return idf


def logistic(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


def softmax(log_odds: Floats) -> Floats:
    """Probabilities that add up to 1."""
    powers = np.exp(log_odds - log_odds.max())
    shares: Floats = powers / powers.sum()
    return shares
