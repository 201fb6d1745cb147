"""A model folder that is broken in any way gives one line and no model; nothing in it is ever executed."""

import hashlib
import json
import os
import pickle
import shutil

import numpy as np
import pytest

from classifier import ModelError, ScamClassifier, store
from classifier.features import UNKNOWN_TOKEN
from classifier.linear import inverse_frequency
from classifier.scam import shipped_model


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(shipped_model(), tmp_path / "model")


def edit(folder, **changes):
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_a_copy_scores_the_same(folder, classifier):
    text = "還付金の手続きは今日中にATMでお願いします"
    assert ScamClassifier.load(folder).classify(text) == classifier.classify(text)


@pytest.mark.parametrize("name", ["vocabulary.txt", "keys.npy", "weights.npy", "label_weights.npy", "model.json"])
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        ScamClassifier.load(folder)


@pytest.mark.parametrize("name", ["vocabulary.txt", "keys.npy", "frequencies.npy", "displacements.npy"])
@pytest.mark.parametrize("harm", [lambda b: b[:-9], lambda b: b[:200] + bytes([b[200] ^ 1]) + b[201:], lambda b: b""])
def test_a_damaged_file(folder, name, harm):
    (folder / name).write_bytes(harm((folder / name).read_bytes()))
    with pytest.raises(ModelError, match="digest"):
        ScamClassifier.load(folder)


HEADS = [
    ({"format": 99}, "update scamtext"),
    ({"normalizer": 99}, "normalizer 99"),
    ({"dictionary": "ipadic"}, "dictionary 'ipadic'"),
    ({"sha256": None}, "digests"),
    ({"label_intercepts": [1.0]}, "do not fit"),
    ({"hash": {"multipliers": [1, 3], "size": 16}}, "do not fit"),
    ({"settings": {}}, "do not fit"),
    ({"intercept": "none"}, "do not fit"),
]


@pytest.mark.parametrize(("changes", "message"), HEADS, ids=lambda v: str(v)[:30])
def test_a_head_that_does_not_fit(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(ModelError, match=message):
        ScamClassifier.load(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_head_that_is_no_head(folder, content):
    (folder / "model.json").write_bytes(content)
    with pytest.raises(ModelError):
        ScamClassifier.load(folder)


def put(folder, name, array):
    """An array in place of another, its digest in the head: what remains are the checks of what it says."""
    np.save(folder / name, array, allow_pickle=False)
    digests = json.loads((folder / "model.json").read_text(encoding="utf-8"))["sha256"]
    edit(folder, sha256={**digests, name: hashlib.sha256((folder / name).read_bytes()).hexdigest()})


def with_value(position, value):
    def change(array, _):
        array[position] = value(array) if callable(value) else value
        return array

    return change


ARRAYS = [
    ("script_edges", with_value(0, 1)),
    ("script_edges", with_value(-1, lambda a: a[-1] - 1)),
    ("script_edges", with_value(1, lambda a: a[2] + 1)),
    ("label_terms", with_value(0, -1)),
    ("label_terms", lambda array, folder: with_value(-1, len(np.load(folder / "keys.npy")))(array, folder)),
    ("script_terms", lambda array, folder: with_value(0, len(np.load(folder / "label_terms.npy")))(array, folder)),
    ("cues", with_value(0, UNKNOWN_TOKEN)),
    ("cues", with_value(0, -1)),
    ("weights", with_value(5, np.nan)),
    ("label_weights", with_value((1, 1), np.inf)),
    ("weights", lambda array, _: array.astype("<f4")),
    ("weights", lambda array, _: array[:-1]),
    ("weights", lambda array, _: array.reshape(1, -1)),
    ("label_weights", lambda array, _: np.asfortranarray(array)),
    ("script_weights", lambda array, _: array[:-1]),
]


@pytest.mark.parametrize(("name", "change"), ARRAYS, ids=lambda v: str(v)[:14])
def test_an_array_that_contradicts_the_others(folder, name, change):
    put(folder, f"{name}.npy", change(np.load(folder / f"{name}.npy"), folder))
    with pytest.raises(ModelError, match="do not fit"):
        ScamClassifier.load(folder)


def test_scripts_without_terms_are_no_contradiction(folder):
    edges = np.load(folder / "script_edges.npy")
    edges[1] = edges[2]
    put(folder, "script_edges.npy", edges)
    ScamClassifier.load(folder).classify("還付金の手続きは今日中にATMでお願いします")


def test_a_file_far_too_large_is_not_read(folder, monkeypatch):
    size = max(path.stat().st_size for path in folder.iterdir())
    monkeypatch.setattr(store, "_LARGEST", size)
    ScamClassifier.load(folder)
    monkeypatch.setattr(store, "_LARGEST", size - 1)
    with pytest.raises(ModelError, match="not part of a model"):
        ScamClassifier.load(folder)


def test_rare_terms_weigh_more():
    assert inverse_frequency(np.array([0, 1, 9]), 9) == pytest.approx([np.log(10) + 1, np.log(5) + 1, 1.0])


class Mark:
    def __reduce__(self):
        return (os.mkdir, (os.environ["SCAMTEXT_MARK"],))


def test_a_pickle_in_place_of_an_array_is_not_executed(folder, tmp_path, monkeypatch):
    mark = tmp_path / "executed"
    monkeypatch.setenv("SCAMTEXT_MARK", str(mark))
    digests = json.loads((folder / "model.json").read_text(encoding="utf-8"))["sha256"]
    with (folder / "weights.npy").open("wb") as file:
        np.save(file, np.array([Mark()], object), allow_pickle=True)
    for content in ((folder / "weights.npy").read_bytes(), pickle.dumps(Mark())):
        (folder / "weights.npy").write_bytes(content)
        edit(folder, sha256={**digests, "weights.npy": hashlib.sha256(content).hexdigest()})
        with pytest.raises(ModelError, match="do not fit"):
            ScamClassifier.load(folder)
    assert not mark.exists()


def test_a_link_is_refused(folder, tmp_path):
    shutil.move(folder / "frequencies.npy", tmp_path / "frequencies.npy")
    (folder / "frequencies.npy").symlink_to(tmp_path / "frequencies.npy")
    with pytest.raises(ModelError, match="link"):
        ScamClassifier.load(folder)


def test_the_shipped_model_is_small():
    assert sum(p.stat().st_size for p in shipped_model().iterdir()) < 6_000_000
