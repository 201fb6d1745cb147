"""What the commands share: how a command is declared, how it fails, where its output goes."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

Item = TypeVar("Item")
_LONG_WORK = 20  # inputs from which a progress bar is shown on a terminal


def command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], purpose: str, example: str, extra: str = "train"
) -> argparse.ArgumentParser:
    """A subcommand whose help ends with an example; `extra` is what to install where a package is missing."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=purpose.capitalize() + ".", epilog=f"Example: {example}"
    )
    parser.set_defaults(run=run, extra=extra)
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="DIR", help="a model folder (default: the shipped model)")


def add_prior(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prior",
        type=_prior,
        metavar="P",
        help="share of scams to presume, between 0 and 1 (default: the model's own)",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output")


def add_columns(parser: argparse.ArgumentParser) -> None:
    columns = parser.add_argument_group("tables (.csv .tsv .xlsx .jsonl .parquet)")
    columns.add_argument(
        "--text-column", metavar="NAME", help="the text (default: text, 本文, 内容, メッセージ, 書き起こし …)"
    )
    columns.add_argument(
        "--call-column", metavar="NAME", help="rows are utterances; those of one call are scored together"
    )
    columns.add_argument("--speaker-column", metavar="NAME", help="who speaks")
    columns.add_argument("--time-column", metavar="NAME", help="when: seconds, 1:23 or a date with time")


def _prior(value: str) -> float:
    try:
        prior = float(value)
    except ValueError:
        prior = 0.0
    if not 0.0 < prior < 1.0:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number between 0 and 1")
    return prior


def fail(message: str) -> int:
    """One line on standard error; the exit status of an error."""
    from classifier.report.safe import visible

    print(f"scamtext: {visible(message).splitlines()[0]}", file=sys.stderr)
    return 1


def write(content: str | bytes, output: Path | None) -> None:
    """To standard output (words only), or whole into a file: a reader never sees half of one."""
    if output is None:
        sys.stdout.write(str(content))
        return
    from classifier.whole import whole

    with whole(output) as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))


def progress(items: list[Item]) -> Iterable[Item]:
    """The items, with a bar on a terminal when there are many; never in a pipe."""
    if len(items) < _LONG_WORK or not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(items, unit="text", leave=False)
    return bar
