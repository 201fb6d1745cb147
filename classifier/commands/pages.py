"""`scamtext score --format html`: one page, or a folder of pages with an index."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.commands.common import fail, progress, write
from classifier.transcript import Transcript, Utterance

if TYPE_CHECKING:
    from classifier.scam import ScamClassifier
    from classifier.verdict import Verdict

_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 60


def write_pages(
    classifier: "ScamClassifier", transcripts: Sequence[Transcript], verdicts: Sequence["Verdict"], output: Path | None
) -> int:
    """One input: one page, to `output` or standard output. Several: the folder `output` with index.html."""
    from classifier.report import Listed, as_html_index

    if len(transcripts) == 1 and (output is None or not output.is_dir()):
        write(_page(classifier, transcripts[0], verdicts[0]), output)
        return 0
    if output is None:
        return fail("several pages need a folder: add --output DIR")
    output.mkdir(parents=True, exist_ok=True)
    listed: list[Listed] = []
    for transcript, verdict in progress(list(zip(transcripts, verdicts, strict=True))):
        name = f"{len(listed) + 1:04}-{_file_name(transcript)}.html"
        write(_page(classifier, transcript, verdict), output / name)
        listed.append(Listed(transcript.name or "", name, transcript.text, verdict))
    write(as_html_index(listed), output / "index.html")
    return 0


def _page(classifier: "ScamClassifier", transcript: Transcript, verdict: "Verdict") -> str:
    from classifier.monitor import timeline
    from classifier.report import as_html

    spoken = _by_line(transcript)
    course = timeline(classifier, spoken)
    return as_html(verdict, spoken, timeline=course, thresholds=classifier.thresholds)


def _by_line(transcript: Transcript) -> Transcript:
    """A text that was not divided is followed line by line; its text, and so every span, stays the same."""
    if len(transcript.utterances) > 1 or "\n" not in transcript.text:
        return transcript
    return Transcript(tuple(Utterance(line) for line in transcript.text.split("\n")), transcript.name)


def _file_name(transcript: Transcript) -> str:
    return _UNSAFE.sub("_", Path(transcript.name or "text").stem)[:_LONGEST_NAME].strip("._") or "text"
