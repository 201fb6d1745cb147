"""`scamtext info`."""

import argparse
import sys
from typing import Any

from classifier.commands.common import add_model, command


def add(commands: Any) -> None:
    add_model(command(commands, "info", run, "what a model is made of and how well it does", "scamtext info"))


def run(options: argparse.Namespace) -> int:
    from classifier.report.card import as_info
    from classifier.scam import ScamClassifier, shipped_model
    from classifier.store import read_history, read_metrics

    folder = options.model or shipped_model()
    sys.stdout.write(as_info(ScamClassifier.load(folder), read_metrics(folder), read_history(folder)))
    return 0
