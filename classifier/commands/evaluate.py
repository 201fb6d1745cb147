"""`scamtext evaluate`."""

import argparse
from pathlib import Path
from typing import Any

from classifier.commands.common import add_model, add_output, command, fail, write


def add(commands: Any) -> None:
    example = "scamtext evaluate datasets/evaluation/*.jsonl"
    parser = command(commands, "evaluate", run, "measure a model on labelled texts", example)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="JSONL with text and label (scam or benign)"
    )
    parser.add_argument(
        "--benign",
        nargs="*",
        type=Path,
        default=[],
        metavar="FILE",
        help="JSONL of honest texts without labels: false positives only",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all metrics as JSON, there")
    parser.add_argument("--html", type=Path, metavar="FILE", help="a page with curves, there; it needs nothing else")
    parser.add_argument(
        "--learning", type=Path, metavar="DIR", help="with --html: a learning curve on this corpus, too (minutes)"
    )
    parser.add_argument("--show-texts", action="store_true", help="the texts of the errors, not their ids alone")
    add_output(parser)
    add_model(parser)
    drift = parser.add_argument_group("drift: what new texts, labelled or not, have moved away from")
    drift.add_argument(
        "--reference", type=Path, metavar="DIR", help="a model folder; its training records are compared with FILE"
    )
    drift.add_argument("--plot", type=Path, metavar="FILE", help="draw it, too (.svg .png .pdf)")
    drift.add_argument("--text-column", metavar="NAME", help="the column of the text in tables")


def run(options: argparse.Namespace) -> int:
    if options.reference is not None:
        return _drift(options)
    if options.plot is not None:
        return fail("--plot shows a drift: name the model to compare with, --reference DIR")
    from classifier.scam import ScamClassifier
    from classifier.training.evaluate import as_json, evaluate_files
    from classifier.training.summary import as_table

    if options.learning and not options.html:
        return fail("--learning draws into a page: add --html FILE")
    classifier = ScamClassifier.load(options.model)
    measured = evaluate_files(classifier, options.files, options.benign, options.show_texts)
    if options.json:
        write(as_json(measured), options.json)
    if options.html:
        from classifier.training.page import evaluation_page

        write(evaluation_page(measured, _learning(options)), options.html)
    write((as_json if options.format == "json" else as_table)(measured), options.output)
    return 0


def _learning(options: argparse.Namespace) -> Any:
    if not options.learning:
        return None
    from classifier.training import dataset
    from classifier.training.curves import learning_curve
    from classifier.training.evaluate import read_texts

    ordinary = read_texts(options.benign, "benign").text.tolist() if options.benign else []
    return learning_curve(dataset.load(options.learning), read_texts(options.files), ordinary)
def _drift(options: argparse.Namespace) -> int:
    if options.model is not None or options.benign:
        return fail("--reference names the model that scores, too; leave out --model and --benign")
    from classifier.commands.inputs import read_all
    from classifier.scam import ScamClassifier
    from classifier.training.drift import measure
    from classifier.training.drift_report import as_html, as_json, as_text, write_plot
    from classifier.training.reference import read_reference

    reference = read_reference(options.reference)
    readings, failures = read_all(options.files, options.text_column)
    texts = [transcript.text for reading in readings for transcript in reading.transcripts]
    if not texts:
        return 1
    drift = measure(ScamClassifier.load(options.reference), reference, texts)
    if options.plot is not None:
        write(write_plot(drift, options.plot), options.plot)
    if options.html is not None:
        write(as_html(drift), options.html)
    write((as_json if options.format == "json" else as_text)(drift), options.output)
    if failures:
        fail(f"{failures} of {failures + len(texts)} texts could not be read; the others were measured")
    return 1 if failures else 0
