"""What a batch came to, for a terminal and as a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from classifier.report.safe import columns, visible
from classifier.report.terminal import wrap
from classifier.report.wording import LEVELS, LIMITS, percent
from classifier.taxonomy import japanese_name

_MOST_LISTED = 10
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of a batch. `scam_types` and `tactics` count rows that are not low; a row may have several tactics."""

    signature: str
    n_files: int
    n_units: int
    n_done: int  # units
    rows_in: int
    rows_out: int
    rejected: int
    levels: Mapping[str, int] = field(default_factory=dict)
    scam_types: Mapping[str, int] = field(default_factory=dict)  # the likeliest of each row
    tactics: Mapping[str, int] = field(default_factory=dict)
    rejects: Mapping[str, int] = field(default_factory=dict)  # by reason
    problems: tuple[str, ...] = ()  # files and units that could not be done, one line each

    @property
    def complete(self) -> bool:
        """Every row of every input was scored."""
        return not self.rejected and not self.problems and self.n_done == self.n_units


def as_batch_text(summary: Summary) -> str:
    """A table in a terminal."""
    lines: list[str] = []
    for title, rows in _groups(summary):
        lines += [f"[{title}]", *(_padded(*row) for row in rows)]
    lines += [f"! {visible(problem)}" for problem in _shown(summary)]
    return "\n".join([*lines, *wrap(LIMITS), summary.signature]) + "\n"


def as_batch_html(summary: Summary) -> str:
    """The same as one page that needs nothing else."""
    from classifier.report.html import render

    return render(
        "batch.html",
        summary=summary,
        groups=_groups(summary),
        problems=[visible(problem) for problem in _shown(summary)],
        limits=LIMITS,
    )


def _groups(summary: Summary) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Titles, and under each (name, count, share)."""
    alike = sum(count for level, count in summary.levels.items() if level != "low")
    groups = [
        (
            "行",
            [
                ("入力", f"{summary.rows_in:,}", ""),
                ("採点済み", f"{summary.rows_out:,}", _share(summary.rows_out, summary.rows_in)),
                ("読めなかったもの", f"{summary.rejected:,}", _share(summary.rejected, summary.rows_in)),
                ("できなかった単位・ファイル", f"{len(summary.problems):,}", ""),
            ],
        ),
        (
            "詐欺の手口との類似",
            [
                (ja, f"{summary.levels.get(level, 0):,}", _share(summary.levels.get(level, 0), summary.rows_out))
                for level, ja in reversed(LEVELS.items())
            ],
        ),
    ]
    for title, group, counts in (
        ("似ている手口（注意・高いの中で）", "scam_types", summary.scam_types),
        ("使われている手段（注意・高いの中で）", "tactics", summary.tactics),
    ):
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_LISTED]
        groups.append((title, [(japanese_name(group, label), f"{n:,}", _share(n, alike)) for label, n in ordered]))
    ordered = sorted(summary.rejects.items(), key=lambda item: (-item[1], item[0]))[:_MOST_LISTED]
    groups.append(
        ("読めなかった理由", [(visible(reason), f"{n:,}", _share(n, summary.rejected)) for reason, n in ordered])
    )
    return [(title, rows) for title, rows in groups if rows]


def _share(count: int, whole: int) -> str:
    return percent(count / whole) if whole and count < whole else "100 %" if whole else ""


def _shown(summary: Summary) -> list[str]:
    more = len(summary.problems) - _MOST_PROBLEMS
    return [*summary.problems[:_MOST_PROBLEMS], *([f"… {more}"] if more > 0 else [])]


def _padded(name: str, count: str, share: str) -> str:
    return f"  {name}{' ' * max(1, 56 - columns(name))}{count:>11s}{share:>9s}"
