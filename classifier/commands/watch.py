"""`scamtext watch`."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from classifier.commands.common import add_model, add_prior, command, fail

if TYPE_CHECKING:
    from classifier.transcript import Utterance


def add(commands: Any) -> None:
    example = "scamtext watch < call.txt   (or: tail -f call.txt | scamtext watch)"
    parser = command(commands, "watch", run, "follow a call line by line as it is transcribed", example)
    parser.add_argument("--jsonl", action="store_true", help="one JSON object for each utterance")
    add_model(parser)
    add_prior(parser)


def run(options: argparse.Namespace) -> int:
    from classifier.report.live import as_alarm, as_end, as_event, as_line
    from classifier.report.wording import HEIGHTS
    from classifier.scam import ScamClassifier
    from classifier.signals import find_signals
    from classifier.verdict import Level, Verdict

    monitor = ScamClassifier.load(options.model).monitor(options.prior)
    highest: Level = "low"
    verdict: Verdict | None = None
    for number, utterance in _utterances():
        verdict = monitor.feed(utterance)
        signals = find_signals(utterance.text)
        stretch = monitor.stretch.text
        reached = verdict.level if HEIGHTS[verdict.level] > HEIGHTS[highest] else None
        highest = reached or highest
        if options.jsonl:
            event = as_event(number, utterance, verdict, signals, reached, stretch)
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(as_line(number, utterance, verdict, signals))
            if reached:
                bell = "\a" if sys.stdout.isatty() else ""
                sys.stdout.write(bell + as_alarm(reached, verdict, stretch))
        sys.stdout.flush()
    if verdict is None:
        return fail("standard input: empty or blank; nothing to watch")
    if not options.jsonl:
        sys.stdout.write("\n" + as_end(verdict))
    return 0


def _utterances() -> Iterator[tuple[int, "Utterance"]]:
    """The lines of standard input as they come, numbered from 1; blank lines are counted and left out."""
    for number, line in enumerate(iter(sys.stdin.buffer.readline, b""), 1):
        utterance = spoken(_decoded(line).strip("\ufeff\r\n"))
        if utterance.text.strip():
            yield number, utterance


def _decoded(line: bytes) -> str:
    """A single line is too short to recognise an encoding by: UTF-8, else Shift_JIS."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp932", "replace")


def spoken(line: str) -> "Utterance":
    """「00:12 相手：もしもし」 → speaker 相手, 12 seconds, もしもし; a line without a label is all text."""
    from classifier.readers.plain import read_plain
    from classifier.transcript import Utterance

    return next(iter(read_plain(line, None).utterances), Utterance(""))
