"""What each part of the features buys: `python -m classifier.training.ablation datasets [--ordinary FILES] [--keep]`.

One fold of our own corpus and the real texts of `datasets/evaluation`, each part left out or changed in turn. Training
variants are left out (but for the row that has them), so that the rows differ in one thing.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.errors import ClassifierError
from classifier.scam import shipped_model
from classifier.training import dataset, measuring
from classifier.training.documents import Document, read_documents
from classifier.training.evaluate import auc, recall_at
from classifier.training.kept import keep
from classifier.training.material import Material
from classifier.training.scam_heads import block_sizes, fit_first_head, fit_scam_heads
from classifier.training.settings import Settings

Texts = Sequence[Sequence[Document]]
Scores = list[NDArray[np.float64]]  # of each of several lists of documents
BLOCKS = {  # of the columns of a row: characters, pairs, tokens
    "tokens alone": (2,),
    "characters alone": (0,),
    "characters and tokens": (0, 2),
}
CHANGES = {
    "plain l2 norm": {"shortest": 0.0},
    "single tokens": {"token_ngrams": (1, 1)},
    "characters 1-3": {"character_ngrams": (1, 3)},
    "characters 2-4": {"character_ngrams": (2, 4)},
    "300 cues": {"n_cues": 300},
    "1,000 cues": {"n_cues": 1_000},
    "terms of 5 records or more": {"fewest_token": 5, "fewest_character": 5},
}


def ablation(
    frame: pd.DataFrame, evaluation: pd.DataFrame, ordinary: Sequence[str], settings: Settings | None = None
) -> pd.DataFrame:
    """A row for each way; AUC and recall at 5 % false positives on the held-out fold, AUC and recall on real texts.

    `ordinary_flagged` is the share of the `ordinary` texts at or above the threshold that keeps 70 % of the real scams.
    """
    settings = replace(settings or Settings(), variants=(), augmented=0.0)
    seen, held = dataset.folds(frame, 5)[0]
    material = Material.of(frame)
    own, own_scam = [material.documents[k] for k in held.tolist()], material.scam[held]
    real, real_scam = read_documents(evaluation.text.tolist()), (evaluation.label == "scam").to_numpy()
    other = read_documents(list(ordinary))
    rows = {}
    for name, (of_own, of_real, of_other) in _ways(frame, material, seen, settings, (own, real, other)):
        rows[name] = {
            "auc_fold": auc(of_own, own_scam),
            "recall_fold": recall_at(0.05)(of_own, own_scam),
            "auc_real": auc(of_real, real_scam),
            "recall_real": recall_at(0.05)(of_real, real_scam),
        }
        if other:
            rows[name]["ordinary_flagged"] = float((of_other >= np.quantile(of_real[real_scam], 0.3)).mean())
    return pd.DataFrame.from_dict(rows, orient="index")


def _ways(
    frame: pd.DataFrame, material: Material, seen: NDArray[np.int64], settings: Settings, texts: Texts
) -> Iterator[tuple[str, Scores]]:
    sample = material.sample(seen)
    heads, rows = fit_scam_heads(sample, settings)
    yield "as shipped, without variants", [heads.log_odds(documents) for documents in texts]
    of_texts = [csr_matrix(heads.terms.transform(documents)) for documents in texts]
    yield "first head alone", [heads.scam.decision_function(part) for part in of_texts]
    block = np.repeat([0, 1, 2], block_sizes(heads.terms))
    for name, kept in BLOCKS.items():
        columns = np.isin(block, kept)
        head = fit_first_head(rows[:, columns], sample, settings)
        yield f"first head, {name}", [head.decision_function(part[:, columns]) for part in of_texts]
    for name, change in CHANGES.items():
        changed, _ = fit_scam_heads(sample, replace(settings, **change))  # type: ignore[arg-type]
        yield name, [changed.log_odds(documents) for documents in texts]
    with_variants = Material.of(frame, Settings.variants, Settings.augmented).sample(seen)
    varied, _ = fit_scam_heads(with_variants, settings)
    yield "with variants", [varied.log_odds(documents) for documents in texts]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table."""
    options = measuring.corpus_parser("ablation", __doc__).parse_args(arguments)
    try:
        frame, evaluation, ordinary = measuring.read_corpus(options)
        table = ablation(frame, evaluation, ordinary)
    except ClassifierError as error:
        print(f"ablation: {error}", file=sys.stderr)
        return 1
    print(table.round(4).to_string())
    if options.keep:
        keep(shipped_model(), {"ablation": {"n_records": len(frame), "rows": table.round(4).to_dict("index")}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
