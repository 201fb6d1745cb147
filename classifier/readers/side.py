"""One side of a call."""

import unicodedata

from classifier.errors import TranscriptError
from classifier.transcript import Transcript

_MOST_NAMED, _LONGEST_NAME = 10, 20


def only(transcript: Transcript, speaker: str) -> Transcript:
    """The utterances of one speaker. Raises TranscriptError with the speakers there are."""
    chosen = tuple(u for u in transcript.utterances if _folded(u.speaker) == _folded(speaker))
    if any(u.text.strip() for u in chosen):
        return Transcript(chosen, transcript.name)
    names = list(dict.fromkeys(u.speaker[:_LONGEST_NAME] for u in transcript.utterances if u.speaker))
    found = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    raise TranscriptError(
        f"{transcript.name}: no words of {speaker!r}; "
        + (f"speakers: {found}" if names else "no speakers are marked in it")
    )


def _folded(name: str | None) -> str:
    return unicodedata.normalize("NFKC", name or "").strip().casefold()
