"""A drift as text, JSON, a page and a plot. Nothing here computes."""

import dataclasses
import io
import itertools
import json
from pathlib import Path
from typing import Any

from classifier.errors import DatasetError
from classifier.report.html import render
from classifier.taxonomy import japanese_name
from classifier.training.drift import FEWEST, LARGE, NOTABLE, Drift

PLOTS = ("svg", "png", "pdf")
_MOST_TYPES = 12
_BARE = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # no metadata: the same bytes each time, no addresses
_WORDS = {  # what moved: English for the terminal, Japanese for the page
    "scores": ("scores", "点数の分布が変わっています。手口や文体が学習時と違う可能性があります。"),
    "words": ("words", "学習時に無かった語が増えています。新しい手口・話題の可能性があります。"),
    "prior": ("share of scams", "詐欺の割合が学習時と違います。確率を読むときは --prior に推定値を渡してください。"),
}


def as_json(drift: Drift) -> str:
    plain = {f.name: getattr(drift, f.name) for f in dataclasses.fields(drift)}
    for name in ("prior", "unknown"):
        plain[name] = plain[name]._asdict()
    plain["scam_types"] = {k: {"here": a, "training": b} for k, (a, b) in drift.scam_types.items()}
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def as_text(drift: Drift) -> str:
    """The report for a terminal."""
    lines = [drift.signature, f"{drift.n} texts against the training records of this model", ""]
    lines.append("shifted: " + (", ".join(_WORDS[name][0] for name in drift.shifted) or "nothing beyond chance"))
    if drift.n < FEWEST:
        lines.append(f"too few texts to tell a shift from chance; {FEWEST} or more are needed")
    lines += ["", f"{'':44s} {'here':>7s}  {'95 % interval':16s} {'training':>8s}"]
    for name, estimate, training in (
        ("share of scams (Saerens et al. 2002)", drift.prior, drift.training_prior),
        ("tokens outside the vocabulary", drift.unknown, drift.unknown_expected),
    ):
        lines.append(f"{name:44s} {estimate.value:7.3f}  [{estimate.low:.3f}, {estimate.high:.3f}]   {training:8.3f}")
    lines.append(f"{'share of scams (adjusted count, Forman 2008)':44s} {drift.adjusted_count:7.3f}")
    lines += [f"{f'texts at {level} or above':44s} {share:7.3f}" for level, share in drift.levels.items()]
    lines += [
        "",
        f"{'PSI of the scores, share of scams allowed for':46s} {drift.psi:.3f}"
        f"  (by chance up to {drift.psi_by_chance:.3f}; {NOTABLE} notable, {LARGE} large)",
        f"{'PSI of the scores against the training mix':46s} {drift.psi_training:.3f}",
        "",
        f"{'log-odds':>16s} {'here':>7s} {'expected':>9s}",
    ]
    lines += [f"{name:>16s} {here:7.3f} {expected:9.3f}" for name, here, expected in _bins(drift)]
    lines += ["", f"{'scam type':24s} {'here':>7s} {'training':>9s}"]
    lines += [f"{name:24s} {here:7.3f} {training:9.3f}" for name, (here, training) in _types(drift)]
    return "\n".join(lines) + "\n"


def as_html(drift: Drift) -> str:
    """A page that needs nothing else; the plot is inside."""
    from markupsafe import Markup

    picture = drawn(drift, "svg").decode("utf-8")
    return render(
        "drift.html",
        drift=drift,
        shifts=[_WORDS[name][1] for name in drift.shifted],
        fewest=FEWEST,
        notable=NOTABLE,
        large=LARGE,
        bins=_bins(drift),
        types=[(japanese_name("scam_types", name), *shares) for name, shares in _types(drift)],
        picture=Markup(picture[picture.index("<svg") :]),  # drawn here, holds no word of a text
    )


def write_plot(drift: Drift, path: Path) -> bytes:
    """The plot in the format that the ending of `path` names. Raises DatasetError for another."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in PLOTS:
        raise DatasetError(f"{path}: a plot ends in {', '.join('.' + name for name in PLOTS)}")
    return drawn(drift, kind)


def drawn(drift: Drift, kind: str) -> bytes:
    """Scores and kinds of scam, here and in training. Words in the picture are ASCII, so no font is missing."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "scamtext", "font.size": 9}):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        scores, types = figure.subplots(1, 2, width_ratios=(1, 1))
        _bars(scores, [name for name, _, _ in _bins(drift)], [(b, c) for _, b, c in _bins(drift)], "expected")
        scores.set_title(f"log-odds, PSI {drift.psi:.3f}")
        names = [name for name, _ in _types(drift)]
        _bars(types, names, [shares for _, shares in _types(drift)], "training")
        types.set_title(f"scam types, share of scams {drift.prior.value:.3f}")
        out = io.BytesIO()
        figure.savefig(out, format=kind, metadata=_BARE if kind == "svg" else None)
    return out.getvalue()


def _bars(axes: Any, names: list[str], pairs: list[tuple[float, float]], other: str) -> None:
    places = range(len(names))
    axes.barh([p - 0.2 for p in places], [here for here, _ in pairs], 0.4, label="here", color="#14557b")
    axes.barh([p + 0.2 for p in places], [b for _, b in pairs], 0.4, label=other, color="#b9bec7")
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.set_xlabel("share")
    axes.legend(frameon=False)


def _bins(drift: Drift) -> list[tuple[str, float, float]]:
    edges = [f"{edge:+.1f}" for edge in drift.bins]
    names = [f"< {edges[0]}", *(f"{a} .. {b}" for a, b in itertools.pairwise(edges)), f">= {edges[-1]}"]
    return list(zip(names, drift.found, drift.expected, strict=True))


def _types(drift: Drift) -> list[tuple[str, tuple[float, float]]]:
    """The kinds of scam that differ most."""
    return sorted(drift.scam_types.items(), key=lambda item: -abs(item[1][0] - item[1][1]))[:_MOST_TYPES]
