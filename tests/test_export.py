"""The joblib file: the same scores, in a process that knows nothing of this one, and inside others' tools."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from sklearn.pipeline import Pipeline

from classifier.cli import main
from classifier.scam import shipped_model
from classifier.store import load
from classifier.training import dataset
from classifier.training.export import as_pipeline


@pytest.fixture(scope="module")
def texts():
    texts = dataset.load(ROOT / "datasets").sample(150, random_state=2).text.tolist()
    return [*texts, "\n".join(texts[:20]), "はい", "🐱🐱🐱"]  # one is long enough for windows


def test_the_pipeline_scores_as_the_model_does(classifier, texts):
    pipeline = as_pipeline(load(shipped_model()))
    assert isinstance(pipeline, Pipeline)
    assert np.abs(pipeline.predict_proba(texts) - classifier.predict_proba(texts)).max() < 1e-9
    assert np.abs(pipeline.decision_function(texts) - classifier.log_odds(texts)).max() < 1e-9
    assert set(pipeline.predict(texts)) == set(pipeline.classes_) == {"benign", "scam"}
    assert pipeline.predict_proba([]).shape == (0, 2)


def test_the_file_opens_in_another_process(capsys, classifier, texts, tmp_path):
    path = tmp_path / "scam-ja.joblib"
    assert main(["export", "--output", str(path), "--model", str(shipped_model())]) == 0
    assert str(classifier.signature) in capsys.readouterr().out
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    code = (
        "import json, sys, warnings, joblib; warnings.simplefilter('error')\n"
        "texts = json.load(open('texts.json', encoding='utf-8'))\n"
        "json.dump(joblib.load('scam-ja.joblib').predict_proba(texts)[:, 1].tolist(), sys.stdout)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert np.abs(np.array(json.loads(done.stdout)) - classifier.predict_proba(texts)[:, 1]).max() < 1e-9


@pytest.mark.parametrize(("output", "model", "message"), [(".", None, "a folder"), ("x.joblib", ".", "model.json")])
def test_what_cannot_be_written_is_one_line(capsys, monkeypatch, tmp_path, output, model, message):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--output", output, *(["--model", model] if model else [])]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "x.joblib").exists()


def test_the_how_to_of_the_readme(classifier):
    """A pandas column, and partitions as Dask and Spark give them, an empty one among them."""
    import pandas as pd

    example = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    names = {}
    exec(example, names)
    frame, with_scores = names["frame"], names["with_scores"]
    assert np.allclose(frame.scam, classifier.predict_proba(frame["本文"].tolist())[:, 1], atol=1e-12)
    assert frame.scam[0] > frame.scam[1]
    parts = list(map(with_scores, [frame[:1], frame[1:1], frame[1:]]))
    assert np.allclose(pd.concat(parts).scam, frame.scam, atol=1e-12)
