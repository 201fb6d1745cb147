"""Retraining: label errors are found, a worse model is refused, what is accepted is remembered."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from classifier import DatasetError, ModelError, ScamClassifier, store
from classifier.cli import main
from classifier.scam import shipped_model
from classifier.training import dataset, gate, train
from classifier.training.extra import read_extra
from classifier.training.label_errors import suspects
from classifier.training.retrain import finish, read_evaluation, retrain
from classifier.training.settings import Settings

SETTINGS = Settings(n_cues=50)
N_PAIRS = 300


@pytest.fixture(scope="module")
def sample():
    """Pairs of a scam and its honest look-alike: few records with many relatives, so that flips can be told."""
    corpus = dataset.load(ROOT / "datasets")
    both = corpus.dropna(subset="pair").groupby("pair").label.nunique() == 2
    chosen = np.random.default_rng(0).permutation(both.index[both])[:N_PAIRS]
    one_a_type = corpus.dropna(subset="scam_type").groupby("scam_type").head(5)  # the type head needs all types
    kept = corpus.pair.isin(chosen) | corpus.id.isin(one_a_type.id)
    return corpus[kept].reset_index(drop=True)


@pytest.fixture(scope="module")
def evaluation():
    texts = read_evaluation(ROOT / "datasets" / "evaluation")
    return texts.groupby("file").head(45).reset_index(drop=True)


def poisoned(frame, share, seed=0):
    """The frame with flipped labels, consistent in all fields, and the ids of the flipped records."""
    frame, random = frame.copy(), np.random.default_rng(seed)
    at = random.choice(len(frame), round(share * len(frame)), replace=False)
    scam = {"label": "scam", "scam_type": "refund", "domain": None, "kind": None, "tactics": []}
    honest = {"label": "benign", "scam_type": None, "domain": "general", "kind": "lookalike", "tactics": []}
    for row in at:
        for field, value in (honest if frame.at[row, "label"] == "scam" else scam).items():
            frame.at[row, field] = value
    return frame, set(frame.id.iloc[at])


@pytest.fixture(scope="module")
def fitted(sample):
    steps = []
    model = train.fit(sample, SETTINGS, steps.append)
    assert len(steps) == train.steps(SETTINGS)
    return model


@pytest.fixture(scope="module")
def clean(sample, fitted, evaluation, tmp_path_factory):
    return finish(sample, fitted, tmp_path_factory.mktemp("models") / "mine", evaluation=evaluation)


def test_the_first_model_is_written_with_its_metrics(clean):
    assert (clean.refused, clean.reasons, clean.comparison) == (False, (), None)
    assert ScamClassifier.load(clean.folder).classify("還付金があります").log_odds
    metrics = json.loads((clean.folder / "metrics.json").read_text(encoding="utf-8"))
    assert {"grouped_folds", "evaluation", "label_errors", "reference"} == set(metrics)
    assert store.read_history(clean.folder) == []


def test_flipped_labels_are_found_and_do_not_pass_unseen(sample, evaluation, clean):
    frame, planted = poisoned(sample, 0.02)
    done = retrain(frame, clean.folder, evaluation=evaluation, settings=SETTINGS)
    found = set(done.suspects.id)
    assert len(found & planted) / len(planted) >= 0.6
    assert len(found & planted) / len(found) >= 0.5
    assert done.refused
    assert any("labels look wrong" in reason for reason in done.reasons)
    assert done.folder.name == "mine.refused"
    assert ScamClassifier.load(clean.folder).signature.data == dataset.digest(sample)  # as it was
    assert (done.folder / "reasons.txt").read_text(encoding="utf-8").splitlines() == list(done.reasons)


def test_a_worse_model_is_refused_until_somebody_says_why(sample, fitted, evaluation, tmp_path):
    output = tmp_path / "mine"
    done = finish(sample, fitted, output, old=shipped_model(), evaluation=evaluation)
    assert done.refused
    assert not output.exists()
    assert "recall of scams at caution" in " ".join(done.reasons)
    assert done.comparison.changes.loc["auc", "high"] < 0
    assert set(done.comparison.errors.turned) <= {"caught", "missed", "false alarm", "cleared"}
    assert len(done.comparison.drawings()) == 4
    assert "→" in done.as_text()
    assert done.comparison.terms.loc["refund", "old"]
    assert done.comparison.confusion[0].to_numpy().sum() > 20
    accepted = finish(sample, fitted, output, old=shipped_model(), evaluation=evaluation, accept_worse="試作")
    assert (accepted.folder, accepted.accepted, accepted.reasons) == (output, "試作", done.reasons)
    finish(sample, fitted, output, accept_worse="二回目")  # nothing to measure on
    entries = store.read_history(output)
    assert [entry["accepted"] for entry in entries] == ["試作", "二回目"]
    assert entries[0]["worse"] == list(done.reasons)
    assert "no evaluation texts" in entries[1]["worse"][0]
    ScamClassifier.load(output)
    (output / "history.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError, match="digest"):
        ScamClassifier.load(output)
    (output / "history.json").unlink()
    with pytest.raises(ModelError, match=r"history\.json"):
        ScamClassifier.load(output)


def test_a_reason_is_words(sample, tmp_path):
    with pytest.raises(DatasetError, match="reason in words"):
        retrain(sample, tmp_path / "mine", accept_worse=" ", settings=SETTINGS)


def test_files_of_no_model_stay(sample, fitted, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    finish(sample, fitted, tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"
    ScamClassifier.load(tmp_path / "mine")


def texts(n_scam, n_honest, **fields):
    label = ["scam"] * n_scam + ["benign"] * n_honest
    n = n_scam + n_honest
    return pd.DataFrame({"label": label, "group": range(n), "channel": "phone", "domain": None, "text": "文", **fields})


def flags(frame, scams, honest):
    """Log-odds that flag the first so many scams and honest texts."""
    flagged = np.zeros(len(frame), bool)
    flagged[:scams] = True
    first = int((frame.label == "scam").sum())
    flagged[first : first + honest] = True
    return gate.Scores(np.where(flagged, 1.0, -1.0), {"caution": 0.0})


CASES = [
    ((60, 2), (60, 2), []),
    ((60, 2), (58, 3), []),  # chance
    ((60, 2), (70, 0), []),  # better
    ((60, 2), (50, 2), ["recall of scams"]),
    ((60, 2), (60, 12), ["false positives on look-alikes"]),
]


@pytest.mark.parametrize(("old", "new", "worse"), CASES)
def test_the_gate_tells_worse_from_chance(old, new, worse):
    frame = texts(100, 100)
    checks = gate.judge(frame, flags(frame, *old), flags(frame, *new))
    assert [check.what for check in checks if check.worse and "channel" not in check.what] == worse


@pytest.mark.parametrize(("n", "judged"), [(29, False), (30, True)])
def test_slices_are_judged_from_thirty_texts(n, judged):
    frame = texts(100, 0, fidelity=["recalled"] * n + [None] * (100 - n))
    old, new = flags(frame, 100, 0), gate.Scores(np.r_[-np.ones(15), np.ones(85)], {"caution": 0.0})
    checks = {check.what: check for check in gate.judge(frame, old, new)}
    assert ("recall of fidelity recalled" in checks) == judged
    assert not judged or checks["recall of fidelity recalled"].worse


def test_awareness_texts_are_judged_on_their_own():
    frame = texts(0, 60, domain=["scam_awareness"] * 30 + ["bank"] * 30)
    checks = gate.judge(frame, flags(frame, 0, 0), flags(frame, 0, 8))
    assert {check.what for check in checks if check.worse} >= {"false positives on awareness texts"}
    assert "false positives on look-alikes" not in {check.what for check in checks if check.worse}


@pytest.mark.parametrize(("n", "of", "told"), [(2, 10, False), (3, 1000, False), (40, 1000, True), (5, 20, True)])
def test_too_many_suspects(n, of, told):
    assert (gate.too_many("own table", n, of, 0.015) is not None) == told


def test_one_side_alone_has_no_suspects():
    frame = texts(5, 0, id=list("abcde"), family=list("abcde"), pair=None)
    assert suspects(frame, np.zeros(5)).empty


def test_own_scams_may_have_no_type(sample, tmp_path):
    path = tmp_path / "own.csv"
    rows = [f"口座が止まります番号{k}へ電話して暗証番号を伝えてください,はい" for k in range(12)]
    path.write_text("\n".join(["本文,判定", *rows]), encoding="utf-8")
    small = sample.groupby(sample.scam_type.fillna("benign")).head(12).reset_index(drop=True)
    extra = read_extra(path, small)
    done = retrain(small, tmp_path / "mine", extra=extra, settings=SETTINGS)
    verdict = ScamClassifier.load(done.folder).classify("口座が止まります。電話して暗証番号を伝えてください")
    assert verdict.log_odds > 0


def test_the_command(tmp_path, capsys, sample):
    data = tmp_path / "datasets"
    dataset.write(sample.groupby(sample.scam_type.fillna("benign")).head(10), data)
    own = tmp_path / "own.csv"
    own.write_text("本文,判定\n電子マネーを買って番号を教えてください,詐欺\nラベルなし,\n", encoding="utf-8")
    output = tmp_path / "models" / "mine"
    arguments = ["train", "--data", str(data), "--extra", str(own), "--output", str(output)]
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert "1 labelled texts, 1 used (1 scam)" in said.out
    assert "row 3: no label" in said.err
    assert said.err.splitlines()[-1].startswith("scamtext: refused")
    assert not output.exists()
    assert main([*arguments, "--accept-worse", "試し"]) == 0
    assert "written into its history: 試し" in capsys.readouterr().out
    (entry,) = store.read_history(output)
    assert entry["accepted"] == "試し"
    assert main(["train", "--data", str(data), "--output", str(tmp_path / "bare"), "--evaluation", str(tmp_path)]) == 1
    assert "no evaluation texts" in (tmp_path / "bare.refused" / "reasons.txt").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["info", "--model", str(output)]) == 0
    assert "試し" in capsys.readouterr().out
