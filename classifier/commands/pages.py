"""`scamtext score --format html`: one page, or a folder of pages with an index."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.commands.common import fail, progress, write
from classifier.transcript import Transcript

if TYPE_CHECKING:
    from classifier.commands.inputs import Scored

_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 60


def write_pages(thresholds: Mapping[str, float], scored: Sequence["Scored"], output: Path | None) -> int:
    """One input: one page, to `output` or standard output. Several: the folder `output` with index.html."""
    from classifier.report import Listed, as_html, as_html_index

    if len(scored) == 1 and (output is None or not output.is_dir()):
        transcript, verdict = scored[0]
        write(as_html(verdict, transcript, thresholds=thresholds), output)
        return 0
    if output is None:
        return fail("several pages need a folder: add --output DIR")
    output.mkdir(parents=True, exist_ok=True)
    listed: list[Listed] = []
    for transcript, verdict in progress(list(scored)):
        name = f"{len(listed) + 1:04}-{_file_name(transcript)}.html"
        write(as_html(verdict, transcript, thresholds=thresholds), output / name)
        listed.append(Listed(transcript.name or "", name, transcript.text, verdict))
    write(as_html_index(listed), output / "index.html")
    return 0


def _file_name(transcript: Transcript) -> str:
    return _UNSAFE.sub("_", Path(transcript.name or "text").stem)[:_LONGEST_NAME].strip("._") or "text"
