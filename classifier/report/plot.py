"""The course of a call as a drawing: where its points, lines and words stand."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import NamedTuple

from classifier.report.marked import clock
from classifier.report.wording import LEVELS
from classifier.verdict import Moment

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 34
_MARGIN = 0.6  # log-odds above and below what is drawn
_COUNTS = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
_SECONDS = [10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400]


class Turn(NamedTuple):
    """The moment at which a call reached a level, or two at once; the highest stands last."""

    levels: tuple[str, ...]
    moment: Moment
    x: float
    y: float


class Line(NamedTuple):
    """A threshold."""

    level: str
    name: str
    value: float
    y: float
    at_left: bool  # where its name is farther from the course


class Plot(NamedTuple):
    """Coordinates in a box of WIDTH × HEIGHT."""

    path: str
    lines: list[Line]
    turns: list[Turn]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    timed: bool  # across stands the time, not the number of the utterance
    end: tuple[float, float]


def plot(moments: Sequence[Moment], thresholds: Mapping[str, float]) -> Plot | None:
    """The drawing, or None where there is no course to draw (fewer than two moments)."""
    if len(moments) < 2:
        return None
    values = [moment.log_odds for moment in moments]
    low = min([*values, *thresholds.values()]) - _MARGIN
    high = max([*values, *thresholds.values()]) + _MARGIN
    timed = all(moment.start is not None for moment in moments) and moments[-1].start != moments[0].start
    xs = [float(m.start or 0.0) if timed else float(m.utterance + 1) for m in moments]
    first, last = xs[0], xs[-1]

    def across(x: float) -> float:
        return round(LEFT + (x - first) / ((last - first) or 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def down(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    steps = [f"M{across(xs[0])} {down(values[0])}"]
    for at in range(1, len(values)):
        if values[at] != values[at - 1] or at == len(values) - 1:
            steps.append(f"H{across(xs[at])}V{down(values[at])}")
    reached: dict[int, tuple[str, ...]] = {}
    for level, threshold in sorted(thresholds.items(), key=lambda item: item[1]):
        first_above = next((at for at, value in enumerate(values) if value >= threshold), None)
        if first_above is not None:
            reached[first_above] = (*reached.get(first_above, ()), level)
    turns = [Turn(levels, moments[at], across(xs[at]), down(values[at])) for at, levels in reached.items()]
    lines = [
        Line(level, LEVELS[level], value, down(value), abs(values[0] - value) > abs(values[-1] - value))
        for level, value in thresholds.items()
    ]
    marks = _ticks(first, last, _SECONDS if timed else _COUNTS)
    return Plot(
        "".join(steps),
        lines,
        turns,
        [(across(x), (clock(x) or "") if timed else f"{x:.0f}") for x in marks],
        [(down(value), f"{value:+.0f}" if value else "0") for value in _ticks(low, high, _COUNTS)],
        timed,
        (across(xs[-1]), down(values[-1])),
    )


def _ticks(low: float, high: float, steps: Sequence[int]) -> list[float]:
    """Round numbers between two values, about six of them."""
    step = next((step for step in steps if (high - low) / step <= 6), steps[-1])
    first = ceil(low / step) * step
    return [float(value) for value in range(first, floor(high) + 1, step)]
