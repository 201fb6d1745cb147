"""The README shows real output: `python tests/readme_output.py` runs the commands it quotes and puts in what they print."""

import contextlib
import io
import re
import shlex
import sys
from pathlib import Path

_OUTPUT = re.compile(r"(<!-- output of: scamtext (.*?) -->\n```\n).*?(```\n<!-- end of output -->)", re.DOTALL)


def with_output(readme: str) -> str:
    """The README with the output of each quoted command."""

    def run(match: re.Match[str]) -> str:
        from classifier.cli import main

        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            main(shlex.split(match[2]))
        return match[1] + printed.getvalue() + match[3]

    return _OUTPUT.sub(run, readme)


if __name__ == "__main__":
    path = Path("README.md")
    path.write_text(with_output(path.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
