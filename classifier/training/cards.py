"""The parts of the cards that are numbers, made from the numbers: `python -m classifier.training.cards`."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from classifier.taxonomy import japanese_name
from classifier.training import audit, dataset
from classifier.windows import WINDOW

_COUNTS = re.compile(r"(<!-- counts:.*?-->\n).*?(<!-- end of counts -->)", re.DOTALL)


def counts_table(frame: pd.DataFrame) -> str:
    """Counts of the corpus in Markdown."""
    scam, honest = frame[frame.label == "scam"], frame[frame.label == "benign"]
    lines = [
        f"{len(frame):,} records: {len(scam):,} scam of {scam.family.nunique():,} families, {len(honest):,} honest of "
        f"{honest.family.nunique():,} families, {audit.n_pairs(frame):,} pairs. Digest `{dataset.digest(frame)}`.",
        "",
    ]
    for title, part, column, group in (
        ("scam type", scam, "scam_type", "scam_types"),
        ("domain", honest, "domain", "benign_domains"),
    ):
        lines += [f"| {title} | | records | families | under 40 chars | 250 or more |", "|---|---|---:|---:|---:|---:|"]
        for name, rows in sorted(part.groupby(column), key=lambda item: -len(item[1])):
            short, long = (rows.text.str.len() < 40).sum(), (rows.text.str.len() >= 250).sum()
            lines.append(
                f"| {name} | {japanese_name(group, name)} | {len(rows)} | {rows.family.nunique()} | {short} | {long} |"
            )
        lines.append("")
    for title, column in (("unit", "unit"), ("channel", "channel"), ("phase", "phase")):
        lines += [f"| {title} | scam | honest |", "|---|---:|---:|"]
        for name in frame[column].value_counts().index:
            lines.append(f"| {name} | {(scam[column] == name).sum()} | {(honest[column] == name).sum()} |")
        lines.append("")
    lines += ["| kind of honest text | records |", "|---|---:|"]
    lines += [f"| {name} | {n} |" for name, n in honest.kind.value_counts().items()]
    return "\n".join(lines) + "\n"


def with_counts(card: str, frame: pd.DataFrame) -> str:
    """The data card with its counts brought up to date."""
    return _COUNTS.sub(lambda match: match[1] + counts_table(frame) + match[2], card)


def model_card(head: dict[str, Any], metrics: dict[str, Any]) -> str:
    """models/README.md from a model's head and metrics.json."""
    folds, real = metrics["grouped_folds"], metrics["evaluation"]

    levels = [
        f"| {level} | {folds['levels'][level]['recall']:.3f} | {folds['levels'][level]['false_positives']:.3f} "
        f"| {_value(real['levels'][level]['recall'])} | {_value(real['levels'][level]['false_positives'])} |"
        for level in ("caution", "high")
    ]
    precision = [
        f"| {level} | "
        + " | ".join(
            "–" if p is None else f"{p:.1%}" for p in folds["levels"][level]["precision_by_prevalence"].values()
        )
        + " |"
        for level in ("caution", "high")
    ]
    shares = " | ".join(f"{float(p):.1%}" for p in folds["levels"]["high"]["precision_by_prevalence"])
    weak = sorted(folds["recall_by_type"].items(), key=lambda item: item[1])[:6]
    noisy = sorted(folds["flagged_by_domain"].items(), key=lambda item: -item[1])[:6]
    slices = [s for s in real["slices"] if s["slice"] in ("type", "fidelity", "length", "channel") and s["n"] >= 5]
    types = real["scam_type"]
    settings = head["settings"]
    public = metrics.get("benign_files")
    return f"""# Model card: {head["name"]} {head["version"]}

Made by `python -m classifier.training.cards` from model.json and metrics.json; do not edit by hand.

## What it is

TF-IDF of token {settings["token_ngrams"][0]}–{settings["token_ngrams"][1]}-grams (fugashi, {head["dictionary"]}), character
{settings["character_ngrams"][0]}–{settings["character_ngrams"][1]}-grams and pairs of {settings["n_cues"]} telling tokens, logistic regression, Platt scaling. Trained on `datasets/`
(digest {head["data"]}, {folds["n"]:,} records, {folds["n_scam"]:,} of them scams). A text over {WINDOW} characters is read in windows;
the one most like a scam decides. Every log-odds is the intercept plus what each stretch of text adds, less what a second
head takes off a text that is like everyday talk: it knows only scams, ordinary texts and their single utterances, by
character n-grams, and the lower log-odds of both heads count. A block's norm is at least {settings["shortest"]:.0%} of the median
norm, so that a short text stays near the intercept.

## For whom, and for whom not

For fraud analysts, consultation desks and engineers who sort Japanese calls and messages: which to read first, and why.
Never the sole ground for an action against anyone: blocking a line, freezing an account, accusing a caller. Not for
languages other than Japanese, nor for texts of a few words (`insufficient`). A low level is no all-clear: see recall.

## How well it does

Thresholds were frozen on grouped folds of our own corpus (families and pairs never cross) at {settings["caution"]:.1%} and
{settings["high"]:.1%} of our honest records flagged; then measured on `datasets/evaluation` ({real["n_scam"]} real scams, {real["n_benign"]} real
look-alikes, nobody of this project wrote them). 95 % intervals resample source reports. The ablations of features were read on
these texts beside the folds, so differences of a hundredth are optimistic.

| measure on real texts | value |
|---|---|
| AUC | {_value(real["auc"])} |
| recall at 1 % false positives | {_value(real["recall_at_1%_false_positives"])} |
| recall at 5 % false positives | {_value(real["recall_at_5%_false_positives"])} |
| awareness texts at `caution` or above | {_value(real["awareness_flagged"])} |
| scam type first right, of those flagged (n {types["n"]}) | {_value(types["first_right"])} |
| scam type among the first three | {_value(types["among_three"])} |
| baseline: length alone, AUC | {real["auc_of_length"]:.3f} |
| baseline: best single token ({real["best_token"]["token"]}), balanced accuracy | {real["best_token"]["balanced_accuracy"]:.3f} |
{_public_rows(public)}
| level | recall, folds | false positives, folds | recall, real | false positives, real look-alikes |
|---|---:|---:|---:|---:|
{chr(10).join(levels)}

Grouped folds: AUC {folds["auc"]:.3f}, expected calibration error {folds["ece"]:.3f}; scam rate by level {", ".join(f"{k} {'–' if v is None else f'{v:.2f}'}" for k, v in folds["scam_rate_by_level"].items())}.
The folds are harder than life: half of our scams have a twin that says the same words honestly.

What a flag is worth, by the share of scams among the texts (from the folds):

| level | {shares} |
|---|{"---:|" * len(folds["levels"]["high"]["precision_by_prevalence"])}
{chr(10).join(precision)}

{_ablation_rows(metrics.get("ablation"))}
## Where it fails

Least recall on folds at `caution`: {", ".join(f"{name} {recall:.2f}" for name, recall in weak)}.
Most often flagged though honest: {", ".join(f"{name} {share:.2f}" for name, share in noisy)}.
Real texts by slice (share at `caution` or above):

| slice | | label | n | flagged |
|---|---|---|---:|---:|
{chr(10).join(f"| {s['slice']} | {s['value']} | {s['label']} | {s['n']} | {s['flagged']:.2f} |" for s in slices)}

{_stress_rows(metrics.get("stress"))}
{_evasion_rows(metrics.get("evasion"))}
{_left_out(metrics.get("left_out"))}
Openings that ask only a name, two-line posts and SMS whose only sign is the link are missed most. Ordinary chats between
strangers, identity checks that the caller's own bank makes, and registration mails with a link are flagged most.

## Ethics

A false alarm blocks an honest caller; a miss can cost a life's savings. Both rates stand above, with the sets they come from.
Whoever writes scams can test against an open model; the windows and the folding of spellings make cheap tricks dearer, not
impossible. The training texts were written, not collected: no victim's words are in them.

## Versions

{head["name"]} {head["version"]} · format {head["format"]} · normalizer {head["normalizer"]} · {head["dictionary"]}
"""


def _value(metric: dict[str, Any]) -> str:
    return f"{metric['value']:.3f} [{metric['low']:.3f}, {metric['high']:.3f}]"


def _table(introduction: str, column: str, value: str, rows: list[tuple[str, object, int]]) -> str:
    head = [introduction, "", f"| {column} | {value} | n |", "|---|---:|---:|"]
    return "\n".join([*head, *(f"| {name} | {measured} | {n} |" for name, measured, n in rows), ""])


def _stress_rows(stress: dict[str, Any] | None) -> str:
    if not stress:
        return ""
    return _table(
        "Disguise, dilution and time, at `caution` (`python -m classifier.training.stress`; a negative loss is a gain):",
        "measure",
        "value",
        [(name, _value(m), m["n"]) for name, m in stress.items()],
    )


def _evasion_rows(evasion: dict[str, Any] | None) -> str:
    if not evasion:
        return ""
    over = f"over {evasion['most_edits']}"
    edits = [(name, a["for_half"] or over, a["n"]) for name, a in evasion["attacks"].items()]
    return _table(
        "Who knows the model talks it down (`python -m classifier.training.evasion`): greedy edits of single words, each the one\n"
        "that lowers the log-odds most, until half of the scams at `high` stand below `caution`.",
        "edits",
        "for half of the texts",
        edits + [(name, _value(a), a["n"]) for name, a in evasion["appended"].items()],
    )


def _left_out(recall: dict[str, float] | None) -> str:
    if not recall:
        return ""
    worst = sorted(recall.items(), key=lambda item: item[1])
    return (
        "A scam type that training never saw (`python -m classifier.training.curves datasets --types`; recall at 5 % of the honest\n"
        f"records held out): mean {sum(recall.values()) / len(recall):.2f}; worst "
        f"{', '.join(f'{name} {value:.2f}' for name, value in worst[:4])}; best {', '.join(f'{name} {value:.2f}' for name, value in worst[-3:])}.\n"
    )


def _ablation_rows(ablation: dict[str, Any] | None) -> str:
    if not ablation:
        return ""
    rows = ablation["rows"]
    columns = list(next(iter(rows.values())))
    head = [
        "What the parts buy (`python -m classifier.training.ablation`; one fold, without training variants but for the last row,",
        f"{ablation['n_records']:,} records; `ordinary_flagged` where 70 % of the real scams are):",
        "",
        f"| | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    return "\n".join([*head, *(f"| {name} | {' | '.join(f'{row[c]:.3f}' for c in columns)} |" for name, row in rows.items()), ""])


def _public_rows(public: dict[str, Any] | None) -> str:
    if not public:
        return ""
    return "".join(
        f"| ordinary public texts at `{level}` or above (n {public['n']}) | {public[level]['value']:.4f} "
        f"[{public[level]['low']:.4f}, {public[level]['high']:.4f}] |\n"
        for level in ("caution", "high")
    )


def main() -> int:
    """Brings datasets/README.md and models/README.md up to date; run in the project's root."""
    card = Path("datasets/README.md")
    card.write_text(with_counts(card.read_text(encoding="utf-8"), dataset.load("datasets")), encoding="utf-8")
    head, metrics = (
        json.loads(Path(f"models/scam-ja/{name}.json").read_text(encoding="utf-8")) for name in ("model", "metrics")
    )
    Path("models/README.md").write_text(model_card(head, metrics), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
