"""The notebook runs top to bottom on a small sample, is committed without outputs, and holds no logic of its own."""

import ast
import json
import os
import subprocess
import sys

from conftest import ROOT

NOTEBOOK = ROOT / "notebooks" / "retrain.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def run(notebook, output):
    environment = {**os.environ, "SCAMTEXT_SAMPLE": "12", "SCAMTEXT_OUTPUT": str(output), "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbmake",
        str(notebook),
        "--nbmake-timeout=1200",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_it_runs_with_an_own_table_by_changing_one_cell(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text(
        "本文,判定\n電子マネーを買って番号を教えてください,詐欺\n電子マネーを買って番号を教えてください,正常\n"
        "明日の会議は三時からに変わりました,いいえ\n", encoding="utf-8",
    )  # fmt: skip
    changed = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cell = next(cell for cell in changed["cells"] if cell["cell_type"] == "code")
    cell["source"] = [f"TABLE = {str(table)!r}\n"]
    copy = NOTEBOOK.with_name(f"own-{os.getpid()}.ipynb")  # beside it, where it looks for the data
    copy.write_text(json.dumps(changed), encoding="utf-8")
    try:
        done = run(copy, tmp_path / "mine")
    finally:
        copy.unlink()
    assert done.returncode == 0, done.stdout[-3000:]
    assert (tmp_path / "mine.refused" / "model.json").exists() or (tmp_path / "mine" / "model.json").exists()


def test_the_first_code_cell_is_the_one_to_change():
    (assignment,) = ast.parse(CODE[0]).body
    assert isinstance(assignment, ast.Assign)
    assert assignment.targets[0].id == "TABLE"
    assert assignment.value.value is None  # as it stands it runs on the shipped data


def test_it_has_no_outputs_and_no_logic():
    for cell in CELLS:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    for code in CODE:
        kinds = {type(node) for node in ast.walk(ast.parse(code))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.While, ast.Lambda, ast.Try}


def test_it_explains_in_both_languages():
    words = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown"]
    headings = [text for text in words if text.startswith("#")]
    assert len(headings) >= 10
    assert all(" / " in text.splitlines()[0] for text in headings)
