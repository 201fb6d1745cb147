"""`scamtext review`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.commands.common import add_model, command, fail, write

if TYPE_CHECKING:
    from classifier.readers.reading import Reading
    from classifier.scam import ScamClassifier
    from classifier.training.review.task import Task
    from classifier.transcript import Transcript

_REASONS = {
    "badge": "uncertain and unlike the others (BADGE)",
    "cal": "uncertain and at odds with their neighbours (CAL)",
    "random": "drawn at random",
}
_CHANNELS = ("phone", "sms", "email", "sns", "web", "postal", "visit")


def add(commands: Any) -> None:
    parser = command(
        commands, "review", run, "choose texts to label, write tasks for Label Studio and doccano, read the answers back",
        "scamtext review scores.jsonl --output review/   then: scamtext review export.json --export records.jsonl",
    )  # fmt: skip
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="what `scamtext score` wrote (jsonl, csv), or the texts themselves; with --export: an export of Label Studio "
        "or doccano, or the SQLite file of `scamtext serve --feedback`",
    )
    parser.add_argument("--n", type=_count, default=50, help="how many texts to choose (default: 50)")
    parser.add_argument(
        "--output", type=Path, default=Path("review"), metavar="DIR", help="folder for the task files (default: review)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the labelled corpus; neighbours are looked for there, as CAL has it"
    )
    parser.add_argument("--text-column", metavar="NAME", help="the column of the text in tables")
    parser.add_argument("--redact", action="store_true", help="mask numbers, mail addresses and names in the tasks")
    parser.add_argument("--export", type=Path, metavar="FILE.jsonl", help="write the answers as training records")
    parser.add_argument("--channel", choices=_CHANNELS, help="of texts that tell none (with --export)")
    add_model(parser)


def _count(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 10_000:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number from 1 to 10000")
    return int(value)


def run(options: argparse.Namespace) -> int:
    from classifier.commands.inputs import tell
    from classifier.scam import ScamClassifier

    if options.export is not None:
        return _export(options)
    readings, problems = _read(options)
    tell(problems)
    transcripts = [transcript for reading in readings for transcript in reading.transcripts]
    if not transcripts:
        return 1
    classifier = ScamClassifier.load(options.model)
    tasks, n_copies, n_seen = _tasks(classifier, readings, options)
    _write(tasks, options)
    print(
        f"{len(tasks)} of {len(transcripts)} texts chosen ({n_copies} were copies of others); tasks in {options.output}"
    )
    if n_seen < len(transcripts) - n_copies:
        print(f"chosen among {n_seen}: the most uncertain and some of the others, at random")
    for reason, words in _REASONS.items():
        print(f"{sum(task.reason == reason for task in tasks):6d} {words}")
    if problems:
        fail(f"{len(problems)} of {len(problems) + len(transcripts)} texts could not be read")
    return 1 if problems else 0


def _read(options: argparse.Namespace) -> tuple[list["Reading"], list[str]]:
    from classifier.errors import TranscriptError
    from classifier.readers import Columns, find_files
    from classifier.readers.results import read_scored

    readings: list[Reading] = []
    problems: list[str] = []
    for name in find_files(options.files):
        try:
            readings.append(read_scored(name, Columns(options.text_column)))
            problems += readings[-1].problems
        except TranscriptError as error:
            problems.append(str(error))
    return readings, problems


def _tasks(
    classifier: "ScamClassifier", readings: Sequence["Reading"], options: argparse.Namespace
) -> tuple[list["Task"], int, int]:
    """The tasks, how many texts were copies, and among how many the others were chosen."""
    from classifier import store
    from classifier.scam import shipped_model
    from classifier.training.review.pick import candidates, choose, first_of_each
    from classifier.training.review.rows import labelled_rows, rows_of
    from classifier.training.review.task import key_of, task_of

    found = [pair for reading in readings for pair in _with_channel(reading)]
    kept = [found[at] for at in first_of_each([key_of(transcript.text) for transcript, _ in found])]
    log_odds = classifier.log_odds([transcript.text for transcript, _ in kept])
    seen = candidates(log_odds)
    model = store.load(options.model or shipped_model())
    texts = [kept[at][0].text for at in seen.tolist()]
    known = labelled_rows(options.data, model, classifier) if options.data else (None, None)
    picks = choose(rows_of(model, texts), log_odds[seen], options.n, *known)
    chosen = [kept[int(seen[pick.at])] for pick in picks]
    verdicts = classifier.classify_many([transcript for transcript, _ in chosen])
    made = zip(chosen, verdicts, picks, strict=True)
    tasks = [task_of(transcript, verdict, pick.reason, channel) for (transcript, channel), verdict, pick in made]
    return tasks, len(found) - len(kept), len(seen)


def _with_channel(reading: "Reading") -> list[tuple["Transcript", str | None]]:
    """The texts of an input, with what a column `channel` says of them."""
    table = reading.table
    if table is None or "channel" not in table.columns:
        return [(transcript, None) for transcript in reading.transcripts]
    column = table.columns.index("channel")
    told = [table.rows[members[0]][column] for members in reading.members]
    return [(t, c if c in _CHANNELS else None) for t, c in zip(reading.transcripts, told, strict=True)]


def _write(tasks: Sequence["Task"], options: argparse.Namespace) -> None:
    import dataclasses

    from classifier.training.review import doccano, label_studio

    if options.redact:
        from classifier.redact import Redactor
        from classifier.training.review.task import key_of

        redactor = Redactor()
        masked = [redactor.transcript(task.transcript) for task in tasks]
        tasks = [
            dataclasses.replace(task, transcript=transcript, key=key_of(transcript.text))  # a key tells what it is of
            for task, transcript in zip(tasks, masked, strict=True)
        ]
    options.output.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("label_studio_tasks.json", label_studio.as_tasks(tasks)),
        ("label_studio_interface.xml", label_studio.interface()),
        ("doccano_tasks.jsonl", doccano.as_tasks(tasks)),
        ("doccano_category_labels.json", doccano.choice_labels()),
        ("doccano_span_labels.json", doccano.mark_labels()),
    ):
        write(content, options.output / name)


def _export(options: argparse.Namespace) -> int:
    from classifier.commands.inputs import tell
    from classifier.report.data import json_lines
    from classifier.scam import ScamClassifier
    from classifier.training.review.answers import read_answers
    from classifier.training.review.records import records_of

    answers = [answer for name in options.files for answer in read_answers(Path(name))]
    found = records_of(answers, ScamClassifier.load(options.model), options.channel)
    tell(found.problems)
    if not found.records:
        return fail("no answer that makes a record; nothing was written")
    write(json_lines(found.records), options.export)
    scam = sum(record["label"] == "scam" for record in found.records)
    told = [f"wrote {options.export}: {len(found.records)} records, {scam} scam"]
    if found.n_copies:
        told.append(f"{found.n_copies} answers on the same text once more, used once")
    told += [f"{field} presumed for {n} records, nobody chose it" for field, n in sorted(found.presumed.items()) if n]
    if found.marks:
        marks = options.export.with_suffix(".spans.jsonl")
        rows = [{"id": key, "spans": [mark._asdict() for mark in given]} for key, given in found.marks.items()]
        write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), marks)
        told.append(f"wrote {marks}: marked stretches of {len(rows)} records, which the corpus has no place for")
    sys.stdout.write("\n".join(told) + "\n")
    if found.problems:
        fail(f"{len(found.problems)} of {len(answers)} answers were not used")
    return 1 if found.problems else 0
