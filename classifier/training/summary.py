"""The metrics of a model as a table for a terminal."""

from typing import Any

from classifier.report.safe import visible
from classifier.training.evaluate import FALSE_POSITIVE_RATES

MOST_ERRORS = 20


def as_table(measured: dict[str, Any]) -> str:
    """Value, 95 % interval and n; then the slices, and the gravest errors by id."""
    lines = [measured["signature"], f"{measured['n_scam']} scam, {measured['n_benign']} honest texts", ""]
    for name, value in headlines(measured):
        if isinstance(value, dict):
            n = f"  n {value['n']}" if "n" in value else ""
            lines.append(f"{name:48s} {value['value']:.3f}  [{value['low']:.3f}, {value['high']:.3f}]{n}")
        else:
            lines.append(f"{name:48s} {value:.3f}")
    lines += ["", f"{'slice':10s} {'value':24s} {'measure':15s} {'n':>5s}  {'caution or above':22s} high"]
    for part in measured["slices"]:
        levels = "  ".join(f"{v['value']:.3f} [{v['low']:.3f}, {v['high']:.3f}]" for v in part["levels"].values())
        name, measure = visible(part["value"]), part["measure"].replace("_", " ")
        lines.append(f"{part['slice']:10s} {name:24s} {measure:15s} {part['n']:5d}  {levels}")
    wrong = measured["errors"]
    lines += ["", f"{len(wrong)} errors at caution, the gravest first (all of them: --json FILE)"]
    for error in wrong[:MOST_ERRORS]:
        what = visible(str(error.get("type") or error.get("domain") or ""))
        lines.append(
            f"{visible(str(error.get('id', '')))!s:24s} {error['label']:7s} {error['log_odds']:+7.2f}  {error['level']:8s} {what}"
        )
        if "text" in error:
            lines.append("    " + visible(error["text"]).replace("\n", "\n    "))
    if len(wrong) > MOST_ERRORS:
        lines.append(f"… and {len(wrong) - MOST_ERRORS} more")
    return "\n".join(lines) + "\n"


def headlines(measured: dict[str, Any]) -> list[tuple[str, Any]]:
    """(name, value) of the metrics over all texts, in the order of a reader's questions."""
    found: list[tuple[str, Any]] = []
    for name in ("auc", *(f"recall_at_{rate:.0%}_false_positives" for rate in FALSE_POSITIVE_RATES)):
        if name in measured:
            found.append((name.replace("_", " "), measured[name]))
    if "best_token" in measured:
        token = visible(repr(measured["best_token"]["token"]))
        found.append(("baseline: AUC of length alone", measured["auc_of_length"]))
        found.append((f"baseline: best token {token}, balanced accuracy", measured["best_token"]["balanced_accuracy"]))
    for level, values in measured["levels"].items():
        for name in ("recall", "false_positives"):
            if name in values:
                found.append((f"{level} or above: {name.replace('_', ' ')}", values[name]))
    if "awareness_flagged" in measured:
        found.append(("awareness texts at caution or above", measured["awareness_flagged"]))
    for name in ("first_right", "among_three"):
        if name in measured.get("scam_type", {}):
            found.append((f"scam type of those flagged: {name.replace('_', ' ')}", measured["scam_type"][name]))
    if "calibration" in measured:
        found.append(("calibration error on these texts", measured["calibration"]["ece"]))
    for label, values in measured.get("early_detection", {}).items():
        for level in ("caution", "high"):
            name = f"{'scam' if label == 'scam' else 'honest'} calls at {level} within 10 utterances"
            found.append((name, values[level]["within_10"]))
    for level in ("caution", "high"):
        if "benign_files" in measured:
            found.append((f"honest files at {level} or above", measured["benign_files"][level]))
    return found
