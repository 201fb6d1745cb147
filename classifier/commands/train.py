"""`scamtext train`."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.commands.common import command, fail

if TYPE_CHECKING:
    from classifier.training.extra import Extra

_MOST_TOLD = 20


def add(commands: Any) -> None:
    example = "scamtext train --data datasets --extra my.csv --output models/mine"
    parser = command(commands, "train", run, "train a model from a corpus, with own labelled texts", example)
    parser.add_argument("--data", type=Path, default=Path("datasets"), metavar="DIR", help="default: datasets")
    parser.add_argument(
        "--output", type=Path, default=Path("models/scam-ja"), metavar="DIR", help="default: models/scam-ja"
    )
    parser.add_argument(
        "--from",
        dest="old",
        type=Path,
        metavar="DIR",
        help="the model it must not be worse than (default: the one in --output, else the shipped one)",
    )
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="DIR",
        help="measure on these files, never train on them (default: DATA/evaluation)",
    )
    parser.add_argument(
        "--accept-worse", metavar="REASON", help="take the model although it got worse; REASON is kept in its history"
    )
    own = parser.add_argument_group("own texts")
    own.add_argument(
        "--extra",
        dest="own",
        type=Path,
        metavar="FILE",
        help="a table (.csv .tsv .xlsx .jsonl .parquet) of texts and labels",
    )
    own.add_argument(
        "--label-column",
        metavar="NAME",
        help="はい/いいえ, 1/0, scam/benign, or a scam type by id or Japanese name (default: label, 判定, 種類 …)",
    )
    own.add_argument("--text-column", metavar="NAME", help="the text (default: text, 本文, 内容 …)")
    own.add_argument("--call-column", metavar="NAME", help="rows are utterances; those of one call are one text")


def run(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from classifier.scam import shipped_model
    from classifier.training import dataset
    from classifier.training.retrain import read_evaluation, retrain
    from classifier.training.settings import Settings
    from classifier.training.train import steps

    corpus = dataset.load(options.data)
    evaluation = read_evaluation(options.evaluation or options.data / "evaluation")
    extra = _extra(options, corpus, evaluation)
    old = options.old
    if old is None and not (options.output / "model.json").exists() and shipped_model().is_dir():
        old = shipped_model()
    settings = Settings()
    with tqdm(total=steps(settings), desc="training", unit="step", disable=None, leave=False) as bar:

        def tell(step: str) -> None:
            bar.set_postfix_str(step)
            bar.update()

        done = retrain(
            corpus, options.output, old=old, extra=extra, evaluation=evaluation, accept_worse=options.accept_worse,
            settings=settings, tell=tell,
        )  # fmt: skip
    sys.stdout.write(done.as_text())
    if done.refused:
        return fail(
            f"refused, {options.output} is as it was: {len(done.reasons)} reasons in {done.folder / 'reasons.txt'}; "
            "--accept-worse REASON takes it all the same"
        )
    return 0


def _extra(options: argparse.Namespace, corpus: Any, evaluation: Any) -> "Extra | None":
    """The own table, held against corpus and evaluation set; what cannot be used is said."""
    if options.own is None:
        return None
    from classifier.readers import Columns
    from classifier.training.extra import read_extra

    columns = Columns(text=options.text_column, call=options.call_column)
    extra = read_extra(options.own, corpus, evaluation, columns, options.label_column)
    for problem in extra.problems[:_MOST_TOLD]:
        fail(problem)
    if len(extra.problems) > _MOST_TOLD:
        fail(f"… and {len(extra.problems) - _MOST_TOLD} more")
    sys.stdout.write(extra.summary())
    return extra
