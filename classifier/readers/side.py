"""One side of a call."""

import dataclasses
import unicodedata

from classifier.errors import TranscriptError
from classifier.readers.reading import Reading
from classifier.transcript import Transcript

_MOST_NAMED, _LONGEST_NAME = 10, 20


def one_side(reading: Reading, speaker: str) -> Reading:
    """The utterances of one speaker in every transcript; where there are none, that is a problem."""
    transcripts: list[Transcript] = []
    members: list[tuple[int, ...]] = []
    problems = list(reading.problems)
    for at, transcript in enumerate(reading.transcripts):
        try:
            transcripts.append(only(transcript, speaker))
            members += reading.members[at : at + 1]
        except TranscriptError as error:
            problems.append(str(error))
    return dataclasses.replace(
        reading, transcripts=tuple(transcripts), problems=tuple(problems), members=tuple(members)
    )


def only(transcript: Transcript, speaker: str) -> Transcript:
    """The utterances of one speaker. Raises TranscriptError with the speakers there are."""
    chosen = tuple(u for u in transcript.utterances if _folded(u.speaker) == _folded(speaker))
    if any(u.text.strip() for u in chosen):
        return Transcript(chosen, transcript.name)
    names = list(dict.fromkeys(u.speaker[:_LONGEST_NAME] for u in transcript.utterances if u.speaker))
    found = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    told = f"speakers: {found}" if names else "no speakers are marked in it"
    raise TranscriptError(f"{transcript.name}: no words of {speaker!r}; {told}")


def _folded(name: str | None) -> str:
    return unicodedata.normalize("NFKC", name or "").strip().casefold()
