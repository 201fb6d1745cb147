"""`scamtext score`."""

import argparse
import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.commands.common import add_columns, add_model, add_output, add_prior, command, fail, progress, write

if TYPE_CHECKING:
    from classifier.commands.inputs import Scored
    from classifier.readers import Reading
    from classifier.scam import ScamClassifier
    from classifier.transcript import Transcript
    from classifier.verdict import Verdict

_FORMATS = ("text", "json", "jsonl", "csv", "xlsx", "html")
_AT_ONCE = 256


def add(commands: Any) -> None:
    parser = command(commands, "score", run, "score files", "scamtext score call.txt --format json", extra="tables")
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="FILE",
        help="texts, subtitles (.srt .vtt), Whisper .json, mails (.eml), tables, or folders of them; - is standard input",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, help="default: text, or xlsx for --output x.xlsx; html of several: --output DIR"
    )
    add_output(parser)
    add_model(parser)
    add_prior(parser)
    parser.add_argument("--caller", metavar="NAME", help="score what this speaker says, nothing else")
    parser.add_argument(
        "--redact",
        action="store_true",
        help="mask numbers, mail addresses and names of persons in the output (names of files stay)",
    )
    add_columns(parser)


def run(options: argparse.Namespace) -> int:
    from classifier.commands.inputs import masked_tables, read_inputs
    from classifier.scam import ScamClassifier

    form = _format(options.format, options.output)
    if form == "xlsx" and options.output is None:
        return fail("a workbook needs a file: add --output FILE.xlsx")
    readings, failures = read_inputs(options)
    if not any(reading.transcripts for reading in readings):
        return 1
    classifier = ScamClassifier.load(options.model)
    scored = list(_scored(classifier, readings, options.prior, form))
    if options.redact:
        from classifier.redact import Redactor

        redactor = Redactor()
        readings = masked_tables(readings, redactor)
        scored = [
            s._replace(transcript=redactor.transcript(s.transcript), verdict=redactor.verdict(s.verdict))
            for s in scored
        ]
    status = _write(classifier, form, readings, scored, options.output)
    if failures:
        fail(f"{failures} of {failures + len(scored)} texts could not be read; the others were scored")
    return 1 if failures else status


def _format(chosen: str | None, output: Path | None) -> str:
    workbook = output is not None and output.suffix.lower() == ".xlsx"
    return "xlsx" if workbook and chosen in (None, "csv") else chosen or "text"


def _scored(
    classifier: "ScamClassifier", readings: Sequence["Reading"], prior: float | None, form: str
) -> Iterator["Scored"]:
    """The verdicts with what belongs beside them: signals, and the course of a call where the report shows it."""
    from classifier.commands.inputs import Scored
    from classifier.monitor import timeline
    from classifier.signals import with_signals
    from classifier.transcript import by_line

    transcripts = [transcript for reading in readings for transcript in reading.transcripts]
    for transcript, verdict in zip(progress(transcripts), _verdicts(classifier, transcripts, prior), strict=True):
        spoken = by_line(transcript) if form == "html" else transcript
        if form == "html" or (form in ("json", "jsonl") and len(spoken.utterances) > 1):
            verdict = dataclasses.replace(verdict, timeline=timeline(classifier, spoken))
        yield Scored(spoken, with_signals(verdict, transcript.text))


def _verdicts(
    classifier: "ScamClassifier", transcripts: Sequence["Transcript"], prior: float | None
) -> Iterator["Verdict"]:
    for first in range(0, len(transcripts), _AT_ONCE):
        yield from classifier.classify_many(transcripts[first : first + _AT_ONCE], prior)


def _write(
    classifier: "ScamClassifier",
    form: str,
    readings: Sequence["Reading"],
    scored: Sequence["Scored"],
    output: Path | None,
) -> int:
    from classifier.commands.inputs import one_table, parts

    if form == "html":
        from classifier.commands.pages import write_pages

        return write_pages(classifier.thresholds, scored, output)
    if form == "text":
        from classifier.report import as_text

        color = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        several = len(scored) > 1
        reports = [as_text(verdict, t.text, t.name if several else None, color=color) for t, verdict in scored]
        write("\n".join(reports), output)
    elif form in ("csv", "xlsx"):
        from classifier.report.table import as_csv_table, as_workbook

        table = one_table(list(parts(readings, scored, a_row_a_call=False)))
        if form == "xlsx":
            write(as_workbook(*table), output)
        else:  # a Japanese Excel takes a CSV file for Shift_JIS unless it begins with a byte order mark
            write(as_csv_table(*table) if output is None else as_csv_table(*table).encode("utf-8-sig", "replace"), output)
    else:
        from classifier.report.data import json_lines, json_text
        from classifier.report.table import as_objects

        objects = [o for part in parts(readings, scored, a_row_a_call=True) for o in as_objects(*part)]
        alone = len(objects) == 1 and not any(reading.table for reading in readings)
        write(json_lines(objects) if form == "jsonl" else json_text(objects[0] if alone else objects), output)
    return 0
