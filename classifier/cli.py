"""The command `scamtext`: arguments in, one library call, output."""

import argparse
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import PurePath

from classifier.commands import batch, consult, evaluate, export, info, review, score, serve, train, watch
from classifier.commands.common import fail
from classifier.errors import ClassifierError
from classifier.version import VERSION

_COMMANDS = (score, watch, batch, consult, serve, info, train, evaluate, review, export)


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
        return fail(str(error))
    except ImportError as error:
        return fail(f"needs the package {error.name!r}; install the extra: pip install 'scamtext[{options.extra}]'")
    except OSError as error:
        told = error.strerror or type(error).__name__
        return fail(f"{error.filename}: {told}" if error.filename else told)
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        return fail("not enough memory; give fewer or smaller files at once")
    except Exception as error:  # the outermost edge: an error's words may hold a text, so only its places are told
        return fail(f"internal error {type(error).__name__} at {_places(error)}; please report it")


def _places(error: BaseException) -> str:
    """「score.py:60 < cli.py:28」, the innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[::-1][:4]
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scamtext",
        description="How much a Japanese call or message resembles a scam, which one, and which words say so.",
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
