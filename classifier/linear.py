"""Linear heads over TF-IDF rows: scam or not, scam type, tactics."""

from dataclasses import dataclass

import numpy as np

from classifier.features import Floats, Ints, damp


@dataclass(frozen=True)
class Rows:
    """TF-IDF rows of several windows, term by term (sorted by row, then term)."""

    n_rows: int
    rows: Ints  # of each entry
    terms: Ints
    values: Floats  # tf-idf after the l2 norm of its block
    counts: Ints
    entry: Ints  # for each hit given, the entry it went into


@dataclass(frozen=True)
class ScamHead:
    """One weight a term. `log_odds` of a row = intercept + sum of value * weight; calibrated."""

    idf: Floats  # shape (n_terms,)
    weights: Floats  # shape (n_terms,)
    intercept: float
    n_character_terms: int  # the first terms are character n-grams, the rest token n-grams

    def rows(self, windows: Ints, terms: Ints, n_windows: int) -> Rows:
        """TF-IDF rows from hits: (1 + ln(count)) * idf, each of the two blocks divided by its l2 norm."""
        n_terms = len(self.idf)
        entries, entry, counts = np.unique(windows * n_terms + terms, return_inverse=True, return_counts=True)
        rows, terms = np.divmod(entries, n_terms)
        values = damp(counts) * self.idf[terms]
        blocks = rows * 2 + (terms >= self.n_character_terms)
        norms = np.sqrt(np.bincount(blocks, values * values, 2 * n_windows))
        values /= norms[blocks]
        return Rows(n_windows, rows, terms, values, counts, entry)

    def log_odds(self, rows: Rows) -> Floats:
        """Shape (n_rows,)."""
        sums = np.bincount(rows.rows, rows.values * self.weights[rows.terms], rows.n_rows).astype(np.float64)
        return sums + self.intercept

    def contributions(self, rows: Rows) -> Floats:
        """What each hit adds to the log-odds of its row: the share of an entry is divided among its occurrences."""
        shares = rows.values * self.weights[rows.terms] / rows.counts
        return shares[rows.entry]


@dataclass(frozen=True)
class LabelHead:
    """Log-odds of several labels from those terms that tell them apart."""

    labels: tuple[str, ...]
    position: Ints  # row of `weights` of each term of the vocabulary; -1 for a term without weights
    weights: Floats  # shape (n_weighted_terms, n_labels)
    intercepts: Floats  # shape (n_labels,)

    def log_odds(self, terms: Ints, values: Floats) -> Floats:
        """Shape (n_labels,), of one row."""
        position = self.position[terms]
        known = position >= 0
        scores: Floats = values[known] @ self.weights[position[known]] + self.intercepts
        return scores


def logistic(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


def softmax(log_odds: Floats) -> Floats:
    """Probabilities that add up to 1."""
    powers = np.exp(log_odds - log_odds.max())
    shares: Floats = powers / powers.sum()
    return shares
