"""`scamtext info`: what a model is made of and how well it does."""

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.report.safe import visible
from classifier.scam import ScamClassifier


def as_info(
    classifier: ScamClassifier, metrics: Mapping[str, Any] | None, history: Sequence[Mapping[str, Any]] = ()
) -> str:
    """A page for a terminal, from the model's head, what was measured on it and what its history says was accepted."""
    lines = [
        str(classifier.signature),
        f"{classifier.n_terms} terms, prior {classifier.prior:.3f}, "
        + ", ".join(f"{level} from log-odds {value:.2f}" for level, value in classifier.thresholds.items()),
    ]
    lines += [
        f"accepted {entry.get('date')} although worse in {len(entry.get('worse', []))} points: {visible(str(entry.get('accepted')))}"
        for entry in history
    ]
    if metrics is None:
        return "\n".join([*lines, "no metrics.json beside this model"]) + "\n"
    try:
        lines += _measured(metrics)
    except (KeyError, TypeError, ValueError, AttributeError):
        lines.append("metrics.json beside this model is not what `scamtext train` writes")
    return visible("\n".join(lines)) + "\n"


def _measured(metrics: Mapping[str, Any]) -> list[str]:
    folds = metrics["grouped_folds"]
    lines = [
        "",
        f"grouped folds of the corpus (n {folds['n']}): AUC {folds['auc']:.3f}, calibration error {folds['ece']:.3f}",
    ]
    lines.append(f"{'level':8s} {'recall':>7s} {'false +':>8s}   precision at a scam share of")
    shares = list(folds["levels"]["high"]["precision_by_prevalence"])
    lines.append(" " * 27 + " ".join(f"{float(share):>7.1%}" for share in shares))
    for level, values in folds["levels"].items():
        precision = " ".join(_percent(values["precision_by_prevalence"][share]) for share in shares)
        lines.append(f"{level:8s} {values['recall']:7.3f} {values['false_positives']:8.3f}   {precision}")
    if "evaluation" in metrics:
        measured = metrics["evaluation"]
        lines += [
            "",
            f"real scams against real look-alikes ({measured['n_scam']} and {measured['n_benign']} texts), 95 % intervals",
        ]
        for name in ("auc", "recall_at_1%_false_positives", "recall_at_5%_false_positives"):
            value = measured[name]
            lines.append(
                f"{name.replace('_', ' '):32s} {value['value']:.3f}  [{value['low']:.3f}, {value['high']:.3f}]"
            )
        lines.append(f"{'length alone (AUC)':32s} {measured['auc_of_length']:.3f}")
        lines.append(f"{'best single token (balanced acc.)':32s} {measured['best_token']['balanced_accuracy']:.3f}")
    return lines


def _percent(share: float | None) -> str:
    return f"{'–':>7s}" if share is None else f"{share:>7.1%}"
