"""A call while it goes on: the cost of one more utterance does not grow with the call."""

from collections import deque
from itertools import accumulate

from classifier.scam import ScamClassifier
from classifier.transcript import Transcript, Utterance
from classifier.verdict import Moment, Verdict
from classifier.windows import WINDOW


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

    def feed(self, utterance: str | Utterance) -> Verdict:
        """The verdict so far: that of the stretch of the call that spoke most for a scam.

        Its spans point into the text of `stretch`. A blank utterance changes nothing.
        """
        stretch = self._recent.after(Utterance(utterance) if isinstance(utterance, str) else utterance)
        if self._strongest is None or not stretch.text.isspace():
            verdict = self._classifier.classify(stretch, self._prior)
            if self._strongest is None or verdict.log_odds > self._strongest.log_odds:
                self._strongest, self.stretch = verdict, stretch
        return self._strongest


def timeline(classifier: ScamClassifier, transcript: Transcript) -> tuple[Moment, ...]:
    """The log-odds after each utterance that says something: those a `Monitor` gives, without its verdicts."""
    recent = Recent()
    said = [(number, u) for number, u in enumerate(transcript.utterances) if u.text.strip()]
    log_odds = classifier.log_odds([recent.after(utterance).text for _, utterance in said]).tolist()
    return tuple(
        Moment(number, highest, utterance.start, utterance.speaker)
        for (number, utterance), highest in zip(said, accumulate(log_odds, max), strict=True)
    )
