"""TF-IDF rows: character n-grams, cue pairs and token n-grams, each block with a norm of its own."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from classifier.training.documents import CuePairVectorizer, same, text_of, tokens_of
from classifier.training.settings import Settings

_LEAST = 1e-9  # of a block without terms


class FlooredNorm(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Divides each row by its l2 norm, or by `share` of the median norm where that is more.

    With the plain norm the two words of 「逮捕だ」 weigh as much as the two hundred of a call; so a short row stays near
    the intercept. A linear form of pivoted length normalization (Singhal et al. 1996).
    """

    def __init__(self, share: float) -> None:
        self.share = share

    def fit(self, rows: csr_matrix, labels: object = None) -> "FlooredNorm":
        norms = _norms(rows)
        filled = norms[norms > 0]
        self.least_ = max(_LEAST, self.share * float(np.median(filled))) if len(filled) else _LEAST
        return self

    def transform(self, rows: csr_matrix) -> csr_matrix:
        return csr_matrix(diags_array(1 / np.maximum(_norms(rows), self.least_)) @ rows)


def _norms(rows: csr_matrix) -> NDArray[np.float64]:
    norms: NDArray[np.float64] = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return norms


def union(blocks: Sequence[tuple[str, Any]], floors: Sequence[FlooredNorm]) -> FeatureUnion:
    """Blocks of unnormed TF-IDF, each followed by its norm."""
    return FeatureUnion(
        [
            (name, Pipeline([("tfidf", block), ("norm", floor)]))
            for (name, block), floor in zip(blocks, floors, strict=True)
        ]
    )


def vectorizer(settings: Settings) -> FeatureUnion:
    """The blocks, not yet fitted: characters, pairs, tokens."""
    common: dict[str, Any] = {"lowercase": False, "sublinear_tf": True, "norm": None, "dtype": np.float64}
    common["max_features"] = settings.most_terms
    characters = TfidfVectorizer(
        preprocessor=text_of,
        analyzer="char",
        ngram_range=settings.character_ngrams,
        min_df=settings.fewest_character,
        **common,
    )
    tokens = TfidfVectorizer(
        preprocessor=same, tokenizer=tokens_of, token_pattern=None, ngram_range=settings.token_ngrams,
        min_df=settings.fewest_token, **common,
    )  # fmt: skip
    pairs = CuePairVectorizer(settings.n_cues, settings.fewest_pair, settings.most_terms)
    return union(
        [("characters", characters), ("pairs", pairs), ("tokens", tokens)],
        [FlooredNorm(settings.shortest) for _ in range(3)],
    )
