"""The stress measures on a few real texts: whole, within bounds, and worse where they must be."""

import json
import shutil

import pytest
from conftest import ROOT

from classifier.scam import shipped_model
from classifier.training import stress
from classifier.training.evaluate import read_texts

FILES = [ROOT / "datasets" / "evaluation" / f"{name}.jsonl" for name in ("scam_calls", "benign_form")]
REWORDING = ROOT / "datasets" / "stress" / "rewording.jsonl"


@pytest.fixture(scope="module")
def measures(classifier):
    frame = read_texts(FILES).groupby("label").head(15)
    return stress.measure(classifier, frame, frame.text[frame.label == "benign"].tolist(), REWORDING)


def test_all_is_measured_with_intervals(measures):
    assert len(measures) == 18
    for found in measures.values():
        assert found["low"] <= found["value"] <= found["high"]
        assert found["n"] > 0


def test_what_the_normalizer_folds_costs_nothing(measures):
    assert measures["recall lost: wide"]["value"] == measures["recall lost: hidden"]["value"] == 0


def test_an_alarm_is_never_taken_back(measures):
    assert measures["alarms taken back"]["value"] == 0


def test_each_base_of_the_rewording_set_has_four_manners():
    lines = [json.loads(line) for line in REWORDING.read_text(encoding="utf-8").splitlines()]
    manners = {line["base"]: {other["manner"] for other in lines if other["base"] == line["base"]} for line in lines}
    assert len(manners) == 66
    assert all(found == {"plain", "polite", "rough", "dialect"} for found in manners.values())


def test_the_measures_are_kept_with_the_model(tmp_path, capsys):
    folder = shutil.copytree(shipped_model(), tmp_path / "m")
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(line for f in FILES for line in f.read_text(encoding="utf-8").splitlines()[:6]), encoding="utf-8")
    assert stress.main([str(few), "--model", str(folder), "--keep"]) == 0
    kept = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["stress"]
    assert "alarms taken back" in kept
    assert "alarms taken back" in capsys.readouterr().out
    assert stress.main([str(tmp_path / "none.jsonl")]) == 1
