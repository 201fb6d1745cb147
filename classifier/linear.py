"""Linear heads over TF-IDF rows: scam or not, scam type, tactics."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from classifier.arrays import AnyArray, Floats, Ints
from classifier.features import damp


class Rows(NamedTuple):
    """TF-IDF rows of several windows, term by term, sorted by row."""

    n_rows: int
    rows: Ints  # of each entry
    terms: Ints
    values: Floats  # tf-idf after the l2 norm of its block
    counts: Ints


class ScamHead(NamedTuple):
    """One weight a term. `log_odds` of a row = intercept + sum of value * weight; calibrated."""

    idf: Floats  # shape (n_terms,)
    weights: Floats  # shape (n_terms,)
    intercept: float
    first_token_term: int  # before it stand character n-grams and cue pairs

    def rows(self, windows: Ints, terms: Ints, n_windows: int) -> Rows:
        """TF-IDF rows from hits: (1 + ln(count)) * idf, each block divided by its l2 norm."""
        n_terms = len(self.idf)
        hits = np.sort(windows * n_terms + terms)
        first = np.flatnonzero(np.concatenate(([True], hits[1:] != hits[:-1]))) if len(hits) else hits
        counts = np.diff(first, append=len(hits))
        entries = hits[first]
        rows = entries // n_terms if n_windows > 1 else np.zeros(len(entries), np.int64)
        terms = entries - rows * n_terms
        return self._normed(rows, terms, counts, n_windows)

    def pair_rows(self, windows: Ints, terms: Ints, n_windows: int) -> Rows:
        """The same for cue pairs, which stand once in a window and come sorted by window."""
        return self._normed(windows, terms, np.ones(len(terms), np.int64), n_windows)

    def _normed(self, rows: Ints, terms: Ints, counts: Ints, n_rows: int) -> Rows:
        values = damp(counts) * self.idf[terms]
        blocks = rows * 2 + (terms >= self.first_token_term)
        values /= np.sqrt(np.bincount(blocks, values * values, 2 * n_rows))[blocks]
        return Rows(n_rows, rows, terms, values, counts)

    def log_odds(self, rows: Rows, pair_rows: Rows) -> Floats:
        """Shape (n_rows,)."""
        sums = np.bincount(rows.rows, rows.values * self.weights[rows.terms], rows.n_rows)
        pair_sums = np.bincount(pair_rows.rows, self.pair_contributions(pair_rows), rows.n_rows)
        return (sums + pair_sums + self.intercept).astype(np.float64, copy=False)

    def contributions(self, rows: Rows, windows: Ints, terms: Ints) -> Floats:
        """What each hit adds to the log-odds of its row: the share of an entry is divided among its occurrences."""
        shares = rows.values * self.weights[rows.terms] / rows.counts
        n_terms = len(self.idf)
        return shares[np.searchsorted(rows.rows * n_terms + rows.terms, windows * n_terms + terms)]

    def pair_contributions(self, pair_rows: Rows) -> Floats:
        """What each cue pair adds to the log-odds of its row."""
        return pair_rows.values * self.weights[pair_rows.terms]


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
    types: Ints  # number of the scam type of each, shape (n_scripts,)
    rows: AnyArray  # float32, l2 norm 1, shape (n_scripts, n_label_terms)

    def nearest(self, positions: Ints, values: Floats, norm: float, types: Ints) -> list[tuple[int, float]]:
        """The nearest script of each of `types` that has one, and the cosine with a row of that l2 `norm`."""
        found = []
        for scam_type in types.tolist():
            scripts = np.flatnonzero(self.types == scam_type)
            if len(scripts):
                cosines = self.rows[scripts[:, None], positions] @ values / max(norm, 1e-12)
                found.append((int(scripts[cosines.argmax()]), float(cosines.max())))
        return found


def inverse_frequency(frequencies: Ints, n_records: int) -> Floats:
    """Inverse document frequency of each term, shape (n_terms,), always 1 or more.

    idf = ln((1 + n) / (1 + df)) + 1, as scikit-learn's `smooth_idf`; the added ones act as one record with every term.
    """
    idf: Floats = np.log((1.0 + n_records) / (1.0 + frequencies)) + 1.0
    return idf


def logistic(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


def softmax(log_odds: Floats) -> Floats:
    """Probabilities that add up to 1."""
    powers = np.exp(log_odds - log_odds.max())
    shares: Floats = powers / powers.sum()
    return shares
