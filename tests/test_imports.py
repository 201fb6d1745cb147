"""Imports go one way, nothing heavy loads to score, and the public names are what they were."""

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

import classifier

ORDER = [
    "version", "packaged", "whole", "arrays", "errors", "taxonomy", "verdict", "transcript", "readers", "language", "text", "tagger", "tokenizer", "features", "windows", "cues",
    "evidence", "linear", "soundness", "store", "scoring", "explain", "scam", "monitor", "consult", "advice", "signals", "redact", "feedback", "report", "batch", "training",
    "service", "commands", "cli",
]  # fmt: skip
HEAVY = ("sklearn", "scipy", "pandas", "joblib", "matplotlib")
LIGHT = ("numpy", "fugashi", "unidic_lite")  # all that the library loads to score


def modules():
    for path in sorted((ROOT / "classifier").rglob("*.py")):
        parts = path.relative_to(ROOT / "classifier").with_suffix("").parts
        if parts[0] != "__init__":
            yield path, parts[0]


@pytest.mark.parametrize(("path", "name"), list(modules()), ids=lambda v: getattr(v, "stem", v))
def test_a_module_uses_only_what_stands_above_it(path, name):
    assert name in ORDER
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("classifier"):
            continue
        used = node.module.split(".")[1:2] or [alias.name for alias in node.names]
        late = name == "scam" and used == ["monitor"]  # ScamClassifier.monitor() makes one
        for module in used:
            assert module == name or late or ORDER.index(module) < ORDER.index(name), f"{path.name}: {module}"
        if name == "report":
            assert set(used) <= {"verdict", "taxonomy", "transcript", "consult", "advice", "report", "scam"}
        if name not in ("training", "commands", "cli"):
            assert "training" not in used


@pytest.mark.parametrize(
    "code",
    [
        "from classifier import ScamClassifier; ScamClassifier.load().classify('還付金のお知らせです')",
        "from classifier.cli import main; main(['score', 'tests/cases/texts/honest_bank_notice.txt'])",
        "from classifier.cli import main; main(['score', 'tests/cases/formats/calls.xlsx', '--format', 'csv', '--redact'])",
    ],
)
def test_scoring_loads_nothing_heavy(code):
    check = f"{code}\nimport sys\nprint([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_library_scores_with_three_packages():
    code = "from classifier import ScamClassifier; ScamClassifier.load().classify_many(['還付金のお知らせです' * 50])"
    third = "{n.partition('.')[0] for n, m in sys.modules.items() if 'site-packages' in (getattr(m, '__file__', None) or '')}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; before = {third}; {code}; print(*({third} - before))"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(done.stdout.split()) <= set(LIGHT)


def test_a_first_score_does_without_what_is_slow_to_import():
    code = "from classifier import ScamClassifier; ScamClassifier.load().predict_proba(['還付金のお知らせです'])"
    slow = ("pathlib", "urllib.parse", "dataclasses", "inspect", "classifier.explain", "classifier.transcript")
    before = f"import sys, numpy, fugashi, unidic_lite; before = set(sys.modules); {code}"
    done = subprocess.run(
        [sys.executable, "-c", f"{before}; print([m for m in {slow} if m in sys.modules and m not in before])"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_text_loads_no_library_of_another_format():
    libraries = ("openpyxl", "pyarrow", "srt", "webvtt", "charset_normalizer", "jinja2")
    code = "from classifier.cli import main; main(['score', 'tests/cases/texts/honest_bank_notice.txt'])"
    check = f"{code}\nimport sys\nprint([m for m in {libraries} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_importing_loads_nothing():
    check = "import sys, classifier; print('numpy' in sys.modules, 'fugashi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_public_names():
    assert classifier.__all__ == sorted(classifier.__all__, key=lambda n: (n.startswith("__"), n))
    for name in classifier.__all__:
        assert getattr(classifier, name) is not None
    with pytest.raises(AttributeError):
        _ = classifier.nothing
