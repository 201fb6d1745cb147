"""`scamtext export`."""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from classifier.commands.common import add_model, command, fail, write


def add(commands: Any) -> None:
    purpose = "write a model as a scikit-learn Pipeline (joblib)"
    parser = command(commands, "export", run, purpose, "scamtext export --output scam-ja.joblib")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.joblib", help="where to write it")
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    import joblib

    from classifier import store
    from classifier.scam import ScamClassifier, shipped_model
    from classifier.training.export import as_pipeline

    folder = options.model or shipped_model()
    if options.output.is_dir():
        return fail(f"{options.output}: a folder; name a file, such as {options.output / 'scam-ja.joblib'}")
    signature = ScamClassifier.load(folder).signature  # refuses a model made with another dictionary
    content = io.BytesIO()
    joblib.dump(as_pipeline(store.load(folder)), content, compress=3)
    write(content.getvalue(), options.output)
    sys.stdout.write(
        f"wrote {options.output} ({len(content.getvalue()) / 1e6:.1f} MB), {signature}\n"
        "It is read by joblib.load where scamtext[train] is installed. A joblib file can run code: open only your own.\n"
    )
    return 0
