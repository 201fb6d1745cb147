"""Answers of people from a file: an export of Label Studio or doccano, or the corrections that the page stored."""

from collections.abc import Iterator
from pathlib import Path

from classifier.errors import DatasetError
from classifier.feedback import FeedbackStore
from classifier.readers import decode
from classifier.readers.limits import MOST_BYTES
from classifier.readers.plain import read_plain
from classifier.readers.whisper import parse_json
from classifier.training.review import doccano, label_studio
from classifier.training.review.records import Answer

_SQLITE = b"SQLite format 3\0"


def read_answers(path: Path) -> Iterator[Answer | str]:
    """An answer for each labelled text, or in words why there is none.

    Raises DatasetError for another kind of file, TranscriptError for one that is no JSON, FeedbackError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror or 'cannot be read'}") from None
    if content.startswith(_SQLITE):
        return _corrections(path)
    if len(content) > MOST_BYTES:
        raise DatasetError(f"{path}: larger than {MOST_BYTES // 1024**2} MiB; export it in parts")
    text = decode(content, str(path)).removeprefix("\ufeff")
    if text.lstrip().startswith("["):
        found = parse_json(text, str(path))
        if label_studio.is_export(found):
            return label_studio.answers(found, str(path))
    elif text.lstrip().startswith("{"):
        lines = [(n, parse_json(line, f"{path}:{n}")) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if all(doccano.is_export(record) for _, record in lines):
            return doccano.answers(lines, str(path))
    raise DatasetError(
        f"{path}: no export that is known; give Label Studio's JSON or JSON-MIN, the JSONL of a doccano project "
        '"Intent Detection and Slot Filling", or the SQLite file of `scamtext serve --feedback`'
    )


def _corrections(path: Path) -> Iterator[Answer | str]:
    for correction in FeedbackStore(path, create=False).corrections():
        where = f"{path}: correction {correction.id}"
        if correction.text is None:
            yield f"{where}: stored without its text, for lack of consent"
        else:
            said = read_plain(correction.text, None)  # the page stores a call as 「相手: もしもし」, line by line
            turns = tuple((utterance.speaker, utterance.text) for utterance in said.utterances)
            yield Answer(
                text=said.text, where=where, source="feedback", label=correction.label, domain=correction.domain,
                scam_type=correction.scam_type, tactics=correction.tactics, channel=correction.channel, turns=turns,
            )  # fmt: skip
