"""What the README says is so."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT
from readme_output import with_output

from classifier.cli import _COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMES = [module.__name__.rsplit(".", 1)[1] for module in _COMMANDS]


@pytest.mark.parametrize("command", NAMES)
def test_every_command_is_in_the_readme(command):
    assert f"scamtext {command}" in README


def test_the_readme_shows_real_output(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert with_output(README) == README


def test_the_python_example_runs():
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    check = f"{example}\nprint(verdict.level)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("caution", "high")


def test_files_it_links_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_ci_runs_the_test_command_of_the_readme():
    assert "bash tests/run " in README
    assert "bash tests/run\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_constraints_hold_versions_only():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[^\s/]+", line), line
