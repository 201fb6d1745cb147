"""Transcripts as Whisper, faster-whisper, WhisperX and whisper.cpp write them: JSON with segments."""

import json
from typing import Any

from classifier.errors import TranscriptError
from classifier.readers.clock import seconds
from classifier.transcript import Transcript, Utterance


def read_whisper(text: str, name: str) -> Transcript:
    """An utterance for each segment: `text`, with `start`, `end` and `speaker` where they are known."""
    found = parse_json(text, name)
    segments = found.get("segments", _of_cpp(found)) if isinstance(found, dict) else found
    if segments is None and isinstance(found, dict) and isinstance(found.get("text"), str):
        return Transcript.of(found["text"], name)
    if not isinstance(segments, list):
        raise TranscriptError(f"{name}: no list of segments as Whisper writes it; a table of texts is read as .jsonl")
    return Transcript(tuple(_utterance(s, f"{name}: segment {at}") for at, s in enumerate(segments, 1)), name)


def _of_cpp(found: dict[str, Any]) -> Any:
    """The `transcription` of whisper.cpp as segments: its times are offsets in milliseconds."""
    if not isinstance(found.get("transcription"), list):
        return None
    return [{**s, **_seconds_of(s.get("offsets"))} if isinstance(s, dict) else s for s in found["transcription"]]


def _seconds_of(offsets: Any) -> dict[str, float]:
    given = offsets if isinstance(offsets, dict) else {}
    times = {"start": seconds(given.get("from")), "end": seconds(given.get("to"))}
    return {key: value / 1000 for key, value in times.items() if value is not None}


def parse_json(text: str, where: str) -> Any:
    """The value of a JSON text; NaN and infinities become None. Raises TranscriptError in one line, without the text."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise TranscriptError(f"{where}: JSON nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise TranscriptError(f"{where}: not JSON ({error.msg}, {place})") from None
    except ValueError:
        raise TranscriptError(f"{where}: a number too long to read") from None


def _utterance(segment: Any, where: str) -> Utterance:
    words = segment.get("text") if isinstance(segment, dict) else None
    if not isinstance(words, str):
        raise TranscriptError(f"{where} has no text")
    speaker = segment.get("speaker")
    named = str(speaker).strip(" ?") if isinstance(speaker, str | int) else ""  # whisper.cpp: ? for an unknown one
    return Utterance(words.strip(), named or None, seconds(segment.get("start")), seconds(segment.get("end")))
