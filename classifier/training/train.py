"""Training: scikit-learn TF-IDF and logistic regression on the corpus, calibrated and frozen on grouped folds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from classifier import store
from classifier import text as normalizer
from classifier.arrays import Keys
from classifier.cues import pair_key
from classifier.features import PAIRS, read_terms
from classifier.taxonomy import labels
from classifier.tokenizer import Tokenizer
from classifier.training import dataset
from classifier.training.augment import Variants, variants_of
from classifier.training.calibration import calibrate
from classifier.training.documents import CuePairVectorizer, Document, read_documents, same, text_of, tokens_of
from classifier.training.hashing import build
from classifier.training.heads import Labels, Scripts, fit_labels, fit_scripts
from classifier.version import VERSION


@dataclass(frozen=True)
class Settings:
    """What a model is made with; chosen on grouped folds (models/README.md has the ablation)."""

    token_ngrams: tuple[int, int] = (1, 2)
    character_ngrams: tuple[int, int] = (2, 3)
    fewest_token: int = 2  # records that hold a term, for it to be one
    fewest_character: int = 3
    most_terms: int = 60_000  # of each block, the most frequent
    n_cues: int = 300
    fewest_pair: int = 6
    inverse_penalty: float = 3.0  # C of the scam head
    label_inverse_penalty: float = 10.0
    n_label_terms: int = 10_000
    variants: tuple[str, ...] = ("opening", "misheard", "kana")  # kinds of training/augment.py
    augmented: float = 0.5  # share of the records that come with a variant; they are never measured on
    n_folds: int = 5
    caution: float = 0.05  # share of our own honest records at that level or above, on grouped folds
    high: float = 0.01


Tell = Callable[[str], None]  # is told each step as it is done: steps(settings) of them


def steps(settings: Settings) -> int:
    """How many steps `fit` tells of."""
    return settings.n_folds + 4


def vectorizer(settings: Settings) -> FeatureUnion:
    """TF-IDF rows: character n-grams, cue pairs, token n-grams, each block with an l2 norm of its own."""
    common = {"lowercase": False, "sublinear_tf": True, "dtype": np.float64, "max_features": settings.most_terms}
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
    return FeatureUnion([("characters", characters), ("pairs", pairs), ("tokens", tokens)])


def scam_head(settings: Settings) -> LogisticRegression:
    return LogisticRegression(C=settings.inverse_penalty, solver="liblinear", random_state=0)


def out_of_fold(
    frame: pd.DataFrame,
    documents: Sequence[Document],
    variants: Variants,
    settings: Settings,
    seed: int = 0,
    tell: Tell | None = None,
) -> NDArray[np.float64]:
    """Raw log-odds of each record from a model that saw neither its family nor its pair, shape (n_records,)."""
    from joblib import Parallel, delayed

    splits = dataset.folds(frame, settings.n_folds, seed)
    scam = (frame.label == "scam").to_numpy()
    work = (
        delayed(_fold)(*variants.joined(train, documents, scam), [documents[i] for i in test], settings)
        for train, test in splits
    )
    log_odds = np.empty(len(frame))
    for number, ((_, test), scores) in enumerate(
        zip(splits, Parallel(n_jobs=2, return_as="generator")(work), strict=True), 1
    ):
        log_odds[test] = scores
        if tell:
            tell(f"fold {number} of {len(splits)}")
    return log_odds


def _fold(
    train: Sequence[Document], scam: NDArray[np.bool_], test: Sequence[Document], settings: Settings
) -> NDArray[np.float64]:
    return scorer(train, scam, settings)(test)


Scorer = Callable[[Sequence[Document]], NDArray[np.float64]]


def scorer(documents: Sequence[Document], scam: NDArray[np.bool_], settings: Settings) -> Scorer:
    """Fits the scam head alone, uncalibrated, and returns its log-odds."""
    terms = vectorizer(settings)
    head = scam_head(settings).fit(terms.fit_transform(documents, scam), scam)

    def score(texts: Sequence[Document]) -> NDArray[np.float64]:
        log_odds: NDArray[np.float64] = head.decision_function(terms.transform(texts))
        return log_odds

    return score


@dataclass(frozen=True)
class Fitted:
    """A trained model in scikit-learn's terms, before it is written down."""

    settings: Settings
    terms: FeatureUnion
    scam: LogisticRegression  # its coefficients already hold the calibration
    labels: Labels
    scripts: Scripts
    n_documents: int  # records and their variants
    prior: float
    thresholds: dict[str, float]
    data: str  # digest of the records
    out_of_fold: NDArray[np.float64]  # calibrated log-odds of the records


def fit(frame: pd.DataFrame, settings: Settings | None = None, tell: Tell | None = None) -> Fitted:
    """Trains all heads on `frame` and freezes calibration and thresholds on grouped folds."""
    settings, tell = settings or Settings(), tell or (lambda step: None)
    documents = read_documents(frame.text.tolist())
    tell("texts read")
    scam = (frame.label == "scam").to_numpy()
    variants = variants_of(frame, settings.variants, settings.augmented)
    tell("variants made")
    raw = out_of_fold(frame, documents, variants, settings, tell=tell)
    calibration = calibrate(raw, scam)
    log_odds = calibration(raw)
    honest = log_odds[~scam]
    thresholds = {
        "caution": float(np.quantile(honest, 1 - settings.caution)),
        "high": float(np.quantile(honest, 1 - settings.high)),
    }
    terms = vectorizer(settings)
    everything, is_scam = variants.joined(np.arange(len(frame)), documents, scam)
    rows = csr_matrix(terms.fit_transform(everything, is_scam))
    head = scam_head(settings).fit(rows, is_scam)
    rows = rows[: len(frame)]
    head.coef_ = head.coef_ * calibration.slope
    head.intercept_ = head.intercept_ * calibration.slope + calibration.offset
    tell("scam head")
    label_heads = fit_labels(frame, rows, scam, _ngrams(terms), settings.n_label_terms, settings.label_inverse_penalty)
    tell("types and tactics")
    return Fitted(
        settings,
        terms,
        head,
        label_heads,
        fit_scripts(frame, rows, label_heads.terms),
        len(everything),
        float(scam.mean()),
        thresholds,
        dataset.digest(frame),
        log_odds,
    )


def _ngrams(terms: FeatureUnion) -> NDArray[np.bool_]:
    """Which columns are n-grams: the label heads do not read cue pairs."""
    characters, pairs, tokens = (len(part.vocabulary_) for _, part in terms.transformer_list)
    return np.repeat([True, False, True], [characters, pairs, tokens])


def read_pairs(vocabulary: Mapping[str, int], numbers: dict[str, int]) -> Keys:
    """Keys of fitted cue pairs, in the order of their columns; `numbers` is filled with a number for each cue."""
    keys = np.zeros(len(vocabulary), np.uint64)
    for pair, column in sorted(vocabulary.items()):
        cues = sorted(numbers.setdefault(cue, len(numbers) + 1) for cue in pair.split(" "))
        keys[column] = pair_key(np.array(cues[:1], np.uint64), np.array(cues[1:], np.uint64))[0]
    return keys


def save(fitted: Fitted, folder: Path, name: str = "scam-ja", version: str = VERSION) -> None:
    """Writes the model folder. The same fitted model gives the same bytes."""
    characters, pairs, tokens = (part for _, part in fitted.terms.transformer_list)
    numbers: dict[str, int] = {}
    blocks = [
        read_terms(characters.vocabulary_, None),
        read_pairs(pairs.vocabulary_, numbers),
        read_terms(tokens.vocabulary_, numbers),
    ]
    keys = np.concatenate(blocks)
    order = np.argsort(keys)
    place = np.empty(len(keys), np.int64)
    place[order] = np.arange(len(keys))
    idf = np.concatenate([characters.idf_, pairs.idf_, tokens.idf_])
    table = build(keys[order][(keys[order] & PAIRS) == 0])
    by_place = np.argsort(place[fitted.labels.terms])
    arrays: dict[str, NDArray[Any]] = {
        "keys": keys[order],
        "displacements": table.displacements,
        "frequencies": np.rint((1 + fitted.n_documents) / np.exp(idf[order] - 1) - 1),
        "weights": fitted.scam.coef_[0][order],
        "cues": np.sort([numbers[cue] for cue in pairs.cues_ if cue in numbers]),
        "label_terms": place[fitted.labels.terms][by_place],
        "label_weights": fitted.labels.weights[by_place],
        "script_edges": fitted.scripts.rows.indptr,
        "script_terms": np.argsort(by_place)[fitted.scripts.rows.indices],
        "script_weights": fitted.scripts.rows.data,
    }
    settings = {**asdict(fitted.settings), "first_token_term": len(keys) - len(blocks[-1])}
    meta = {
        "name": name,
        "version": version,
        "data": fitted.data,
        "dictionary": Tokenizer().dictionary,
        "normalizer": normalizer.VERSION,
        "n_documents": fitted.n_documents,
        "prior": fitted.prior,
        "thresholds": fitted.thresholds,
        "intercept": float(fitted.scam.intercept_[0]),
        "label_intercepts": fitted.labels.intercepts.tolist(),
        "scripts": fitted.scripts.described,
        "scam_types": list(labels("scam_types")),
        "tactics": list(labels("tactics")),
        "hash": {"multipliers": list(table.multipliers), "size": table.size},
        "settings": json.loads(json.dumps(settings)),
    }
    store.save(folder, meta, list(numbers), arrays)
