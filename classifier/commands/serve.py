"""`scamtext serve`."""

import argparse
from pathlib import Path
from typing import Any

from classifier.commands.common import add_model, command


def add(commands: Any) -> None:
    parser = command(
        commands, "serve", run, "the page in the browser and the HTTP API", "scamtext serve", extra="service"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only; any other needs a token"
    )
    parser.add_argument("--port", type=int, default=8000, help="default: 8000")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="its first line is the token (else: the environment's SCAMTEXT_TOKEN)",
    )
    parser.add_argument(
        "--name", action="append", default=[], help="another name by which it is reached (Host header); may be repeated"
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="TLS certificate (PEM)")
    parser.add_argument("--key", type=Path, metavar="FILE", help="its key (PEM)")
    parser.add_argument(
        "--rate", type=float, default=50.0, metavar="N", help="requests of one client in a second (default: 50)"
    )
    parser.add_argument(
        "--feedback",
        type=Path,
        metavar="FILE.sqlite",
        help="readers may correct verdicts; stored there, a text only with consent (default: nothing is stored)",
    )
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from classifier.scam import ScamClassifier
    from classifier.service.server import serve
    from classifier.service.settings import Limits, Settings, read_token

    settings = Settings(
        host=options.host,
        port=options.port,
        token=read_token(options.token_file),
        names=tuple(options.name),
        certificate=options.certificate,
        key=options.key,
        model=options.model,
        feedback=options.feedback,
        limits=Limits(rate=options.rate),
    )
    serve(ScamClassifier.load(options.model), settings)
    return 0
