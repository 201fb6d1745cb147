"""What the vectorizers read, and the one of cue pairs, which scikit-learn does not have."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from classifier import text as normalizer
from classifier.tokenizer import Tokenizer


class Document(NamedTuple):
    """What the vectorizers read."""

    text: str  # normalized
    tokens: list[str]


def text_of(document: Document) -> str:
    return document.text


def tokens_of(document: Document) -> list[str]:
    return document.tokens


def same(document: Document) -> Document:
    return document


def read_documents(texts: Sequence[str], tokenizer: Tokenizer | None = None) -> list[Document]:
    """Normalizes and tokenizes, as scoring does."""
    tokenizer = tokenizer or Tokenizer()
    normalized = [normalizer.normalize(text) for text in texts]
    return [Document(text, tokenizer.tokens(text)) for text in normalized]


class CuePairVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF rows of pairs of cues; the cues are the tokens that a unigram model leans on most.

    Importance of a token is |weight| * sqrt(document frequency), from logistic regression on unigrams.
    """

    def __init__(self, n_cues: int, fewest: int, most_terms: int) -> None:
        self.n_cues, self.fewest, self.most_terms = n_cues, fewest, most_terms

    def fit(self, documents: Sequence[Document], scam: NDArray[np.bool_]) -> "CuePairVectorizer":
        unigrams = TfidfVectorizer(
            preprocessor=same,
            tokenizer=tokens_of,
            token_pattern=None,
            lowercase=False,
            sublinear_tf=True,
            min_df=self.fewest,
        )
        rows = unigrams.fit_transform(documents)
        head = LogisticRegression(C=1.0, solver="liblinear", random_state=0).fit(rows, scam)
        importance = np.abs(head.coef_[0]) * np.sqrt(np.diff(rows.tocsc().indptr))
        strongest = np.argsort(-importance, kind="stable")[: self.n_cues]
        self.cues_ = frozenset(unigrams.get_feature_names_out()[strongest])
        self.vectorizer_ = TfidfVectorizer(
            analyzer=PairAnalyzer(self.cues_),
            min_df=self.fewest,
            max_features=self.most_terms,
            norm=None,
            dtype=np.float64,
        ).fit(documents)
        self.vocabulary_, self.idf_ = self.vectorizer_.vocabulary_, self.vectorizer_.idf_
        return self

    def transform(self, documents: Sequence[Document]) -> csr_matrix:
        return self.vectorizer_.transform(documents)


@dataclass(frozen=True)
class PairAnalyzer:
    """All pairs of different cues in a document, once each."""

    cues: frozenset[str]

    def __call__(self, document: Document) -> list[str]:
        return [
            f"{first} {second}" for first, second in combinations(sorted(self.cues.intersection(document.tokens)), 2)
        ]
