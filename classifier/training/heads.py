"""The heads beside the scam head: scam type, tactics, and the documented script that a text comes nearest to."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_selection import f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from classifier.packaged import read_yaml
from classifier.taxonomy import labels

TERMS_OF_SCRIPT = 500  # most telling terms of each documented script that are kept


class Labels(NamedTuple):
    """Log-odds of scam types and tactics, from the terms that tell the types apart."""

    terms: NDArray[np.int64]  # columns of the rows, sorted
    weights: NDArray[np.float16]  # as the folder keeps them, shape (n_label_terms, n_scam_types + n_tactics)
    intercepts: NDArray[np.float64]


class Scripts(NamedTuple):
    """The documented scripts that the corpus has records of."""

    described: list[dict[str, str]]  # scam_type, script, source and url of each
    rows: csr_matrix  # l2 norm 1, shape (n_scripts, n_label_terms)


def fit_labels(
    frame: pd.DataFrame,
    rows: csr_matrix,
    scam: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    n_terms: int,
    inverse_penalty: float,
) -> Labels:
    """Scam type (one of 22, among scams) and tactics (each on its own; ordinary honest texts are the rest).

    They read `n_terms` of the `allowed` columns. Scams that came without a type or without tactics are left out of the
    head that would need them.
    """
    types, tactics = list(labels("scam_types")), list(labels("tactics"))
    told, scam = scam & frame.tactics.notna().to_numpy(), scam & frame.scam_type.notna().to_numpy()
    scams = rows[scam]
    kind = frame.scam_type[scam].map(types.index).to_numpy()
    # f_classif cannot rank a column of zeros
    used_terms = np.flatnonzero((np.diff(scams.tocsc().indptr) > 0) & allowed)
    strength = f_classif(scams[:, used_terms], kind)[0]
    chosen = np.sort(used_terms[np.argsort(-strength, kind="stable")[:n_terms]])
    ordinary = (frame.kind == "ordinary").to_numpy()
    type_head = LogisticRegression(C=inverse_penalty, solver="lbfgs", tol=1e-3, max_iter=200)
    type_head.fit(scams[:, chosen], kind)
    weights, intercepts = [type_head.coef_], [type_head.intercept_]
    used = vstack([rows[told], rows[ordinary]])[:, chosen].tocsr()
    lists = [*frame.tactics[told], *frame.tactics[ordinary]]
    for tactic in tactics:
        head = LogisticRegression(C=inverse_penalty, solver="liblinear", random_state=0)
        head.fit(used, np.array([tactic in given for given in lists]))
        weights.append(head.coef_)
        intercepts.append(head.intercept_)
    return Labels(chosen, np.concatenate(weights).T.astype(np.float16), np.concatenate(intercepts))


def fit_scripts(frame: pd.DataFrame, rows: csr_matrix, terms: NDArray[np.int64]) -> Scripts:
    """The mean row of the records of each documented script, less the mean of all scripts, where it is above that.

    A record belongs to the script that its `scam_type` and `variant` name.
    """
    keys = pd.Series(list(zip(frame.scam_type, frame.variant, strict=True)), index=frame.index)
    known = [script for script in documented_scripts() if (keys == (script["scam_type"], script["script"])).any()]
    if not known:
        return Scripts([], csr_matrix((0, len(terms)), dtype=np.float32))
    chosen = rows[:, terms]
    means = np.stack(
        [
            np.asarray(chosen[np.flatnonzero(keys == (s["scam_type"], s["script"]))].mean(axis=0)).ravel()
            for s in known
        ]
    )
    means -= means.mean(axis=0)
    least = -np.sort(-means, axis=1)[:, : TERMS_OF_SCRIPT + 1][:, -1:]
    return Scripts(known, normalize(csr_matrix(np.where(means > np.maximum(0.0, least), means, 0.0))).astype(np.float32))


@cache
def documented_scripts() -> tuple[dict[str, str], ...]:
    """The scripts that public bodies describe: scam_type, script (its name), source and url of each."""
    return tuple(
        {
            "scam_type": entry["scam_type"],
            "script": entry["name"],
            "source": f"{entry['publisher']}「{entry['title']}」",
            "url": entry["url"],
        }
        for entry in read_yaml("reference/scripts.yaml")["scripts"]
    )
