"""`scamtext score`."""

import argparse
import os
import sys
from typing import Any

from classifier.commands.common import add_model, add_output, add_prior, command, fail, progress, write
from classifier.errors import ClassifierError

_FORMATS = ("text", "json", "jsonl", "csv", "html")


def add(commands: Any) -> None:
    parser = command(commands, "score", run, "score files", "scamtext score call.txt --format json")
    parser.add_argument(
        "inputs", nargs="+", metavar="FILE", help="text files or folders; - reads one from standard input"
    )
    parser.add_argument(
        "--format", choices=_FORMATS, default="text", help="default: text; html of several: --output DIR"
    )
    add_output(parser)
    add_model(parser)
    add_prior(parser)


def run(options: argparse.Namespace) -> int:
    from classifier import report
    from classifier.readers import find_files, read_bytes, read_file
    from classifier.scam import ScamClassifier
    from classifier.signals import with_signals

    transcripts, failures = [], 0
    for name in find_files(options.inputs):
        try:
            transcripts.append(
                read_bytes(sys.stdin.buffer.read(), "standard input") if name == "-" else read_file(name)
            )
        except ClassifierError as error:
            failures += 1
            fail(str(error))
    if not transcripts:
        return 1
    classifier = ScamClassifier.load(options.model)
    verdicts = [with_signals(classifier.classify(t, options.prior), t.text) for t in progress(transcripts)]
    named = [(t.name or "", t.text, verdict) for t, verdict in zip(transcripts, verdicts, strict=True)]
    status = 0
    if options.format == "html":
        from classifier.commands.pages import write_pages

        status = write_pages(classifier, transcripts, verdicts, options.output)
    elif options.format == "text":
        color = options.output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        several = len(named) > 1
        parts = [report.as_text(verdict, text, name if several else None, color=color) for name, text, verdict in named]
        write("\n".join(parts), options.output)
    else:
        render = {"json": report.as_json, "jsonl": report.as_jsonl, "csv": report.as_csv}[options.format]
        write(render(named), options.output)
    if failures:
        fail(f"{failures} of {failures + len(named)} inputs could not be read; the others were scored")
    return 1 if failures else status
