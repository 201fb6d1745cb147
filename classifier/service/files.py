"""A file that was sent, read in memory: nothing of it touches the disk."""

import dataclasses
import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from classifier.errors import ColumnError, TranscriptError
from classifier.readers import Columns, Reading, read_content
from classifier.readers.side import only
from classifier.report.safe import visible
from classifier.service.refusals import Refusal
from classifier.service.settings import Limits
from classifier.transcript import Transcript

ENDINGS = (".txt", ".srt", ".vtt", ".json", ".eml", ".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson")
OPTIONS = ("text_column", "call_column", "speaker_column", "time_column", "caller", "prior")
_LONGEST_NAME, _LONGEST_OPTION = 120, 200


class Sent(NamedTuple):
    """The file of a form, and the other fields that were filled in."""

    name: str
    content: bytes
    options: Mapping[str, str]

    def prior(self) -> float | None:
        given = self.options.get("prior")
        try:
            prior = None if given is None else float(given)
        except ValueError:
            prior = 0.0
        if prior is not None and not 0.0 < prior < 1.0:
            raise Refusal("invalid", "prior is not a number between 0 and 1")
        return prior


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40  # the size of the request is limited before; the library would write 1 MB to the disk


async def sent_file(request: Request) -> Sent:
    """The one file of a form (multipart/form-data, field `file`)."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refusal("wrong_type", "send a form (multipart/form-data) with the field `file`")
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1, max_fields=len(OPTIONS)).parse()
    except (MultiPartException, ValueError, LookupError):
        raise Refusal("bad_request", "the form cannot be read") from None
    try:
        return await _sent(form)
    finally:
        await form.close()


async def _sent(form: FormData) -> Sent:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Refusal("invalid", "the form has no field `file` with the name of a file")
    options: dict[str, str] = {}
    for name, value in form.multi_items():
        if name == "file":
            continue
        if name not in OPTIONS or not isinstance(value, str) or len(value) > _LONGEST_OPTION:
            raise Refusal("invalid", f"an unknown or too long field; known: file, {', '.join(OPTIONS)}")
        if value.strip():
            options[name] = value
    return Sent(file.filename or "", await file.read(), options)


def read_sent(sent: Sent, limits: Limits) -> Reading:
    """What the file holds. Messages name no file and hold nothing of it. Raises Refusal."""
    ending = PurePosixPath(sent.name.replace("\\", "/")).suffix.lower()
    if ending and ending not in ENDINGS:
        raise Refusal("unreadable", f"files of this kind are not read here; known: {' '.join(ENDINGS)}")
    _check_unpacked(sent.content, limits)
    neutral, shown = f"file{ending}", _shown(sent.name)
    columns = Columns(*(sent.options.get(name) for name in OPTIONS[:4]))
    try:
        reading = read_content(sent.content, neutral, columns)
    except ColumnError:
        raise Refusal("no_column") from None
    except TranscriptError as error:
        raise Refusal("unreadable", str(error)) from None
    problems = list(reading.problems)
    transcripts = []
    for transcript in reading.transcripts:
        place = (transcript.name or neutral).removeprefix(neutral)
        chosen = _side(transcript, sent.options.get("caller"))
        if chosen is None:
            problems.append(f"{neutral}{place}: no words of that speaker")
        else:
            transcripts.append(dataclasses.replace(_scrubbed(chosen), name=shown + place))
    if not transcripts:
        raise Refusal("unreadable", problems[0] if problems else f"{neutral}: nothing to score")
    return dataclasses.replace(reading, transcripts=tuple(transcripts), problems=tuple(problems), members=())


def _side(transcript: Transcript, caller: str | None) -> Transcript | None:
    if caller is None:
        return transcript
    try:
        return only(transcript, caller)
    except TranscriptError:
        return None


def _scrubbed(transcript: Transcript) -> Transcript:
    """JSON may hold lone surrogates, which no answer can; one for one they become U+FFFD."""
    if not any("\ud800" <= c <= "\udfff" for u in transcript.utterances for c in (u.speaker or "") + u.text):
        return transcript
    said = (
        dataclasses.replace(u, text=_encodable(u.text), speaker=u.speaker and _encodable(u.speaker))
        for u in transcript.utterances
    )
    return Transcript(tuple(said), transcript.name)


def _encodable(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def _check_unpacked(content: bytes, limits: Limits) -> None:
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, LookupError, RuntimeError):
        raise Refusal("unreadable", "not an Excel workbook, or a damaged one") from None
    if unpacked > limits.unpacked:
        raise Refusal("too_large", f"the workbook unpacks to more than {limits.unpacked >> 20} MiB")


def _shown(name: str) -> str:
    """The name of the file for a report, without folders."""
    last = visible(name.replace("\\", "/").rsplit("/", 1)[-1]).replace("\n", " ").replace("\t", " ")
    return last[-_LONGEST_NAME:] or "file"
