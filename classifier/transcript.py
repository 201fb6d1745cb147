"""What is scored: a call or a message, as a sequence of utterances."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of speech, or the whole of a written message."""

    text: str
    speaker: str | None = None
    start: float | None = None  # seconds from the beginning of the call
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A call or a message. Spans in a verdict point into `text`, which joins the utterances by line breaks."""

    utterances: tuple[Utterance, ...]
    name: str | None = None  # where it came from, for the reader of a report
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\n".join(utterance.text for utterance in self.utterances))

    @classmethod
    def of(cls, text: str, name: str | None = None) -> "Transcript":
        """A transcript of one utterance that is the text as it stands."""
        return cls((Utterance(text),), name)


def by_line(transcript: Transcript) -> Transcript:
    """A text that was not divided is followed line by line; its text, and so every span, stays the same."""
    if len(transcript.utterances) > 1 or "\n" not in transcript.text:
        return transcript
    return Transcript(tuple(Utterance(line) for line in transcript.text.split("\n")), transcript.name)
