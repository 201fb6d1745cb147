"""Measuring a model on labelled texts: with intervals, slices, and the baselines a model must beat."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier.errors import DatasetError
from classifier.scam import ScamClassifier
from classifier.training.dataset import read_lines

N_RESAMPLES = 1_000
FALSE_POSITIVE_RATES = (0.01, 0.05)
SLICES = ("type", "channel", "domain", "fidelity", "year", "length")
FEWEST_IN_SLICE = 5
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
                    f"{path}:{number}: label {row['label']!r}, allowed: scam, benign (or give the file to --benign)"
                )
            row["group"] = row.get("group") or row.get("pair") or row.get("family") or f"{path.name}:{number}"
            row["file"] = path.stem
            rows.append(row)
    if not rows:
        raise DatasetError("no records to measure on")
    frame = pd.DataFrame(rows)
    frame["length"] = pd.cut(
        frame.text.str.len(), [0, 40, 120, 250, np.inf], labels=["<40", "40-119", "120-249", "250+"], right=False
    ).astype(str)
    return frame


def evaluate_files(classifier: ScamClassifier, files: Sequence[Path], benign: Sequence[Path] = ()) -> Metrics:
    """All metrics of one model on labelled files, and its false positives on honest files without labels."""
    labelled = read_texts(files)
    measured = measure(classifier, labelled)
    if benign:
        measured["benign_files"] = false_positives(classifier, read_texts(benign, "benign"))
    return {"signature": str(classifier.signature), **measured}


def measure(classifier: ScamClassifier, frame: pd.DataFrame) -> Metrics:
    """Metrics with 95 % intervals from resampling source groups."""
    texts = frame.text.tolist()
    log_odds = classifier.log_odds(texts)
    scam = (frame.label == "scam").to_numpy()
    group = pd.factorize(frame.group.astype(str))[0]
    measured: Metrics = {"n": len(frame), "n_scam": int(scam.sum()), "n_benign": int((~scam).sum())}
    both = bool(scam.any() and not scam.all())
    if both:
        measured["auc"] = _with_interval(_auc, log_odds, scam, group)
        for rate in FALSE_POSITIVE_RATES:
            measured[f"recall_at_{rate:.0%}_false_positives"] = _with_interval(_recall_at(rate), log_odds, scam, group)
        measured["auc_of_length"] = _auc_either_way(np.array([len(t) for t in texts], float), scam)
        measured["best_token"] = best_token(classifier, texts, scam)
    measured["levels"] = {
        level: {
            "threshold": threshold,
            **({"recall": _share(log_odds[scam] >= threshold, group[scam])} if scam.any() else {}),
            **({"false_positives": _share(log_odds[~scam] >= threshold, group[~scam])} if not scam.all() else {}),
        }
        for level, threshold in classifier.thresholds.items()
    }
    flagged = log_odds >= classifier.thresholds["caution"]
    if "domain" in frame and (frame.domain == "scam_awareness").any():
        aware = (frame.domain == "scam_awareness").to_numpy()
        measured["awareness_flagged"] = _share(flagged[aware], group[aware])
    if scam.any() and frame.type.notna().any():
        measured["scam_type"] = _types(classifier, frame, flagged & scam, group)
    measured["slices"] = _slices(frame, flagged, scam)
    return measured


def false_positives(classifier: ScamClassifier, frame: pd.DataFrame) -> Metrics:
    """Share of honest texts at each level, over all and by file."""
    log_odds = classifier.log_odds(frame.text.tolist())
    group = pd.factorize(frame.group.astype(str))[0]
    return {
        "n": len(frame),
        **{level: _share(log_odds >= t, group) for level, t in classifier.thresholds.items()},
        "by_file": {
            str(name): {level: float((log_odds[part] >= t).mean()) for level, t in classifier.thresholds.items()}
            | {"n": len(part)}
            for name, part in frame.groupby("file").indices.items()
        },
    }


def best_token(classifier: ScamClassifier, texts: Sequence[str], scam: NDArray[np.bool_]) -> Metrics:
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


def _types(classifier: ScamClassifier, frame: pd.DataFrame, flagged: NDArray[np.bool_], group: NDArray[Any]) -> Metrics:
    if not flagged.any():
        return {"n": 0}
    verdicts = classifier.classify_many(frame.text[flagged].tolist())
    places = np.array(
        [
            [r.id for r in verdict.scam_types].index(true)
            for verdict, true in zip(verdicts, frame.type[flagged], strict=True)
        ]
    )
    return {
        "n": len(places),
        "first_right": _share(places == 0, group[flagged]),
        "among_three": _share(places < 3, group[flagged]),
    }


def _slices(frame: pd.DataFrame, flagged: NDArray[np.bool_], scam: NDArray[np.bool_]) -> list[Metrics]:
    rows = []
    for column in SLICES:
        if column not in frame:
            continue
        for label, side in (("scam", scam), ("benign", ~scam)):
            for value, part in frame[side].groupby(frame[side][column].astype(str)).indices.items():
                if len(part) >= FEWEST_IN_SLICE and value not in ("None", "nan"):
                    rows.append(
                        {
                            "slice": column,
                            "value": value,
                            "label": label,
                            "n": len(part),
                            "flagged": float(flagged[side][part].mean()),
                        }
                    )
    return rows


def _auc(log_odds: Floats, scam: NDArray[np.bool_]) -> float:
    return float(roc_auc_score(scam, log_odds)) if 0 < scam.sum() < len(scam) else float("nan")


def _auc_either_way(values: Floats, scam: NDArray[np.bool_]) -> float:
    auc = _auc(values, scam)
    return max(auc, 1 - auc)


def _recall_at(rate: float) -> Callable[[Floats, NDArray[np.bool_]], float]:
    def recall(log_odds: Floats, scam: NDArray[np.bool_]) -> float:
        if scam.all() or not scam.any():  # a resample of few groups
            return float("nan")
        return float((log_odds[scam] > np.quantile(log_odds[~scam], 1 - rate)).mean())

    return recall


def _with_interval(
    metric: Callable[[Floats, NDArray[np.bool_]], float], log_odds: Floats, scam: NDArray[np.bool_], group: NDArray[Any]
) -> Metrics:
    draws = [metric(log_odds[rows], scam[rows]) for rows in _resamples(group)]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return {"value": metric(log_odds, scam), "low": float(low), "high": float(high)}


def _share(hits: NDArray[np.bool_], group: NDArray[Any]) -> Metrics:
    """A share with its interval: group bootstrap, or the rule of three where nothing (or everything) was hit."""
    n, value = len(hits), float(hits.mean())
    if value in (0.0, 1.0):
        edge = min(1.0, 3.0 / max(1, len(np.unique(group))))
        return {"value": value, "low": max(0.0, value - edge), "high": min(1.0, value + edge), "n": n}
    low, high = np.quantile([hits[rows].mean() for rows in _resamples(group)], [0.025, 0.975])
    return {"value": value, "low": float(low), "high": float(high), "n": n}


def _resamples(group: NDArray[Any]) -> Iterable[NDArray[np.int64]]:
    """Rows of groups drawn with replacement, `N_RESAMPLES` times."""
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    random = np.random.default_rng(0)
    for _ in range(N_RESAMPLES):
        yield np.concatenate([members[k] for k in random.integers(0, len(members), len(members))])


def as_json(measured: Metrics) -> str:
    return json.dumps(measured, ensure_ascii=False, indent=1) + "\n"


def as_table(measured: Metrics) -> str:
    """The metrics for a reader: value, 95 % interval, n."""
    lines = [measured["signature"], f"{measured['n_scam']} scam, {measured['n_benign']} honest texts", ""]

    def say(name: str, value: Metrics | float) -> None:
        if isinstance(value, dict):
            n = f"  n {value['n']}" if "n" in value else ""
            lines.append(f"{name:44s} {value['value']:.3f}  [{value['low']:.3f}, {value['high']:.3f}]{n}")
        else:
            lines.append(f"{name:44s} {value:.3f}")

    for name in ("auc", *(f"recall_at_{rate:.0%}_false_positives" for rate in FALSE_POSITIVE_RATES)):
        if name in measured:
            say(name.replace("_", " "), measured[name])
    if "best_token" in measured:
        say("baseline: AUC of length alone", measured["auc_of_length"])
        say(
            f"baseline: best token {measured['best_token']['token']!r}, balanced accuracy",
            measured["best_token"]["balanced_accuracy"],
        )
    for level, values in measured["levels"].items():
        for name in ("recall", "false_positives"):
            if name in values:
                say(f"{level} or above: {name.replace('_', ' ')}", values[name])
    if "awareness_flagged" in measured:
        say("awareness texts at caution or above", measured["awareness_flagged"])
    for name in ("first_right", "among_three"):
        if name in measured.get("scam_type", {}):
            say(f"scam type of those flagged: {name.replace('_', ' ')}", measured["scam_type"][name])
    for level in ("caution", "high"):
        if "benign_files" in measured:
            say(f"honest files at {level} or above", measured["benign_files"][level])
    lines += ["", f"{'slice':10s} {'value':24s} {'label':7s} {'n':>5s} {'caution or above':>17s}"]
    lines += [
        f"{s['slice']:10s} {s['value']:24s} {s['label']:7s} {s['n']:5d} {s['flagged']:17.3f}"
        for s in measured["slices"]
    ]
    return "\n".join(lines) + "\n"
