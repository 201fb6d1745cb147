"""Commands where there is nothing to read, too much to tell, or a side is missing; and what the reviewers' tools may send."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from classifier import DatasetError, TranscriptError
from classifier.cli import main
from classifier.readers import Columns
from classifier.scam import shipped_model
from classifier.signals import find_signals
from classifier.training import dataset
from classifier.training.early import follow
from classifier.training.evaluate import measure, read_texts, score_texts
from classifier.training.labelled import read_labelled
from classifier.training.review import answers, doccano, label_studio
from classifier.training.review.answers import read_answers
from classifier.training.review.records import Answer, records_of
from classifier.training.review.task import Mark
from classifier.training.slices import length_band

EVALUATION = ROOT / "datasets" / "evaluation"
SCAM = "還付金がありますので、本日中に携帯電話を持ってATMへ行き、私の言うとおりに操作してください"


def write_csv(path, rows):
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_nothing_that_could_be_read_is_measured_or_reviewed(tmp_path, capsys):
    (tmp_path / "blank.txt").write_text(" \n", encoding="utf-8")
    model = str(shipped_model())
    for command in (["evaluate", "--reference", model], ["review", "--output", str(tmp_path / "out")]):
        assert main([*command[:1], str(tmp_path / "blank.txt"), *command[1:]]) == 1
        told = capsys.readouterr()
        assert "blank.txt" in told.err
        assert "Traceback" not in told.err
        assert told.out == ""
    assert not (tmp_path / "out").exists()
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    with pytest.raises(DatasetError, match="no records to measure on"):
        read_texts([empty])


@pytest.mark.parametrize("label", ["scam", "benign"])
def test_one_side_alone_is_measured_without_the_other(classifier, label):
    frame = read_texts([EVALUATION / ("scam_messages.jsonl" if label == "scam" else "benign_form.jsonl")]).head(20)
    metrics = measure(classifier, score_texts(classifier, frame), follow(classifier, frame))
    assert "auc" not in metrics
    assert "calibration" not in metrics
    assert set(metrics["levels"]["caution"]) == {"threshold", "recall" if label == "scam" else "false_positives"}
    json.dumps(metrics, allow_nan=False, default=str)


def test_scams_that_no_level_reached_have_no_type(classifier):
    frame = pd.DataFrame({"text": ["夕飯は先に食べてて"] * 3, "label": "scam", "type": "refund", "group": list("abc"), "id": list("abc"), "file": "x"})
    frame["length"] = length_band(frame.text)
    metrics = measure(classifier, score_texts(classifier, frame), follow(classifier, frame))
    assert metrics["scam_type"] == {"n": 0}


def test_own_labels_that_cannot_be_used_are_told_up_to_a_number(tmp_path, capsys):
    corpus = dataset.load(ROOT / "datasets")
    dataset.write(corpus.groupby(corpus.scam_type.fillna(corpus.domain), group_keys=False).head(5), tmp_path / "data")
    rows = [["本文", "判定"], [SCAM, "詐欺"], *([f"{n}番の荷物を預かりました", "たぶん"] for n in range(60))]
    own = write_csv(tmp_path / "own.csv", rows)
    main(["train", "--data", str(tmp_path / "data"), "--extra", str(own), "--output", str(tmp_path / "m"), "--evaluation", str(tmp_path)])
    told = capsys.readouterr().err.splitlines()
    n_told = sum("'たぶん'" in line for line in told)
    assert 0 < n_told < 60
    assert f"scamtext: … and {60 - n_told} more" in told


def test_a_label_column_may_be_named(tmp_path):
    rows = [["本文", "判定", "結果"], [SCAM, "正常", "詐欺"]]
    path = write_csv(tmp_path / "a.csv", rows)
    assert read_labelled(path).frame.label.tolist() == ["benign"]
    assert read_labelled(path, Columns(), "結果").frame.label.tolist() == ["scam"]
    with pytest.raises(TranscriptError, match="no column '無い'"):
        read_labelled(path, Columns(), "無い")


@pytest.mark.parametrize(
    ("judged", "typed", "expected"),
    [
        ("詐欺", "還付金詐欺", ("scam", "refund", None)), ("", "還付金詐欺", ("scam", "refund", None)), ("詐欺", "新しい手口", ("scam", None, None)),
        ("", "新しい手口", None), ("詐欺", "銀行", None),
    ],
)  # fmt: skip
def test_labels_and_types_of_a_table(tmp_path, judged, typed, expected):
    path = write_csv(tmp_path / "a.csv", [["本文", "判定", "手口"], [SCAM, judged, typed], ["夕飯は先に食べてて", "正常", ""]])
    found = read_labelled(path)
    first = found.frame[found.frame.text == SCAM]
    if expected is None:
        assert first.empty
        assert "row 2" in found.problems[0]
    else:
        assert tuple(first.iloc[0][["label", "scam_type", "domain"]]) == expected
    assert "ATM" not in " ".join(found.problems)


def test_answers_without_words_or_label_are_named(classifier):
    given = [
        "a.json:1: damaged",
        Answer(" ", "a.json:2", "x", "scam"),
        Answer(SCAM, "a.json:3", "x"),
        Answer(SCAM, "a.json:4", "x", "scam", "refund"),
    ]
    found = records_of(given, classifier)
    assert found.problems == ["a.json:1: damaged", "a.json:2: no text", "a.json:3: no label was chosen"]
    assert [record["scam_type"] for record in found.records] == ["refund"]


def test_an_export_that_is_far_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "MOST_BYTES", 10)
    (tmp_path / "a.json").write_text("[" + " " * 20 + "]", encoding="utf-8")
    with pytest.raises(DatasetError, match="export it in parts"):
        list(read_answers(tmp_path / "a.json"))


def test_choices_of_the_short_export_in_every_form():
    from classifier.training.review.questions import questions

    label = next(q for q in questions() if q.name == "label")
    said = next(iter(label.choices.values()))
    found = [label_studio._flat({"text": SCAM, "label": value}, "a").label for value in (said, [said], {"choices": [said]}, [{"choices": [said]}])]
    assert len(set(found)) == 1
    assert found[0] is not None
    assert label_studio._flat({"text": SCAM, "label": 3}, "a").label is None


def test_marks_that_overlap_are_kept_once():
    marks = [Mark(4, 9, "b"), Mark(0, 5, "a"), Mark(5, 6, "c"), Mark(9, 10, "d")]
    kept = doccano._apart(marks)
    assert [(mark.start, mark.end) for mark in kept] == [(0, 5), (5, 6), (9, 10)]


HEADS = [
    {"scam_types": ["re fund", "phishing"]}, {"scam_types": ["refund", "refund"]}, {"tactics": [1]},
    {"scripts": [{"scam_type": "refund", "script": 1, "source": "x", "url": ""}]},
    {"scripts": [{"scam_type": "nothing", "script": "x", "source": "x", "url": ""}]},
]  # fmt: skip


@pytest.mark.parametrize("changes", HEADS, ids=lambda v: str(v)[:40])
def test_labels_of_a_head_that_could_not_be_shown(tmp_path, changes, capsys):
    folder = shutil.copytree(shipped_model(), tmp_path / "m")
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    for key, value in changes.items():  # as many as before, so that only what they say is wrong
        head[key] = value + head[key][len(value) :]
    (folder / "model.json").write_text(json.dumps(head), encoding="utf-8")
    assert main(["score", str(ROOT / "tests/cases/texts/honest_bank_notice.txt"), "--model", str(folder)]) == 1
    assert "do not fit together" in capsys.readouterr().err


NUMBERS = [
    ("+999 1234 5678 9 へ", "phone_unassigned"), ("+210 1234 5678", "phone_unassigned"), ("+1 202 555 0110", "phone_international_0110"),
    ("+81 00 00", None), ("0000000000", None), ("00-0000-0000", None), ("0312345678910", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), NUMBERS)
def test_numbers_that_no_plan_knows(text, kind):
    kinds = [signal.kind for signal in find_signals(text) if signal.kind.startswith("phone")]
    assert kinds == ([kind] if kind else [])


def test_a_blank_utterance_changes_nothing(classifier):
    monitor = classifier.monitor()
    first = monitor.feed(SCAM)
    assert monitor.feed(" \n") == first
    assert monitor.feed("はい").log_odds >= first.log_odds
    assert np.isfinite(first.log_odds)
