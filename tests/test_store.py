"""A model folder that is broken in any way gives one line and no model; nothing in it is ever executed."""

import hashlib
import json
import os
import pickle
import shutil

import numpy as np
import pytest

from classifier import ModelError, ScamClassifier, UnknownLabelError, store
from classifier import text as normalizer
from classifier.features import UNKNOWN_TOKEN
from classifier.scam import shipped_model
from classifier.service.app import create_app
from classifier.service.settings import Settings


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


@pytest.mark.parametrize("group", ["scam_types", "tactics"])
def test_labels_of_another_version_are_refused_where_they_are_named(folder, group):
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    head[group][-1] = "crypto_rug"
    for script in head["scripts"]:
        script["scam_type"] = head["scam_types"][0]
    (folder / "model.json").write_text(json.dumps(head), encoding="utf-8")
    classifier = ScamClassifier.load(folder)
    assert 0.0 < classifier.predict_proba(["もしもし、市役所です"])[0, 1] < 1.0
    with pytest.raises(UnknownLabelError, match=f"unknown label 'crypto_rug' in {group}"):
        classifier.classify("もしもし、市役所です").to_dict()
    with pytest.raises(UnknownLabelError, match=group):
        create_app(classifier, Settings())


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
    ("weights", lambda array, _: array.astype("<f8")),
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


def parts_of(folder):
    """What `store.save` is given to write the folder again."""
    meta = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    meta = {key: value for key, value in meta.items() if key not in ("format", "sha256")}
    tokens = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    return meta, tokens, {path.stem: np.load(path) for path in folder.glob("*.npy")}


def test_what_is_loaded_and_saved_again_is_the_same_byte_for_byte(folder, tmp_path):
    meta, tokens, arrays = parts_of(folder)
    wide = {name: np.asfortranarray(array.astype(np.float64 if array.dtype.kind == "f" else np.uint64)) for name, array in arrays.items()}
    again = tmp_path / "new" / "folder"
    for _ in range(2):  # into a new folder, and over a model
        store.save(again, meta, tokens, wide)
        for name in ("model.json", "vocabulary.txt", *(f"{name}.npy" for name in arrays)):
            assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_token_may_hold_a_blank(folder):
    meta, tokens, arrays = parts_of(folder)
    tokens[7] = "a b\u3000c"
    store.save(folder, meta, tokens, arrays)
    assert store.load(folder).vocabulary.tokens == tokens


def test_a_save_that_was_cut_short_leaves_no_model(folder):
    meta, tokens, arrays = parts_of(folder)
    (folder / "keys.npy").unlink()
    (folder / "keys.npy").mkdir()  # cannot be written
    with pytest.raises(OSError, match="keys"):
        store.save(folder, meta, tokens, arrays)
    with pytest.raises(ModelError) as told:
        store.load(folder)
    assert str(told.value) == f"{folder}: no model.json here; give the folder that `scamtext train` wrote"


def test_the_parts_of_a_model_are_those_of_its_files(folder):
    meta, tokens, arrays = parts_of(folder)
    model = store.load(folder)
    assert model.vocabulary.tokens == tokens
    assert model.scam.intercept == meta["intercept"]
    assert model.scam.first_token_term == meta["settings"]["first_token_term"]
    assert model.scam.idf == pytest.approx(np.log((1 + meta["n_documents"]) / (1 + arrays["frequencies"])) + 1)
    labels = model.labels
    assert (list(labels.scam_types), list(labels.tactics)) == (meta["scam_types"], meta["tactics"])
    assert labels.position[arrays["label_terms"]].tolist() == list(range(len(arrays["label_terms"])))
    assert (np.delete(labels.position, arrays["label_terms"]) == -1).all()
    assert labels.intercepts.tolist() == meta["label_intercepts"]
    assert labels.weights.dtype == labels.intercepts.dtype == np.float64
    assert (labels.weights == arrays["label_weights"]).all()


def test_a_script_is_a_column_over_its_terms_and_stands_with_its_type(folder):
    meta, _, arrays = parts_of(folder)
    scripts = store.load(folder).scripts
    assert list(scripts.described) == meta["scripts"]
    assert scripts.columns.dtype == np.float32
    for number, script in enumerate(meta["scripts"]):
        entries = slice(*arrays["script_edges"][number : number + 2])
        column = np.zeros(len(arrays["label_terms"]), np.float32)
        column[arrays["script_terms"][entries]] = arrays["script_weights"][entries]
        assert (scripts.columns[:, number] == column).all()
        assert np.linalg.norm(column) == pytest.approx(1, abs=1e-3)
        at = [k for k, numbers in enumerate(scripts.of_types) if number in numbers]
        assert [meta["scam_types"][k] for k in at] == [script["scam_type"]]


AGAIN = "copy the model again"


def told(read, folder):
    with pytest.raises(ModelError) as refused:
        read(folder)
    return str(refused.value).removeprefix(str(folder))


def test_each_refusal_says_what_was_found_and_what_to_do(folder):
    whole = (folder / "model.json").read_bytes()
    (folder / "model.json").write_bytes(b"{")
    assert told(store.load, folder) == f"/model.json: cannot be read (JSONDecodeError); {AGAIN}"
    for content, found in ((b"[]", "None"), (b"{}", "None"), (b'{"format": 99}', "99")):
        (folder / "model.json").write_bytes(content)
        assert told(store.load, folder) == f"/model.json: format {found}, this version reads {store.FORMAT}; update scamtext or train again"
    (folder / "model.json").write_bytes(b'{"format": %d, "normalizer": "2"}' % store.FORMAT)
    assert told(store.load, folder) == f"/model.json: made for normalizer '2', this version has {normalizer.VERSION}; train again"
    (folder / "model.json").write_bytes(b'{"format": %d, "normalizer": %d}' % (store.FORMAT, normalizer.VERSION))
    assert told(store.load, folder) == f"/model.json: no digests; {AGAIN}"
    (folder / "model.json").write_bytes(whole)
    edit(folder, intercept="none")
    assert told(store.load, folder) == ": its parts do not fit together (ValueError); train or copy it again"
    (folder / "model.json").write_bytes(whole)
    (folder / "vocabulary.txt").write_bytes(b"x")
    assert told(store.load, folder) == (
        f"/vocabulary.txt: its digest is not the one in model.json; it was changed or damaged, {AGAIN}"
    )
    (folder / "vocabulary.txt").unlink()
    assert told(store.load, folder) == f"/vocabulary.txt: No such file or directory; {AGAIN}"
    (folder / "vocabulary.txt").mkdir()
    assert told(store.load, folder) == "/vocabulary.txt: a link, no file, or over 64 MB; not part of a model"


ENTRIES = [{"date": "2026-11-22", "accepted": "還付金の再現率", "worse": []}]


def test_a_history_is_kept_and_guarded(folder):
    assert store.read_history(folder) == []
    before = store.load(folder).meta
    store.write_history(folder, ENTRIES)
    assert store.read_history(folder) == ENTRIES
    written = '[\n {\n  "date": "2026-11-22",\n  "accepted": "還付金の再現率",\n  "worse": []\n }\n]\n'  # people read it, too
    assert (folder / "history.json").read_text(encoding="utf-8") == written
    after = store.load(folder).meta
    assert {**after, "sha256": before["sha256"]} == before
    assert set(after["sha256"]) - set(before["sha256"]) == {"history.json"}
    (folder / "history.json").write_text("[]", encoding="utf-8")
    assert "digest" in told(store.load, folder)
    assert "digest" in told(store.read_history, folder)


@pytest.mark.parametrize("content", [b"{}", b"[1]", b"[{}, 1]", b"[" * 100_000, b"\xff", b""])
def test_a_history_that_is_none(folder, content):
    (folder / "history.json").write_bytes(content)
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    edit(folder, sha256={**head["sha256"], "history.json": hashlib.sha256(content).hexdigest()})
    assert told(store.read_history, folder) == f"/history.json: not a list of entries; {AGAIN}"


def test_metrics_are_there_or_not_or_refused(folder, tmp_path):
    path = folder / "metrics.json"
    path.write_text('{"auc": 0.9}', encoding="utf-8")
    assert store.read_metrics(folder) == {"auc": 0.9}
    for content in (b"[]", b"{", b"\xff", b"[" * 100_000):
        path.write_bytes(content)
        assert told(store.read_metrics, folder) == f"/metrics.json: not what `scamtext train` wrote; {AGAIN}"
    path.unlink()
    assert store.read_metrics(folder) is None
    path.symlink_to(tmp_path / "nowhere")
    assert "not part of a model" in told(store.read_metrics, folder)


def test_an_array_of_another_version_or_order_is_refused(folder):
    weights = np.load(folder / "weights.npy")
    with (folder / "weights.npy").open("wb") as file:
        np.lib.format.write_array(file, weights, version=(2, 0))
    content = (folder / "weights.npy").read_bytes()
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    edit(folder, sha256={**head["sha256"], "weights.npy": hashlib.sha256(content).hexdigest()})
    assert "(ValueError)" in told(store.load, folder)


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
