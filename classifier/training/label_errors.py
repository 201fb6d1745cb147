"""Records whose label is probably wrong, by confident learning (Northcutt et al. 2021, the library cleanlab)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.training import dataset

LEAST_LIKELY = 0.13  # probability of the given label below which a record is listed
_N_FOLDS = 5
Floats = NDArray[np.float64]


def suspects(frame: pd.DataFrame, out_of_fold: Floats) -> pd.DataFrame:
    """Records to read again, the least likely label first: `id`, `label`, `probability` (of that label), `family`.

    `out_of_fold` are log-odds of each record from a model that saw neither its family nor its pair, shape (n_records,).
    A record is listed where confident learning counts it as an error and its label is less likely than `LEAST_LIKELY`;
    on our corpus with 2 % flipped labels that finds about two of three, and about every second listed one is planted.
    """
    from cleanlab.filter import find_label_issues

    scam = (frame.label == "scam").to_numpy()
    if scam.all() or not scam.any():
        return frame.assign(probability=1.0)[["id", "label", "probability", "family"]].iloc[:0]
    probability = with_relatives(frame, out_of_fold)
    both = np.stack([1 - probability, probability], axis=1)
    of_label = np.where(scam, probability, 1 - probability)
    doubtful = find_label_issues(scam.astype(int), both, filter_by="confident_learning", n_jobs=1)
    listed = frame.assign(probability=of_label)[["id", "label", "probability", "family"]]
    return listed[doubtful & (of_label < LEAST_LIKELY)].sort_values("probability", kind="stable")


def with_relatives(frame: pd.DataFrame, out_of_fold: Floats) -> Floats:
    """Probability that each record is a scam, from its text and its relatives, never from its own label.

    Logistic regression over the text's out-of-fold log-odds, the labels of the other records of its family, and labels
    and log-odds of the other families of its pair (which should be of the other side); fitted on grouped folds.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    scam = (frame.label == "scam").to_numpy()
    side = np.where(scam, 1.0, -1.0)
    rows = np.stack(
        [out_of_fold, _of_siblings(frame, side), _of_mates(frame, side), _of_mates(frame, out_of_fold)], axis=1
    )
    group = dataset.groups(frame)
    n_folds = min(_N_FOLDS, len(np.unique(group)))
    head = LogisticRegression(C=10.0, max_iter=1000)
    probability: Floats = cross_val_predict(
        head, rows, scam, groups=group, cv=GroupKFold(n_folds), method="predict_proba"
    )[:, 1]
    return probability


def _of_siblings(frame: pd.DataFrame, values: Floats) -> Floats:
    """The mean over the other records of the family, 0 where there are none."""
    by_family = pd.Series(values).groupby(frame.family.to_numpy())
    others = by_family.transform("size").to_numpy() - 1
    return _mean(by_family.transform("sum").to_numpy() - values, others)


def _of_mates(frame: pd.DataFrame, values: Floats) -> Floats:
    """The mean over the records of the pair that are of another family, 0 where there are none."""
    pair, family = frame.pair.fillna("").to_numpy(), frame.family.to_numpy()
    of_values, of_ones = pd.Series(values), pd.Series(np.ones(len(values)))

    def outside(series: pd.Series) -> Floats:
        of_pair, of_both = series.groupby(pair).transform("sum"), series.groupby([pair, family]).transform("sum")
        return (of_pair - of_both).to_numpy()  # type: ignore[no-any-return]

    return np.where(pair == "", 0.0, _mean(outside(of_values), outside(of_ones)))


def _mean(sums: Floats, counts: NDArray[Any]) -> Floats:
    mean: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), 0.0)
    return mean
