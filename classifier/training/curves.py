"""What more data buys, and what a type never seen would cost: `python -m classifier.training.curves datasets …`."""

import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score

from classifier.errors import ClassifierError
from classifier.scam import shipped_model
from classifier.training import dataset, measuring
from classifier.training.documents import read_documents
from classifier.training.kept import keep
from classifier.training.material import Material
from classifier.training.scam_heads import fit_scam_heads
from classifier.training.settings import Settings

SHARES = (0.05, 0.10, 0.25, 0.50, 1.00)


def learning_curve(
    frame: pd.DataFrame, evaluation: pd.DataFrame, ordinary: Sequence[str], settings: Settings | None = None
) -> pd.DataFrame:
    """AUC on real texts, recall at 5 % of the real look-alikes flagged, and ordinary texts flagged there, by share of groups.

    A share keeps whole groups of families and pairs; smaller shares lie inside larger ones.
    """
    settings = settings or Settings()
    material = Material.of(frame)
    real, other = read_documents(evaluation.text.tolist()), read_documents(list(ordinary))
    real_scam = (evaluation.label == "scam").to_numpy()
    group = dataset.groups(frame)
    order = np.random.default_rng(0).permutation(group.max() + 1)
    rows = []
    for share in SHARES:
        kept = np.flatnonzero(np.isin(group, order[: max(2, round(share * len(order)))]))
        heads, _ = fit_scam_heads(material.sample(kept), settings)
        log_odds = heads.log_odds(real)
        threshold = np.quantile(log_odds[~real_scam], 0.95)
        row = {"share": share, "records": len(kept), "families": frame.family.iloc[kept].nunique()}
        row["auc"] = roc_auc_score(real_scam, log_odds)
        row["recall_at_5%"] = float((log_odds[real_scam] > threshold).mean())
        if other:
            row["ordinary_flagged_there"] = float((heads.log_odds(other) > threshold).mean())
        rows.append(row)
    return pd.DataFrame(rows).set_index("share")


def leave_one_type_out(frame: pd.DataFrame, settings: Settings | None = None) -> pd.Series:
    """Recall of each scam type, at 5 % of the honest records held out with it, by a model that saw no scam of that type.

    Held out with a type are the honest texts of its groups and a fifth of all other groups.
    """
    settings = settings or Settings()
    material = Material.of(frame)
    work = (delayed(_without)(frame, material, name, settings) for name in sorted(frame.scam_type.dropna().unique()))
    return pd.Series(dict(Parallel(n_jobs=2)(work)), name="recall").sort_values()


def _without(frame: pd.DataFrame, material: Material, name: str, settings: Settings) -> tuple[str, float]:
    group = dataset.groups(frame)
    own = (frame.scam_type == name).to_numpy()
    aside = np.isin(group, group[own]) | (np.random.default_rng(0).random(group.max() + 1) < 0.2)[group]
    seen, honest = np.flatnonzero(~aside), np.flatnonzero(aside & ~material.scam)
    heads, _ = fit_scam_heads(material.sample(seen), settings)
    threshold = np.quantile(heads.log_odds([material.documents[k] for k in honest.tolist()]), 0.95)
    return name, float(
        (heads.log_odds([material.documents[k] for k in np.flatnonzero(own).tolist()]) > threshold).mean()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints both tables."""
    parser = measuring.corpus_parser("curves", __doc__)
    parser.add_argument("--types", action="store_true", help="leave one type out as well (a model a type)")
    options = parser.parse_args(arguments)
    try:
        frame, evaluation, ordinary = measuring.read_corpus(options)
        print(learning_curve(frame, evaluation, ordinary).round(3).to_string())
        if options.types:
            recall = leave_one_type_out(frame)
            print(recall.round(3).to_string())
            print(f"mean {recall.mean():.3f}, worst {recall.min():.3f} ({recall.idxmin()})")
            if options.keep:
                keep(shipped_model(), {"left_out": recall.round(4).to_dict()})
    except ClassifierError as error:
        print(f"curves: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
