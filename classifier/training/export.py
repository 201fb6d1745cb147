"""The same model in scikit-learn's terms, for people whose tools want that: raw texts in, probabilities out.

`scamtext export` writes `as_pipeline(store.load(folder))` with joblib.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from classifier.features import CHARACTER_BITS, PAIRS, TOKEN_BITS, TOKENS
from classifier.linear import logistic
from classifier.store import Model
from classifier.training.documents import Document, PairAnalyzer, read_documents, same, text_of, tokens_of
from classifier.training.scam_heads import lower_log_odds
from classifier.training.vectorizer import FlooredNorm, union
from classifier.windows import lay_out


class StrongestWindow(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Reads raw texts in windows, scores each by `pipeline`, and keeps the window that speaks most for a scam."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.classes_ = np.array(["benign", "scam"])

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> "StrongestWindow":
        """Does nothing: the model is already fitted."""
        return self

    def decision_function(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated log-odds, shape (n_texts,)."""
        if len(texts) == 0:
            return np.empty(0)
        windows: list[Document] = []
        first_windows = []
        for document in self.read(texts):
            first_windows.append(len(windows))
            layout = lay_out([document.text], [document.tokens])
            for (first, last), (begin, end) in zip(layout.spans, layout.token_ranges, strict=True):
                part = slice(layout.character_edges[first], layout.character_edges[last + 1])
                windows.append(Document(layout.text[part], layout.tokens[begin:end]))
        strongest: NDArray[np.float64] = np.maximum.reduceat(self.pipeline.decision_function(windows), first_windows)
        return strongest

    def read(self, texts: Sequence[str]) -> list[Document]:
        """Normalized and tokenized texts."""
        return read_documents(list(texts))

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (n_texts, 2): benign, scam."""
        scam = logistic(self.decision_function(texts))
        return np.stack([1 - scam, scam], axis=1)

    def predict(self, texts: Sequence[str]) -> NDArray[np.str_]:
        """The likelier class of each text."""
        chosen: NDArray[np.str_] = self.classes_[(self.decision_function(texts) > 0).astype(int)]
        return chosen


class LowerOfTwo(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The lower log-odds of a head over all columns and one over the first of them, the character n-grams."""

    def __init__(self, scam: LogisticRegression, everyday: LogisticRegression) -> None:
        self.scam, self.everyday = scam, everyday
        self.classes_ = scam.classes_

    def fit(self, rows: csr_matrix, labels: Sequence[str]) -> "LowerOfTwo":
        """Does nothing: the heads are already fitted."""
        return self

    def decision_function(self, rows: csr_matrix) -> NDArray[np.float64]:
        """Calibrated log-odds, shape (n_rows,)."""
        return lower_log_odds(self.scam, self.everyday, csr_matrix(rows))


def as_pipeline(model: Model) -> Pipeline:
    """The model of a folder as a fitted scikit-learn Pipeline; scores agree to 1e-9."""
    scam = _head(model.scam.weights, model.scam.intercept)
    everyday = _head(model.scam.everyday[: _n_characters(model)], model.scam.everyday_intercept)
    scored = Pipeline([("terms", as_union(model)), ("heads", LowerOfTwo(scam, everyday))])
    return Pipeline([("strongest_window", StrongestWindow(scored))])


def _head(weights: NDArray[np.float64], intercept: float) -> LogisticRegression:
    head = LogisticRegression()
    head.classes_ = np.array(["benign", "scam"])
    head.coef_, head.intercept_ = weights[None, :], np.array([intercept])
    return head


def _n_characters(model: Model) -> int:
    return int(np.searchsorted(model.vocabulary.keys, PAIRS))


def as_union(model: Model) -> FeatureUnion:
    """The vectorizers of a model: documents in, TF-IDF rows out."""
    keys, tokens, sizes = model.vocabulary.keys, model.vocabulary.tokens, model.vocabulary.sizes
    n_characters = _n_characters(model)
    first_token = model.scam.first_token_term
    blocks = [slice(0, n_characters), slice(n_characters, first_token), slice(first_token, len(keys))]
    names = [
        ["".join(map(chr, unpack(key, CHARACTER_BITS))) for key in keys[blocks[0]].tolist()],
        [
            " ".join(sorted(tokens[n - 1] for n in unpack(key ^ int(PAIRS), TOKEN_BITS)))
            for key in keys[blocks[1]].tolist()
        ],
        [" ".join(tokens[n - 1] for n in unpack(key ^ int(TOKENS), TOKEN_BITS)) for key in keys[blocks[2]].tolist()],
    ]
    cues = frozenset(tokens[n - 1] for n in model.cues.numbers.tolist())
    common = {"lowercase": False, "sublinear_tf": True, "norm": None, "dtype": np.float64}
    vectorizers = [
        TfidfVectorizer(preprocessor=text_of, analyzer="char", ngram_range=sizes.characters, **common),
        TfidfVectorizer(analyzer=PairAnalyzer(cues), **common),
        TfidfVectorizer(preprocessor=same, tokenizer=tokens_of, token_pattern=None, ngram_range=sizes.tokens, **common),
    ]
    for vectorizer, block, terms in zip(vectorizers, blocks, names, strict=True):
        vectorizer.vocabulary = dict(zip(terms, range(len(terms)), strict=True))
        vectorizer.idf_ = model.scam.idf[block]
    floors = []
    for least in (model.scam.least_norms[0], model.cues.least_norm, model.scam.least_norms[1]):
        floors.append(FlooredNorm(share=0.0))
        floors[-1].least_ = least
    return union(list(zip(("characters", "pairs", "tokens"), vectorizers, strict=True)), floors)


def unpack(key: int, bits: int) -> list[int]:
    """The numbers packed into a key, first first."""
    numbers = []
    while key:
        numbers.append(key & ((1 << bits) - 1))
        key >>= bits
    return numbers[::-1]
