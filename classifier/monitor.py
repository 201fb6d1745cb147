"""A call while it goes on: the cost of one more utterance does not grow with the call."""

from collections import deque

from classifier.scam import ScamClassifier
from classifier.transcript import Transcript, Utterance
from classifier.verdict import Moment, Verdict
from classifier.windows import WINDOW


class Monitor:
    """Fed one utterance at a time. Reads the last `WINDOW` characters; an alarm once raised is not taken back.

    Not to be shared between threads: a call has one order.
    """

    def __init__(self, classifier: ScamClassifier, prior: float | None = None) -> None:
        self._classifier, self._prior = classifier, prior
        self._recent: deque[Utterance] = deque()
        self._length = 0
        self._count = 0
        self._strongest: Verdict | None = None

    def feed(self, utterance: str | Utterance) -> Verdict:
        """The verdict so far: that of the stretch of the call that spoke most for a scam.

        Its spans point into the text of `stretch`. A blank utterance changes nothing.
        """
        if isinstance(utterance, str):
            utterance = Utterance(utterance)
        self._count += 1
        self._recent.append(utterance)
        self._length += len(utterance.text)
        while len(self._recent) > 1 and self._length - len(self._recent[0].text) >= WINDOW:
            self._length -= len(self._recent.popleft().text)
        stretch = Transcript(tuple(self._recent))
        if self._strongest is None or not stretch.text.isspace():
            verdict = self._classifier.classify(stretch, self._prior)
            if self._strongest is None or verdict.log_odds > self._strongest.log_odds:
                self._strongest, self.stretch = verdict, stretch
        return self._strongest


def timeline(classifier: ScamClassifier, transcript: Transcript) -> tuple[Moment, ...]:
    """The log-odds after each utterance that says something."""
    monitor, moments = classifier.monitor(), []
    for number, utterance in enumerate(transcript.utterances):
        if utterance.text.strip():
            log_odds = monitor.feed(utterance).log_odds
            moments.append(Moment(number, log_odds, utterance.start, utterance.speaker))
    return tuple(moments)
