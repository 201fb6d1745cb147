"""The package where there is nothing but its wheel, and under the lowest versions it allows: see tests/clean_room."""

import os
import re
import subprocess
import tomllib

import pytest
from conftest import ROOT

NO_INDEX = 77
AT_LEAST = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9.]+)$")


@pytest.mark.clean_room
@pytest.mark.skipif("SCAMTEXT_CLEAN_ROOM" not in os.environ, reason="installs from a package index: set SCAMTEXT_CLEAN_ROOM=1")
@pytest.mark.parametrize("mode", ["", "--lowest"])
def test_the_clean_room(mode):
    done = subprocess.run(["bash", ROOT / "tests" / "clean_room", *mode.split()], capture_output=True, text=True, check=False)
    if done.returncode == NO_INDEX:
        pytest.skip(done.stdout.splitlines()[-1])
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]


def test_the_lowest_versions_are_those_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in ("train", "tables", "batch", "cluster", "service") for line in extras[extra])]  # fmt: skip
    ranges = dict(found.groups() for line in wanted if (found := AT_LEAST.fullmatch(line)))
    pinned = dict(line.split("==") for line in (ROOT / "tests" / "constraints-lowest.txt").read_text(encoding="utf-8").split())
    assert len(ranges) >= 20
    for name, lowest in ranges.items():
        assert _numbers(pinned[name]) == _numbers(lowest), name


def _numbers(version):
    """1.26 and 1.26.0 are one."""
    numbers = [int(part) for part in version.split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))
