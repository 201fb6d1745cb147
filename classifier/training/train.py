"""Training: scikit-learn TF-IDF and logistic regression on the corpus, calibrated and frozen on grouped folds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion

from classifier import store
from classifier import text as normalizer
from classifier.arrays import Keys
from classifier.cues import pair_key
from classifier.features import PAIRS, read_terms
from classifier.taxonomy import labels
from classifier.tokenizer import Tokenizer
from classifier.training import dataset
from classifier.training.calibration import calibrate
from classifier.training.documents import Document
from classifier.training.hashing import build
from classifier.training.heads import Labels, Scripts, fit_labels, fit_scripts
from classifier.training.material import Material, Sample
from classifier.training.scam_heads import ScamHeads, block_sizes, fit_scam_heads
from classifier.training.settings import Settings
from classifier.version import VERSION

Tell = Callable[[str], None]  # is told each step as it is done: steps(settings) of them


def steps(settings: Settings) -> int:
    """How many steps `fit` tells of."""
    return settings.n_folds + 3


def out_of_fold(
    frame: pd.DataFrame, material: Material, settings: Settings, seed: int = 0, tell: Tell | None = None
) -> NDArray[np.float64]:
    """Raw log-odds of each record from heads that saw neither its family nor its pair, shape (n_records,)."""
    from joblib import Parallel, delayed

    splits = dataset.folds(frame, settings.n_folds, seed)
    work = (
        delayed(_fold)(material.sample(seen), [material.documents[k] for k in held], settings) for seen, held in splits
    )
    log_odds = np.empty(len(frame))
    for number, ((_, held), scores) in enumerate(
        zip(splits, Parallel(n_jobs=2, return_as="generator")(work), strict=True), 1
    ):
        log_odds[held] = scores
        if tell:
            tell(f"fold {number} of {len(splits)}")
    return log_odds


def _fold(seen: Sample, held: Sequence[Document], settings: Settings) -> NDArray[np.float64]:
    return fit_scam_heads(seen, settings)[0].log_odds(held)


@dataclass(frozen=True)
class Fitted:
    """A trained model in scikit-learn's terms, before it is written down."""

    settings: Settings
    heads: ScamHeads  # their coefficients already hold the calibration
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
    material = Material.of(frame, settings.variants, settings.augmented)
    tell("texts read")
    raw = out_of_fold(frame, material, settings, tell=tell)
    calibration = calibrate(raw, material.scam)
    log_odds = calibration(raw)
    honest = log_odds[~material.scam]
    thresholds = {
        "caution": float(np.quantile(honest, 1 - settings.caution)),
        "high": float(np.quantile(honest, 1 - settings.high)),
    }
    sample = material.sample(np.arange(len(frame)))
    heads, rows = fit_scam_heads(sample, settings)
    for head in (heads.scam, heads.everyday):
        head.coef_ = (head.coef_ * calibration.slope).astype(np.float32).astype(np.float64)  # as the folder keeps them
        head.intercept_ = head.intercept_ * calibration.slope + calibration.offset
    tell("scam heads")
    rows = rows[: len(frame)]
    label_heads = fit_labels(
        frame, rows, material.scam, _ngrams(heads.terms), settings.n_label_terms, settings.label_inverse_penalty
    )
    tell("types and tactics")
    return Fitted(
        settings,
        heads,
        label_heads,
        fit_scripts(frame, rows, label_heads.terms),
        len(sample.documents),
        float(material.scam.mean()),
        thresholds,
        dataset.digest(frame),
        log_odds,
    )


def _ngrams(terms: FeatureUnion) -> NDArray[np.bool_]:
    """Which columns are n-grams: the label heads do not read cue pairs."""
    return np.repeat([True, False, True], block_sizes(terms))


def read_pairs(vocabulary: Mapping[str, int], numbers: dict[str, int]) -> Keys:
    """Keys of fitted cue pairs, in the order of their columns; `numbers` is filled with a number for each cue."""
    keys = np.zeros(len(vocabulary), np.uint64)
    for pair, column in sorted(vocabulary.items()):
        cues = sorted(numbers.setdefault(cue, len(numbers) + 1) for cue in pair.split(" "))
        keys[column] = pair_key(np.array(cues[:1], np.uint64), np.array(cues[1:], np.uint64))[0]
    return keys


def save(fitted: Fitted, folder: Path, name: str = "scam-ja", version: str = VERSION) -> None:
    """Writes the model folder. The same fitted model gives the same bytes."""
    parts = [part for _, part in fitted.heads.terms.transformer_list]
    characters, pairs, tokens = (part["tfidf"] for part in parts)
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
        "weights": fitted.heads.scam.coef_[0][order],
        "everyday_weights": fitted.heads.everyday.coef_[0][order[: len(blocks[0])]],  # characters have the lowest keys
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
        "intercept": float(fitted.heads.scam.intercept_[0]),
        "everyday_intercept": float(fitted.heads.everyday.intercept_[0]),
        "least_norms": [part["norm"].least_ for part in parts],
        "label_intercepts": fitted.labels.intercepts.tolist(),
        "scripts": fitted.scripts.described,
        "scam_types": list(labels("scam_types")),
        "tactics": list(labels("tactics")),
        "hash": {"multipliers": list(table.multipliers), "size": table.size},
        "settings": json.loads(json.dumps(settings)),
    }
    store.save(folder, meta, list(numbers), arrays)
