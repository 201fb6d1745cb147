"""Measuring a model on labelled texts: with intervals, slices, errors, and the baselines a model must beat."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.errors import DatasetError, UnknownLabelError, shown
from classifier.scam import ScamClassifier
from classifier.taxonomy import labels
from classifier.training.dataset import read_lines
from classifier.training.early import early_detection, follow
from classifier.training.intervals import share, with_interval
from classifier.training.points import histogram, precision_recall, reliability
from classifier.training.slices import errors, length_band, slices

FALSE_POSITIVE_RATES = (0.01, 0.05)
Floats = NDArray[np.float64]
Metrics = dict[str, Any]


def read_texts(paths: Iterable[Path], label: str | None = None) -> pd.DataFrame:
    """Texts to measure on; `label` is given to records that have none. A record's `group` names its source.

    Raises DatasetError for a record without text or label.
    """
    rows = []
    for path in paths:
        for number, record in read_lines(path):
            row = {"label": label, "type": record.get("scam_type"), **record}
            if not str(row.get("text") or "").strip():
                raise DatasetError(f"{path}:{number}: no text")
            if row["label"] not in ("scam", "benign"):
                raise DatasetError(
                    f"{path}:{number}: label {shown(row['label'])}, allowed: scam, benign (or give the file to --benign)"
                )
            if row["type"] is not None and row["type"] not in labels("scam_types"):
                raise UnknownLabelError(
                    f"{path}:{number}: unknown scam type {shown(row['type'])}. Known: {', '.join(labels('scam_types'))}"
                )
            row["group"] = row.get("group") or row.get("pair") or row.get("family") or f"{path.name}:{number}"
            row["file"] = path.stem
            row.setdefault("id", f"{path.name}:{number}")
            rows.append(row)
    if not rows:
        raise DatasetError("no records to measure on")
    frame = pd.DataFrame(rows)
    frame["length"] = length_band(frame.text)
    return frame


def evaluate_files(
    classifier: ScamClassifier, files: Sequence[Path], benign: Sequence[Path] = (), with_texts: bool = False
) -> Metrics:
    """All metrics of one model on labelled files, and its false positives on honest files without labels."""
    scored = score_texts(classifier, read_texts(files))
    measured = measure(classifier, scored, follow(classifier, scored), with_texts)
    if benign:
        measured["benign_files"] = false_positives(classifier, read_texts(benign, "benign"))
    return measured


def score_texts(classifier: ScamClassifier, frame: pd.DataFrame) -> pd.DataFrame:
    """The texts with what the model says of each: `log_odds`, `level`; of scams also `guessed` (types, likeliest first)."""
    log_odds = classifier.log_odds(frame.text.tolist())
    scams = np.flatnonzero(frame.label == "scam")
    verdicts = classifier.classify_many(frame.text.iloc[scams].tolist())
    guessed: list[list[str] | None] = [None] * len(frame)
    for at, verdict in zip(scams.tolist(), verdicts, strict=True):
        guessed[at] = [ranked.id for ranked in verdict.scam_types]
    return frame.assign(log_odds=log_odds, level=[classifier.level(x) for x in log_odds.tolist()], guessed=guessed)


def measure(
    classifier: ScamClassifier, scored: pd.DataFrame, reached: pd.DataFrame | None = None, with_texts: bool = False
) -> Metrics:
    """Metrics of scored texts with 95 % intervals from resampling source groups.

    `reached` is what `follow` gave; without it nothing is said of early detection.
    """
    texts, log_odds, thresholds = scored.text.tolist(), scored.log_odds.to_numpy(), classifier.thresholds
    scam = (scored.label == "scam").to_numpy()
    group = pd.factorize(scored.group.astype(str))[0]
    measured: Metrics = {
        "signature": str(classifier.signature), "n": len(scored), "n_scam": int(scam.sum()), "n_benign": int((~scam).sum()),
    }  # fmt: skip
    if scam.any() and not scam.all():
        measured["auc"] = with_interval(auc, log_odds, scam, group)
        for rate in FALSE_POSITIVE_RATES:
            measured[f"recall_at_{rate:.0%}_false_positives"] = with_interval(recall_at(rate), log_odds, scam, group)
        measured["auc_of_length"] = _auc_either_way(np.array([len(t) for t in texts], float), scam)
        measured["best_token"] = best_token(texts, scam)
        measured["precision_recall"] = precision_recall(log_odds, scam)
        measured["calibration"] = reliability(log_odds, scam, classifier.prior)
    measured["scores"] = histogram(log_odds, scam)
    measured["levels"] = {
        level: {
            "threshold": threshold,
            **({"recall": share(log_odds[scam] >= threshold, group[scam])} if scam.any() else {}),
            **({"false_positives": share(log_odds[~scam] >= threshold, group[~scam])} if not scam.all() else {}),
        }
        for level, threshold in thresholds.items()
    }
    flagged = log_odds >= thresholds["caution"]
    if "domain" in scored and (scored.domain == "scam_awareness").any():
        aware = (scored.domain == "scam_awareness").to_numpy()
        measured["awareness_flagged"] = share(flagged[aware], group[aware])
    if scam.any() and scored.type.notna().any():
        measured["scam_type"] = _types(scored, flagged & scam & scored.type.notna().to_numpy(), group)
    if reached is not None and len(reached):
        measured["early_detection"] = early_detection(scored, reached, thresholds)
    measured["slices"] = slices(scored, thresholds)
    measured["errors"] = errors(scored, thresholds, with_texts)
    return measured


def false_positives(classifier: ScamClassifier, frame: pd.DataFrame) -> Metrics:
    """Share of honest texts at each level, over all and by file."""
    log_odds = classifier.log_odds(frame.text.tolist())
    group = pd.factorize(frame.group.astype(str))[0]
    return {
        "n": len(frame),
        **{level: share(log_odds >= t, group) for level, t in classifier.thresholds.items()},
        "by_file": {
            str(name): {level: float((log_odds[part] >= t).mean()) for level, t in classifier.thresholds.items()}
            | {"n": len(part)}
            for name, part in frame.groupby("file").indices.items()
        },
    }


def best_token(texts: Sequence[str], scam: NDArray[np.bool_]) -> Metrics:
    """The one token that tells the texts apart best, chosen on these very texts: an upper mark for a keyword rule."""
    from sklearn.feature_extraction.text import CountVectorizer

    from classifier.training.documents import read_documents, same, tokens_of

    counter = CountVectorizer(preprocessor=same, tokenizer=tokens_of, token_pattern=None, lowercase=False, binary=True)
    rows = counter.fit_transform(read_documents(texts))
    in_scam = np.asarray(rows[scam].mean(axis=0)).ravel()
    in_honest = np.asarray(rows[~scam].mean(axis=0)).ravel()
    accuracy = 0.5 + np.abs(in_scam - in_honest) / 2
    best = int(accuracy.argmax())
    return {"token": counter.get_feature_names_out()[best], "balanced_accuracy": float(accuracy[best])}


def _types(scored: pd.DataFrame, flagged: NDArray[np.bool_], group: NDArray[Any]) -> Metrics:
    if not flagged.any():
        return {"n": 0}
    pairs = zip(scored.guessed[flagged], scored.type[flagged], strict=True)
    places = np.array([guessed.index(true) if true in guessed else len(guessed) for guessed, true in pairs])
    return {
        "n": len(places),
        "first_right": share(places == 0, group[flagged]),
        "among_three": share(places < 3, group[flagged]),
    }


def auc(log_odds: Floats, scam: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a scam scores above an honest text, ties half (Mann and Whitney 1947).

    NaN where a side is missing, as in a resample of few groups.
    """
    if scam.all() or not scam.any():
        return float("nan")
    honest = np.sort(log_odds[~scam])
    below = np.searchsorted(honest, log_odds[scam], "left") + np.searchsorted(honest, log_odds[scam], "right")
    return float(below.mean() / (2 * len(honest)))


def _auc_either_way(values: Floats, scam: NDArray[np.bool_]) -> float:
    area = auc(values, scam)
    return max(area, 1 - area)


def recall_at(rate: float) -> Callable[[Floats, NDArray[np.bool_]], float]:
    """Recall at the threshold that flags this share of the honest texts measured on."""

    def recall(log_odds: Floats, scam: NDArray[np.bool_]) -> float:
        if scam.all() or not scam.any():  # a resample of few groups
            return float("nan")
        return float((log_odds[scam] > np.quantile(log_odds[~scam], 1 - rate)).mean())

    return recall


def as_json(measured: Metrics) -> str:
    """All metrics, for machines."""
    return json.dumps(measured, ensure_ascii=False, indent=1) + "\n"
