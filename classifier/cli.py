"""The command `scamtext`: arguments in, one library call, output."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from classifier.errors import ClassifierError
from classifier.version import VERSION

_FORMATS = ("text", "json", "jsonl", "csv")
Item = TypeVar("Item")
_LONG_WORK = 20  # inputs from which a progress bar is shown on a terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command. Exit status: 0 done, 1 an error said in one line, 2 wrong usage."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `scamtext score … | head` ends quietly
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ClassifierError as error:
        return _fail(str(error))
    except ImportError as error:
        return _fail(f"needs the package {error.name!r}; install the extra: pip install 'scamtext[{options.extra}]'")
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return 130


def _fail(message: str) -> int:
    from classifier.report.safe import visible

    print(f"scamtext: {visible(message).splitlines()[0]}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scamtext",
        description="How much a Japanese call or message resembles a scam, which one, and which words say so.",
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    score = _command(commands, "score", _score, "score files", "scamtext score call.txt --format json")
    score.add_argument(
        "inputs", nargs="+", metavar="FILE", help="text files or folders; - reads one text from standard input"
    )
    score.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    score.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output")
    _model(score)
    score.add_argument(
        "--prior",
        type=_prior,
        metavar="P",
        help="share of scams to presume, between 0 and 1 (default: the model's own)",
    )

    info = _command(commands, "info", _info, "what a model is made of and how well it does", "scamtext info")
    _model(info)

    train = _command(
        commands,
        "train",
        _train,
        "train a model from a corpus",
        "scamtext train --data datasets --output models/scam-ja",
        extra="train",
    )
    train.add_argument("--data", type=Path, default=Path("datasets"), metavar="DIR", help="default: datasets")
    train.add_argument(
        "--output", type=Path, default=Path("models/scam-ja"), metavar="DIR", help="default: models/scam-ja"
    )
    train.add_argument(
        "--evaluation",
        type=Path,
        metavar="DIR",
        help="also measure on these files and keep the numbers in metrics.json (default: DATA/evaluation)",
    )

    evaluate = _command(
        commands,
        "evaluate",
        _evaluate,
        "measure a model on labelled texts",
        "scamtext evaluate datasets/evaluation/*.jsonl",
        extra="train",
    )
    evaluate.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="JSONL with text and label (scam or benign)"
    )
    evaluate.add_argument(
        "--benign",
        nargs="*",
        type=Path,
        default=[],
        metavar="FILE",
        help="JSONL of honest texts without labels: false positives only",
    )
    evaluate.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    evaluate.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output")
    _model(evaluate)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], purpose: str, example: str, extra: str = "train"
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=purpose.capitalize() + ".", epilog=f"Example: {example}"
    )
    parser.set_defaults(run=run, extra=extra)
    return parser


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="DIR", help="a model folder (default: the shipped model)")


def _prior(value: str) -> float:
    try:
        prior = float(value)
    except ValueError:
        prior = 0.0
    if not 0.0 < prior < 1.0:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number between 0 and 1")
    return prior


def _write(text: str, output: Path | None) -> None:
    """To standard output, or whole into a file: a reader never sees half of one."""
    if output is None:
        sys.stdout.write(text)
        return
    partial = output.with_name(output.name + ".part")
    partial.write_text(text, encoding="utf-8", errors="replace")
    os.replace(partial, output)


def _score(options: argparse.Namespace) -> int:
    from classifier import report
    from classifier.readers import find_files, read_bytes, read_file
    from classifier.scam import ScamClassifier

    transcripts, failures = [], 0
    for name in find_files(options.inputs):
        try:
            transcripts.append(
                read_bytes(sys.stdin.buffer.read(), "standard input") if name == "-" else read_file(name)
            )
        except ClassifierError as error:
            failures += 1
            _fail(str(error))
    if not transcripts:
        return 1
    classifier = ScamClassifier.load(options.model)
    verdicts = [classifier.classify(t, options.prior) for t in _progress(transcripts)]
    named = [(t.name or "", t.text, verdict) for t, verdict in zip(transcripts, verdicts, strict=True)]
    if options.format == "text":
        color = options.output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        several = len(named) > 1
        parts = [report.as_text(verdict, text, name if several else None, color=color) for name, text, verdict in named]
        _write("\n".join(parts), options.output)
    else:
        _write(
            {"json": report.as_json, "jsonl": report.as_jsonl, "csv": report.as_csv}[options.format](named),
            options.output,
        )
    if failures:
        _fail(f"{failures} of {failures + len(named)} inputs could not be read; the others were scored")
    return 1 if failures else 0


def _progress(items: list[Item]) -> Iterable[Item]:
    """The items, with a bar on a terminal when there are many; never in a pipe."""
    if len(items) < _LONG_WORK or not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(items, unit="text", leave=False)
    return bar


def _info(options: argparse.Namespace) -> int:
    from classifier.report.card import as_info
    from classifier.scam import ScamClassifier, shipped_model

    classifier = ScamClassifier.load(options.model)
    sys.stdout.write(as_info(classifier, options.model or shipped_model()))
    return 0


def _train(options: argparse.Namespace) -> int:
    from classifier.training.run import train_folder

    evaluation = options.evaluation or options.data / "evaluation"
    sys.stdout.write(train_folder(options.data, options.output, evaluation))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from classifier.scam import ScamClassifier
    from classifier.training.evaluate import as_json, as_table, evaluate_files

    measured = evaluate_files(ScamClassifier.load(options.model), options.files, options.benign)
    _write((as_json if options.format == "json" else as_table)(measured), options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
