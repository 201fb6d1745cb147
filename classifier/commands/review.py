"""`scamtext review`."""

import argparse
from typing import Any

from classifier.commands.common import command


def add(commands: Any) -> None:
    command(commands, "review", run, "choose what to label next", "scamtext review scores.jsonl --output review/")


def run(options: argparse.Namespace) -> int:
    return 0
