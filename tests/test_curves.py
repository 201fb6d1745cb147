"""The curves on a small sample: what they hold apart, and that they can tell signal from none."""

import pytest
from conftest import ROOT

from classifier.training import ablation, curves, dataset
from classifier.training.evaluate import read_texts
from classifier.training.settings import Settings

SETTINGS = Settings(n_cues=50)


@pytest.fixture(scope="module")
def sample():
    corpus = dataset.load(ROOT / "datasets")
    chosen = corpus[corpus.scam_type.isin(["refund", "phishing"]) | corpus.domain.isin(["bank", "family"])]
    return (
        chosen.groupby(["label", chosen.scam_type.fillna(chosen.domain)], group_keys=False)
        .head(150)
        .reset_index(drop=True)
    )


def test_more_data_gives_more_rows_and_keeps_the_smaller_share(sample):
    evaluation = read_texts(sorted((ROOT / "datasets" / "evaluation").glob("*.jsonl")))
    curve = curves.learning_curve(sample, evaluation, ["今日はいい天気ですね"] * 5, SETTINGS)
    assert list(curve.index) == list(curves.SHARES)
    assert curve.records.is_monotonic_increasing
    assert curve.records.iloc[-1] == len(sample)
    assert 0.5 < curve.auc.iloc[-1] <= 1  # two types of 22 carry over a little
    assert curve["recall_at_5%"].between(0, 1).all()


def test_a_type_is_scored_by_a_model_that_never_saw_it(sample):
    recall = curves.leave_one_type_out(sample, SETTINGS)
    assert set(recall.index) == {"refund", "phishing"}
    assert recall.between(0, 1).all()


def test_an_ablation_measures_each_way_on_the_same_texts(sample, monkeypatch):
    evaluation = read_texts(sorted((ROOT / "datasets" / "evaluation").glob("*.jsonl")))
    monkeypatch.setattr(ablation, "CHANGES", {"plain l2 norm": {"shortest": 0.0}})
    table = ablation.ablation(sample, evaluation, ["今日はいい天気ですね"] * 5, SETTINGS)
    assert [name.removeprefix("first head, ") for name in table.index] == [
        "as shipped, without variants", "first head alone", *ablation.BLOCKS, "plain l2 norm", "with variants",
    ]  # fmt: skip
    assert not table.isna().any().any()
    assert (table.auc_fold > 0.6).all()
    assert len(set(table.auc_fold)) == len(table)  # no two ways are the same


def test_ablation_names_a_folder_without_records(tmp_path, capsys):
    assert ablation.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("ablation: ")
