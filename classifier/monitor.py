"""A call while it goes on: the cost of one more utterance does not grow with the call."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

from classifier.scam import ScamClassifier
from classifier.transcript import Transcript, Utterance
from classifier.verdict import Level, Moment, Verdict
from classifier.windows import WINDOW

ENOUGH = 60  # characters heard before `caution` is said; chosen on calls of our own corpus held out from training


def counted(log_odds: float, length: int, thresholds: Mapping[str, float]) -> float:
    """What counts of the log-odds of a stretch of `length` characters: a greeting alone may be `high`, never `caution`.

    「もしもし、市役所の保険課ですが」 begins honest calls as well.
    """
    if length >= ENOUGH or log_odds >= thresholds["high"]:
        return log_odds
    return min(log_odds, math.nextafter(thresholds["caution"], -math.inf))


class Recent:
    """The last utterances of a call, `WINDOW` characters or more where there are so many."""

    def __init__(self) -> None:
        self._utterances: deque[Utterance] = deque()
        self._length = 0

    def after(self, utterance: Utterance) -> Transcript:
        """What is read once this utterance has been said."""
        self._utterances.append(utterance)
        self._length += len(utterance.text)
        while len(self._utterances) > 1 and self._length - len(self._utterances[0].text) >= WINDOW:
            self._length -= len(self._utterances.popleft().text)
        return Transcript(tuple(self._utterances))


class Monitor:
    """Fed one utterance at a time. Reads the last `WINDOW` characters; an alarm once raised is not taken back.

    Not to be shared between threads: a call has one order.
    """

    def __init__(self, classifier: ScamClassifier, prior: float | None = None) -> None:
        self._classifier, self._prior = classifier, prior
        self._recent = Recent()
        self._strongest: Verdict | None = None
        self._counted = -math.inf

    def feed(self, utterance: str | Utterance) -> Verdict:
        """The verdict so far: that of the stretch of the call that spoke most for a scam.

        Its level is `low` until `ENOUGH` characters were heard, or until it is `high`. Its spans point into the text of `stretch`. A blank utterance changes nothing.
        """
        stretch = self._recent.after(Utterance(utterance) if isinstance(utterance, str) else utterance)
        if self._strongest is None or not stretch.text.isspace():
            verdict = self._classifier.classify(stretch, self._prior)
            counts = counted(verdict.log_odds, len(stretch.text), self._classifier.thresholds)
            if self._strongest is None or counts > self._counted:
                level: Level = verdict.level if counts == verdict.log_odds else "low"
                self._strongest, self.stretch, self._counted = replace(verdict, level=level), stretch, counts
        return self._strongest


def timeline(classifier: ScamClassifier, transcript: Transcript) -> tuple[Moment, ...]:
    """The log-odds after each utterance that says something: those a `Monitor` gives, without its verdicts."""
    recent = Recent()
    said = [(number, u) for number, u in enumerate(transcript.utterances) if u.text.strip()]
    stretches = [recent.after(utterance).text for _, utterance in said]
    log_odds = [
        counted(value, len(stretch), classifier.thresholds)
        for value, stretch in zip(classifier.log_odds(stretches).tolist(), stretches, strict=True)
    ]
    return tuple(
        Moment(number, highest, utterance.start, utterance.speaker)
        for (number, utterance), highest in zip(said, accumulate(log_odds, max), strict=True)
    )
