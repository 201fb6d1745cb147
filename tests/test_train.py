"""Training on a small sample: reproducible, equal to scikit-learn, and never on evaluation texts."""

import json

import numpy as np
import pytest
from conftest import ROOT

from classifier import DatasetError, ScamClassifier, UnknownLabelError
from classifier.scam import shipped_model
from classifier.training import dataset, train
from classifier.training.documents import read_documents
from classifier.training.settings import Settings
from classifier.windows import WINDOW


@pytest.fixture(scope="module")
def corpus():
    return dataset.load(ROOT / "datasets")


@pytest.fixture(scope="module")
def sample(corpus):
    return corpus.groupby(corpus.scam_type.fillna(corpus.domain), group_keys=False).head(25).reset_index(drop=True)


@pytest.fixture(scope="module")
def fitted(sample):
    return train.fit(sample)


def test_scores_equal_those_of_the_fitted_pipeline(fitted, corpus, tmp_path):
    train.save(fitted, tmp_path)
    classifier = ScamClassifier.load(tmp_path)
    unseen = corpus.sample(400, random_state=1).text.tolist()
    documents = read_documents(unseen)
    short = [k for k, d in enumerate(documents) if len(d.text) <= WINDOW]
    expected = fitted.heads.log_odds([documents[k] for k in short])
    assert np.abs(classifier.log_odds([unseen[k] for k in short]) - expected).max() < 1e-9


def test_the_same_data_gives_the_same_bytes(fitted, sample, tmp_path):
    train.save(fitted, tmp_path / "a")
    train.save(train.fit(sample.sample(frac=1, random_state=3).sort_values("id", ignore_index=True)), tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_the_shipped_model_was_made_from_the_committed_data(corpus, classifier):
    assert classifier.signature.data == dataset.digest(corpus)
    head = json.loads((shipped_model() / "model.json").read_text(encoding="utf-8"))
    settings = json.loads(json.dumps(vars(Settings())))
    assert {name: head["settings"][name] for name in settings} == settings


def test_folds_keep_families_and_pairs_together(sample):
    groups = dataset.groups(sample)
    for train_rows, test_rows in dataset.folds(sample):
        assert not set(groups[train_rows]) & set(groups[test_rows])
        assert not set(sample.family[train_rows]) & set(sample.family[test_rows])
        pairs = sample.pair.dropna()
        assert not set(pairs[pairs.index.isin(train_rows)]) & set(pairs[pairs.index.isin(test_rows)])


def test_evaluation_texts_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="never trained on"):
        list(dataset.read(ROOT / "datasets" / "evaluation" / "scam_calls.jsonl"))
    folder = tmp_path / "evaluation" / "scam"
    folder.mkdir(parents=True)
    (folder / "refund.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(DatasetError, match="never trained on"):
        dataset.load(tmp_path / "evaluation")


GOOD = {"id": "x-1", "family": "x", "label": "scam", "unit": "phrase", "channel": "phone", "phase": "opening", "text": "もしもし",
        "tactics": [], "sources": ["authored"], "scam_type": "refund"}  # fmt: skip
BROKEN = [
    ({"text": " "}, DatasetError, "text"),
    ({"label": "spam"}, DatasetError, "allowed: scam, benign"),
    ({"unit": "call"}, DatasetError, "allowed: phrase"),
    ({"channel": "fax"}, DatasetError, "allowed: phone"),
    ({"phase": "end"}, DatasetError, "allowed: whole"),
    ({"scam_type": "refunds"}, UnknownLabelError, "Known: fake_police"),
    ({"tactics": ["haste"]}, UnknownLabelError, "unknown label 'haste'"),
    ({"scam_type": "phishing"}, DatasetError, "belongs to scam/phishing"),
    ({"note": "x"}, DatasetError, "unknown field"),
    ({"turns": [{"speaker": "caller"}]}, DatasetError, "turns"),
    ({"unit": "transcript"}, DatasetError, "two or more"),
    ({"label": "benign", "domain": "bank", "kind": "odd"}, DatasetError, "allowed: lookalike"),
    ({"label": "benign", "domain": "bank", "kind": "ordinary"}, DatasetError, "belongs to benign/bank"),
]


@pytest.mark.parametrize(("changes", "error", "message"), BROKEN, ids=lambda v: str(v)[:40])
def test_a_broken_record_names_file_line_and_field(tmp_path, changes, error, message):
    path = tmp_path / "scam" / "refund.jsonl"
    path.parent.mkdir()
    lines = [json.dumps(GOOD, ensure_ascii=False), json.dumps({**GOOD, "id": "x-2", **changes}, ensure_ascii=False)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(error, match=message) as caught:
        dataset.load(tmp_path)
    assert f"{path}:2" in str(caught.value)


def test_no_folder_no_records(tmp_path):
    with pytest.raises(DatasetError, match="no scam"):
        dataset.load(tmp_path)


def test_training_keeps_what_new_texts_are_compared_with(sample, tmp_path):
    from classifier.training.reference import read_reference
    from classifier.training.retrain import retrain

    few = sample.groupby(sample.scam_type.fillna(sample.domain)).head(8).reset_index(drop=True)
    retrain(few, tmp_path / "model", accept_worse="a sample without evaluation texts")
    reference = read_reference(tmp_path / "model")
    assert reference.honest[0] < reference.honest[100] < reference.scam[100] < reference.scam[-1]
    assert 0 < reference.unknown_honest < 1
    assert 0 < reference.unknown_scam < 1
