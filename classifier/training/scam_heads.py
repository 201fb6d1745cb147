"""The two heads that tell a scam: from all honest texts, and once more from everyday talk alone.

What a scam shares with a call of a real bank is not what it shares with a chat among friends, and one set of weights
pays for either with the other. A text must look like a scam to both: the lower log-odds count.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from classifier.training.documents import Document
from classifier.training.material import Sample
from classifier.training.settings import Settings
from classifier.training.vectorizer import vectorizer


class ScamHeads(NamedTuple):
    """Fitted terms and heads."""

    terms: FeatureUnion
    scam: LogisticRegression  # over all columns
    everyday: LogisticRegression  # over the character n-grams, which come first

    def log_odds(self, documents: Sequence[Document]) -> NDArray[np.float64]:
        """Of each document, shape (n_documents,)."""
        return lower_log_odds(self.scam, self.everyday, csr_matrix(self.terms.transform(documents)))


def lower_log_odds(scam: LogisticRegression, everyday: LogisticRegression, rows: csr_matrix) -> NDArray[np.float64]:
    """Of a head over all columns and one over the first of them, shape (n_rows,)."""
    lower: NDArray[np.float64] = np.minimum(
        scam.decision_function(rows), everyday.decision_function(rows[:, : everyday.coef_.shape[1]])
    )
    return lower


def block_sizes(terms: FeatureUnion) -> list[int]:
    """How many columns are character n-grams, cue pairs and token n-grams."""
    return [len(part["tfidf"].vocabulary_) for _, part in terms.transformer_list]


def n_characters(terms: FeatureUnion) -> int:
    """How many columns are character n-grams."""
    return block_sizes(terms)[0]


def fit_scam_heads(sample: Sample, settings: Settings) -> tuple[ScamHeads, csr_matrix]:
    """Both heads, uncalibrated, and the rows of the sample's documents."""
    terms = vectorizer(settings)
    rows = csr_matrix(terms.fit_transform(sample.documents, sample.scam))
    scam = fit_first_head(rows, sample, settings)
    known = sample.scam | (sample.ordinary if sample.ordinary.any() else ~sample.scam)
    characters = rows[known][:, : n_characters(terms)]
    weights = np.ones(characters.shape[0])
    labels = sample.scam[known]
    if sample.utterances:
        utterances = csr_matrix(terms.transform(sample.utterances))[:, : n_characters(terms)]
        characters = vstack([characters, utterances])
        weights = np.concatenate([weights, np.full(len(sample.utterances), settings.utterance_weight)])
        labels = np.concatenate([labels, np.zeros(len(sample.utterances), np.bool_)])
    everyday = _head(settings).fit(characters, labels, sample_weight=weights)
    return ScamHeads(terms, scam, everyday), rows


def fit_first_head(rows: csr_matrix, sample: Sample, settings: Settings) -> LogisticRegression:
    """Scams against all honest texts; `rows` are those of the sample's documents, or some of their columns."""
    return _head(settings).fit(
        rows, sample.scam, sample_weight=np.where(sample.ordinary, settings.ordinary_weight, 1.0)
    )


def _head(settings: Settings) -> LogisticRegression:
    return LogisticRegression(C=settings.inverse_penalty, solver="liblinear", random_state=0)
