"""The metrics of a model as one HTML file that needs nothing else."""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pandas as pd

from classifier.report.html import templates
from classifier.report.safe import visible
from classifier.report.wording import LEVELS
from classifier.taxonomy import labels
from classifier.training import plots
from classifier.training.slices import FEWEST_IN_SLICE
from classifier.training.summary import headlines

_SLICES = {
    "type": "手口", "channel": "経路", "unit": "単位", "length": "文字数", "year": "年", "fidelity": "忠実さ", "domain": "分野",
    "file": "ファイル",
}  # fmt: skip
_MEASURES = {"recall": "詐欺の再現率", "false_positives": "誤検知"}
_HEADLINES = {
    "auc": "AUC（詐欺と正当の見分け）",
    "recall at 1% false positives": "再現率（誤検知 1 % のとき）",
    "recall at 5% false positives": "再現率（誤検知 5 % のとき）",
    "baseline: AUC of length alone": "比較：文字数だけの AUC",
    "caution or above: recall": "「注意」以上：再現率",
    "caution or above: false positives": "「注意」以上：誤検知",
    "high or above: recall": "「高い」：再現率",
    "high or above: false positives": "「高い」：誤検知",
    "awareness texts at caution or above": "注意喚起の文に立った旗（「注意」以上）",
    "scam type of those flagged: first right": "手口：最も似ているとしたものが正しい割合",
    "scam type of those flagged: among three": "手口：上位三つに正しいものがある割合",
    "calibration error on these texts": "確率のずれ（ECE、この評価の詐欺の割合で）",
    "scam calls at caution within 10 utterances": "詐欺の通話：10 発話以内に「注意」",
    "scam calls at high within 10 utterances": "詐欺の通話：10 発話以内に「高い」",
    "honest calls at caution within 10 utterances": "正当な通話：10 発話以内に「注意」（誤報）",
    "honest calls at high within 10 utterances": "正当な通話：10 発話以内に「高い」（誤報）",
    "honest files at caution or above": "ラベルのない正当な文：「注意」以上",
    "honest files at high or above": "ラベルのない正当な文：「高い」",
}
_TITLE = re.compile(r"<dc:title>(.*?)</dc:title>")


def evaluation_page(measured: Mapping[str, Any], curve: pd.DataFrame | None = None) -> str:
    """Headlines, curves, slices and errors; `curve` is that of `learning_curve`. Nothing is loaded from elsewhere."""
    name = measured["signature"].split("|")[0].removeprefix("model:")
    return templates("training/templates").get_template("evaluation.html").render(
        signature=visible(measured["signature"]),
        n_scam=measured["n_scam"],
        n_benign=measured["n_benign"],
        headlines=[(_headline(name, measured), value) for name, value in headlines(dict(measured))],
        plots=[(_alt(svg), b64encode(svg.encode()).decode()) for svg in plots.all_of({name: measured}, curve)],
        learned=curve is not None,
        fewest=FEWEST_IN_SLICE,
        slices=[
            {
                **part,
                "slice": _SLICES[part["slice"]],
                "value": _label(part["value"]),
                "measure": _MEASURES[part["measure"]],
                "levels": list(part["levels"].values()),
            }
            for part in measured["slices"]
        ],
        errors=[_error(error) for error in measured["errors"]],
        with_texts=any("text" in error for error in measured["errors"]),
    )


def _headline(name: str, measured: Mapping[str, Any]) -> str:
    if name.startswith("baseline: best token"):
        return f"比較：最もよく分ける一語「{visible(measured['best_token']['token'])}」の均衡正解率"
    return _HEADLINES.get(name, name)


def _label(value: str) -> str:
    for group in ("scam_types", "benign_domains"):
        if value in labels(group):
            return labels(group)[value]
    return visible(value)


def _error(error: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": visible(str(error.get("id", ""))),
        "kind": "見逃し" if error["label"] == "scam" else "誤検知",
        "log_odds": error["log_odds"],
        "level": LEVELS[error["level"]],
        "name": _label(str(error.get("type") or error.get("domain") or "")),
        "text": visible(error.get("text", "")),
    }


def _alt(svg: str) -> str:
    found = _TITLE.search(svg)
    return found[1] if found else ""
