"""All that is kept of what was asked: how often."""

from collections import Counter
from collections.abc import Iterable

from classifier.verdict import Level


class Counts:
    """Texts by level, answers by status. Counted in the event loop only."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.utterances = 0

    def scored(self, levels: Iterable[Level]) -> None:
        self.texts.update(levels)

    def answered(self, status: int) -> None:
        self.answers[status] += 1

    def line(self) -> str:
        """「12 texts scored (high 3, caution 1, low 8), 40 utterances; 20 answers, 2 refused, 0 errors」."""
        levels = ", ".join(f"{level} {self.texts[level]}" for level in ("high", "caution", "low"))
        refused = sum(count for status, count in self.answers.items() if 400 <= status < 500)
        errors = sum(count for status, count in self.answers.items() if status >= 500)
        return (
            f"{self.texts.total()} texts scored ({levels}), {self.utterances} utterances; "
            f"{self.answers.total()} answers, {refused} refused, {errors} errors"
        )
