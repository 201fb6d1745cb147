"""The one way from a text to its verdict, for programs and for the page; in a bounded number of threads."""

import asyncio
import dataclasses
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, ParamSpec, TypeVar

from classifier.monitor import timeline
from classifier.scam import ScamClassifier
from classifier.service.counts import Counts
from classifier.service.refusals import Refusal
from classifier.service.settings import Limits
from classifier.signals import with_signals
from classifier.transcript import Transcript, by_line
from classifier.verdict import Verdict

P = ParamSpec("P")
T = TypeVar("T")


class Scored(NamedTuple):
    """A transcript and its verdict, with the signals and, where the call was followed, its timeline."""

    transcript: Transcript
    verdict: Verdict


class Scorer:
    """A classifier and the threads it may use."""

    def __init__(self, classifier: ScamClassifier, limits: Limits, counts: Counts) -> None:
        self.classifier, self.limits, self.counts = classifier, limits, counts
        self._threads: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The value of `work`, computed in a thread. Refuses where too many wait already."""
        if self._waiting >= self.limits.waiting:
            raise Refusal("busy")
        self._waiting += 1
        try:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(os.cpu_count() or 1, "scoring")
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))
        finally:
            self._waiting -= 1

    async def one(self, transcript: Transcript, prior: float | None, *, lines: bool = False) -> Scored:
        """One transcript with its signals and its course by utterances; `lines` follows an undivided text by lines."""
        self._check([transcript])
        scored = await self.run(
            _one, self.classifier, by_line(transcript) if lines else transcript, prior, self.limits.steps
        )
        self.counts.scored([scored.verdict.level])
        return scored

    async def all(self, transcripts: Sequence[Transcript], prior: float | None) -> list[Scored]:
        """Many transcripts, each with its signals; none is followed step by step."""
        self._check(transcripts)
        scored = await self.run(_all, self.classifier, transcripts, prior)
        self.counts.scored(s.verdict.level for s in scored)
        return scored

    def close(self) -> None:
        """Ends the threads; work that waits is given up."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _check(self, transcripts: Sequence[Transcript]) -> None:
        lengths = [len(transcript.text) for transcript in transcripts]
        if len(lengths) > self.limits.texts or sum(lengths) > self.limits.characters_at_once:
            raise Refusal(
                "too_many_texts",
                f"at most {self.limits.texts} texts and {self.limits.characters_at_once} characters at once; "
                "split it, or use the command `scamtext score`",
            )
        if max(lengths, default=0) > self.limits.characters:
            raise Refusal("too_large", f"a text of more than {self.limits.characters} characters; split it")


def _one(classifier: ScamClassifier, transcript: Transcript, prior: float | None, most_steps: int) -> Scored:
    verdict = with_signals(classifier.classify(transcript, prior), transcript.text)
    if 1 < len(transcript.utterances) <= most_steps:
        verdict = dataclasses.replace(verdict, timeline=timeline(classifier, transcript))
    return Scored(transcript, verdict)


def _all(classifier: ScamClassifier, transcripts: Sequence[Transcript], prior: float | None) -> list[Scored]:
    verdicts = classifier.classify_many(transcripts, prior)
    return [Scored(t, with_signals(v, t.text)) for t, v in zip(transcripts, verdicts, strict=True)]
