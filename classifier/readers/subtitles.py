"""Subtitles: SubRip (SRT) and WebVTT."""

import html
import re
from collections.abc import Iterable

from classifier.errors import TranscriptError
from classifier.readers.clock import seconds
from classifier.readers.labels import take_apart
from classifier.transcript import Transcript, Utterance

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>\s][^<>]*)>")
_TAG = re.compile(r"</?[a-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}", re.IGNORECASE)

# the library's time grows with the square of a run of either
_LONG_NUMBER = re.compile(r"\d{40}")
_LONG_BLANK = re.compile(r"\s{100,}")


def read_srt(text: str, name: str) -> Transcript:
    """An utterance for each subtitle; 「NAME: 」 in front is the speaker where most subtitles have one."""
    import srt

    if _LONG_NUMBER.search(text):
        raise TranscriptError(f"{name}: a number of 40 digits or more; no subtitles hold one")
    text = _LONG_BLANK.sub("\n\n", text)
    try:
        cues = [
            Utterance(_bare(cue.content), None, cue.start.total_seconds(), cue.end.total_seconds())
            for cue in srt.parse(text.strip())
        ]
    except (srt.SRTParseError, srt.TimestampParseError, OverflowError, ValueError):
        raise TranscriptError(f"{name}: not the SRT format; subtitles need a number, times and text each") from None
    return Transcript(_named(cues), name)


def read_vtt(text: str, name: str) -> Transcript:
    """An utterance for each voice of each cue; `<v NAME>` or 「NAME: 」 is the speaker."""
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    try:
        cues = [
            Utterance(words, speaker, seconds(cue.start), seconds(cue.end))
            for cue in webvtt.from_string(text, strict=True).captions
            for speaker, words in _voices(cue.raw_text)
        ]
    except (MalformedCaptionError, MalformedFileError, ValueError):
        raise TranscriptError(f"{name}: not the WebVTT format") from None
    return Transcript(_named(cues), name)


def _voices(raw: str) -> Iterable[tuple[str | None, str]]:
    first, *others = _VOICE.split(raw)
    yield None, _unescaped(first)
    for speaker, words in zip(others[::2], others[1::2], strict=True):
        yield _unescaped(speaker), _unescaped(words)


def _named(cues: list[Utterance]) -> tuple[Utterance, ...]:
    cues = [cue for cue in cues if cue.text]
    turns = None if any(cue.speaker for cue in cues) else take_apart([cue.text for cue in cues])
    if turns is None or not any(turn.speaker for turn in turns):
        return tuple(cues)
    return tuple(
        Utterance(turn.text, turn.speaker, cue.start, cue.end)
        for turn, cue in zip(turns, cues, strict=True)
        if turn.text
    )


def _bare(words: str) -> str:
    return _TAG.sub("", words).strip()


def _unescaped(words: str) -> str:
    return html.unescape(_bare(words))
