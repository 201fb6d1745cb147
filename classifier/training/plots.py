"""Drawings of metrics by matplotlib, as SVG that needs no font to be read; one model or several in one drawing."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from classifier.taxonomy import labels
from classifier.training.early import LONGEST
from classifier.training.fonts import japanese_font

Metrics = Mapping[str, Any]
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito; told apart by colour-blind readers
_SIZE = (5.4, 4.0)  # inches


def precision_recall(models: Mapping[str, Metrics]) -> str:
    """Precision by recall of each model."""

    def draw(axes: Any) -> None:
        for colour, (name, measured) in zip(_COLOURS, models.items(), strict=False):
            points = measured["precision_recall"]
            axes.step(points["recall"], points["precision"], where="post", color=colour, label=name)
        share = next(iter(models.values()))["calibration"]["prior"]
        axes.axhline(share, color="gray", linestyle=":", label="無作為に選ぶ場合")
        axes.set(
            xlabel="再現率（詐欺のうち見つけた割合）",
            ylabel="適合率（旗のうち詐欺の割合）",
            xlim=(0, 1),
            ylim=(0, 1.02),
        )

    return _svg(draw, "適合率と再現率", legend="lower left")


def calibration(models: Mapping[str, Metrics]) -> str:
    """Share of scams found by probability said, in equally filled bins, after the shift to the share of these texts."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="gray", linestyle=":", label="理想")
        for colour, (name, measured) in zip(_COLOURS, models.items(), strict=False):
            bins = measured["calibration"]
            axes.plot(bins["said"], bins["found"], marker="o", color=colour, label=f"{name}（ECE {bins['ece']:.3f}）")
        axes.set(xlabel="示した確率", ylabel="実際に詐欺だった割合", xlim=(0, 1), ylim=(0, 1.02))

    return _svg(draw, "確率の信頼度（キャリブレーション）")


def scores(models: Mapping[str, Metrics]) -> str:
    """How log-odds lie, scams against honest texts, with the thresholds of the levels."""

    def draw(axes: Any) -> None:
        for style, (name, measured) in zip(("-", "--"), models.items(), strict=False):
            counted = measured["scores"]
            for colour, label, ja in ((_COLOURS[1], "scam", "詐欺"), (_COLOURS[0], "benign", "正当")):
                total = max(1, sum(counted[label]))
                heights = np.array(counted[label]) / total / np.diff(counted["edges"])
                axes.stairs(heights, counted["edges"], color=colour, linestyle=style, label=f"{ja}・{name}")
            for level in measured["levels"].values():
                axes.axvline(level["threshold"], color="gray", linestyle=style, linewidth=0.8)
        axes.set(xlabel="対数オッズ（縦線は注意・高いのしきい値）", ylabel="密度")

    return _svg(draw, "点数の分布")


def early_detection(models: Mapping[str, Metrics]) -> str:
    """Share of calls flagged within k utterances: scams, and honest calls as false alarms."""

    def draw(axes: Any) -> None:
        k = np.arange(1, LONGEST + 1)
        for colour, (name, measured) in zip(_COLOURS, models.items(), strict=False):
            for label, ja, style in (("scam", "詐欺", "-"), ("benign", "正当（誤報）", ":")):
                calls = measured.get("early_detection", {}).get(label)
                if calls:
                    axes.step(
                        k, calls["caution"]["within"], where="post", color=colour, linestyle=style,
                        label=f"{ja}・{name}（{calls['n']} 件）",
                    )  # fmt: skip
        axes.set_xticks([1, *range(5, LONGEST + 1, 5)])
        axes.set(xlabel="ここまでの発話数", ylabel="「注意」以上に達した通話の割合", xlim=(1, LONGEST), ylim=(0, 1.02))

    return _svg(draw, "通話の早期検知")


def learning(curve: pd.DataFrame) -> str:
    """AUC and recall on the evaluation texts by number of training records."""

    def draw(axes: Any) -> None:
        axes.plot(curve.records, curve.auc, marker="o", color=_COLOURS[0], label="AUC")
        axes.plot(curve.records, curve["recall_at_5%"], marker="s", color=_COLOURS[1], label="再現率（誤検知 5 %）")
        axes.set(xlabel="学習に使った文の数", xscale="log", ylabel="実例での値", ylim=(0, 1.02))

    return _svg(draw, "学習曲線")


def confusion(table: pd.DataFrame, title: str) -> str:
    """True scam type by first guess, counts of flagged texts; rows and columns are ids."""

    def draw(axes: Any) -> None:
        named = labels("scam_types")
        counts = table.to_numpy()
        axes.imshow(counts, cmap="Blues", vmin=0, vmax=max(1, counts.max(initial=1)))
        for row, column in zip(*np.nonzero(counts), strict=True):
            dark = counts[row, column] > counts.max() / 2
            axes.text(
                column, row, int(counts[row, column]), ha="center", va="center", fontsize=6, color="w" if dark else "k"
            )
        axes.set_xticks(range(table.shape[1]), [named[name] for name in table.columns], rotation=90, fontsize=6)
        axes.set_yticks(range(table.shape[0]), [named[name] for name in table.index], fontsize=6)
        axes.set(xlabel="最も似ているとした手口", ylabel="本当の手口")

    return _svg(draw, title, (8.0, 7.2))


def lengths(frame: pd.DataFrame) -> str:
    """How long texts are, by side; characters, on a logarithmic axis."""

    def draw(axes: Any) -> None:
        size = frame.text.str.len()
        edges = np.geomspace(1, max(10, size.max()), 40)
        for colour, label, ja in ((_COLOURS[1], "scam", "詐欺"), (_COLOURS[0], "benign", "正当")):
            side = size[frame.label == label]
            axes.hist(side, edges, histtype="step", color=colour, label=f"{ja}（{len(side)} 件）")
        axes.set(xlabel="文字数", ylabel="件数", xscale="log")

    return _svg(draw, "文の長さ")


def all_of(models: Mapping[str, Metrics], curve: pd.DataFrame | None = None) -> Sequence[str]:
    """Every drawing that the metrics allow, as SVG."""
    both = {name: m for name, m in models.items() if "precision_recall" in m}
    drawn = [precision_recall(both), calibration(both)] if both else []
    drawn.append(scores(models))
    if any("early_detection" in m for m in models.values()):
        drawn.append(early_detection(models))
    return [*drawn, *([learning(curve)] if curve is not None else [])]


def _svg(draw: Callable[[Any], None], title: str, size: tuple[float, float] = _SIZE, legend: str = "best") -> str:
    font = japanese_font()
    settings: Any = {
        "font.family": [font, "DejaVu Sans"] if font else ["DejaVu Sans"], "font.size": 9, "svg.fonttype": "path",
        "svg.hashsalt": "scamtext", "axes.unicode_minus": False,
    }  # fmt: skip
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=size, layout="constrained")
        axes: Any = figure.subplots()
        draw(axes)
        axes.set_title(title)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=7, loc=legend)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Title": title})
    return drawn.getvalue()
