"""What a stranger may do to a model folder. Damage is told by the digests; a folder made to deceive, whose digests fit, is
refused or scores, wrongly at worst: it runs nothing, reads nothing outside the folder and takes no more memory than it should.
"""

import hashlib
import itertools
import json
import os
import pickle
import random
import shutil
import sys

import numpy as np
import pytest

from classifier import ModelError, ScamClassifier, store
from classifier.cli import main
from classifier.errors import UnknownLabelError
from classifier.features import UNKNOWN_TOKEN
from classifier.report import as_text
from classifier.scam import shipped_model
from classifier.soundness import ARRAYS

FILES = ("vocabulary.txt", *(f"{name}.npy" for name in ARRAYS))
TEXT = "還付金がありますので、本日中に携帯電話を持ってATMへ行き、私の言うとおりに操作してください"
REGIONS = 4  # of each file, besides its head and its end
SHAPES = [
    ("label_terms", lambda a: a.astype("<i8")), ("cues", lambda a: a[::-1].reshape(2, -1)), ("weights", lambda a: a.astype(">f8")),
    ("displacements", lambda a: a[:-1]), ("displacements", lambda a: a[:0]), ("keys", lambda a: a[::-1]), ("keys", lambda a: a[:0]),
    ("keys", lambda a: np.zeros_like(a)), ("weights", lambda a: a * np.nan), ("weights", lambda a: np.full_like(a, 1e30)),
    ("frequencies", lambda a: a - a.max()), ("frequencies", lambda a: a + 2**30), ("label_weights", lambda a: a.T),
    ("script_terms", lambda a: a + 60_000), ("script_edges", lambda a: a[::-1]), ("label_terms", lambda a: a - 2**30),
    ("cues", lambda a: a - 2**30), ("script_weights", lambda a: np.full_like(a, np.inf)), ("weights", lambda a: a[0]),
    ("everyday_weights", lambda a: a[:-1]), ("everyday_weights", lambda a: np.append(a, a[:1])), ("everyday_weights", lambda a: a[:0]),
    ("everyday_weights", lambda a: a * np.nan), ("everyday_weights", lambda a: np.full_like(a, 1e30)), ("everyday_weights", lambda a: a.astype("<f8")),
    ("everyday_weights", lambda a: a.astype("<f4").view("<i4")), ("cues", lambda a: a[::-1]), ("cues", lambda a: np.repeat(a, 2)),
    ("cues", lambda a: np.arange(1_000_000, dtype=a.dtype)), ("cues", lambda a: np.arange(30_000, dtype=a.dtype)),
]  # fmt: skip
HEADS = [
    {"prior": 7}, {"prior": float("nan")}, {"prior": None}, {"thresholds": {}}, {"thresholds": {"caution": 9, "high": 1}},
    {"thresholds": {"caution": float("nan"), "high": 1}}, {"intercept": float("inf")}, {"intercept": 1e308}, {"intercept": []},
    {"name": 1}, {"name": "\x1b[31m"}, {"name": "m" * 10_000}, {"version": None}, {"data": ["x"]}, {"scam_types": "refund"},
    {"scam_types": []}, {"scam_types": ["refund"]}, {"tactics": {"x": 1}}, {"label_intercepts": "1"}, {"label_intercepts": None},
    {"scripts": [1]}, {"scripts": [{"scam_type": "refund"}]}, {"scripts": 3}, {"n_documents": -5}, {"n_documents": "9"}, {"n_documents": 0},
    {"hash": {"multipliers": [3, 5], "size": 1 << 50}}, {"hash": {"multipliers": [-3, 5], "size": 262144}}, {"hash": []},
    {"hash": {"multipliers": [3], "size": 262144}}, {"hash": {"multipliers": ["3", "5"], "size": "262144"}},
    {"settings": {"token_ngrams": [1, 10**9], "character_ngrams": [2, 3], "first_token_term": 120000}},
    {"settings": {"token_ngrams": [0, 2], "character_ngrams": [2, 3], "first_token_term": 120000}},
    {"settings": {"token_ngrams": [1, 2], "character_ngrams": [2], "first_token_term": 120000}},
    {"everyday_intercept": float("nan")}, {"everyday_intercept": float("-inf")}, {"everyday_intercept": 1e7}, {"everyday_intercept": None}, {"everyday_intercept": [1]},
    {"least_norms": []}, {"least_norms": [1, 1]}, {"least_norms": [1, 1, 1, 1]}, {"least_norms": [0, 1, 1]}, {"least_norms": [1, -1, 1]}, {"least_norms": 3},
    {"least_norms": [1, 1, float("nan")]}, {"least_norms": [1, float("inf"), 1]}, {"least_norms": [1e308, 1, 1]}, {"least_norms": [[1], 1, 1]},
    {"least_norms": [10**400, 1, 1]}, {"least_norms": "abc"}, {"least_norms": {"a": 1, "b": 1, "c": 1}}, {"least_norms": None},
    {"dictionary": 5}, {"dictionary": None},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(shipped_model(), tmp_path / "model")


def head(folder):
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def edit(folder, **changes):
    (folder / "model.json").write_text(json.dumps({**head(folder), **changes}), encoding="utf-8")


def put(folder, name, content):
    """A file in the folder, and the digest that goes with it: what somebody does who means harm."""
    (folder / name).write_bytes(content)
    edit(folder, sha256={**head(folder)["sha256"], name: hashlib.sha256(content).hexdigest()})


def put_array(folder, name, array):
    with (folder / name).open("wb") as file:
        np.save(file, array, allow_pickle=True)
    put(folder, name, (folder / name).read_bytes())


def refused_or_scored(folder):
    """Whether it was refused. Anything but a ModelError or a verdict that can be shown is a failure."""
    try:
        classifier = ScamClassifier.load(folder)
        verdict = classifier.classify(TEXT)
        classifier.classify_many([TEXT * 40, "はい", "x" * 5_000])
    except ModelError as error:
        return "\n" not in str(error)
    assert 0.0 <= verdict.probability <= 1.0
    try:
        as_text(verdict, TEXT, None, color=False)
    except UnknownLabelError:  # one line, too
        return True
    json.dumps(verdict.to_dict(), allow_nan=False)
    return False


def regions(size):
    """One place in the head, one in each region, one at the end."""
    chance = random.Random(size)
    edges = [round(size * n / REGIONS) for n in range(REGIONS + 1)]
    inside = [chance.randrange(first, last) for first, last in itertools.pairwise(edges)]
    return sorted({0, 7, min(60, size - 1), *inside, size - 1})


@pytest.mark.parametrize("name", FILES)
def test_every_region_flipped_or_cut_is_damage(folder, name):
    whole = (folder / name).read_bytes()
    for at in regions(len(whole)):
        for harmed in (whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :], whole[:at], whole[:at] + whole[at + 1 :]):
            (folder / name).write_bytes(harmed)
            with pytest.raises(ModelError, match="digest"):
                store.load(folder)
    (folder / name).write_bytes(whole + b"\0")
    with pytest.raises(ModelError, match="digest"):
        store.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_every_region_flipped_or_cut_with_digests_that_fit(folder, name):
    whole = (folder / name).read_bytes()
    for at in regions(len(whole)):
        put(folder, name, whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        refused_or_scored(folder)
        put(folder, name, whole[:at])
        assert refused_or_scored(folder) or name == "vocabulary.txt"  # fewer words are a vocabulary, too
    put(folder, name, whole + b"\n\0")
    refused_or_scored(folder)


@pytest.mark.parametrize("name", FILES)
def test_files_in_each_others_place(folder, name):
    other = FILES[(FILES.index(name) + 1) % len(FILES)]
    first, second = (folder / name).read_bytes(), (folder / other).read_bytes()
    (folder / name).write_bytes(second)
    with pytest.raises(ModelError, match="digest"):
        store.load(folder)
    put(folder, name, second)
    put(folder, other, first)
    with pytest.raises(ModelError, match="do not fit"):
        store.load(folder)


@pytest.mark.parametrize(("name", "change"), SHAPES, ids=lambda v: v if isinstance(v, str) else "")
def test_arrays_that_are_none_of_ours(folder, name, change):
    put_array(folder, f"{name}.npy", change(np.load(folder / f"{name}.npy")))
    with pytest.raises(ModelError, match="do not fit"):
        ScamClassifier.load(folder)


def test_an_array_that_claims_to_be_huge(folder):
    content = (folder / "keys.npy").read_bytes()
    shape = b"(%d,), }" % len(np.load(folder / "keys.npy"))
    assert shape.ljust(20) in content
    put(folder, "keys.npy", content.replace(shape, b"(1 << 44,), }", 1))
    assert refused_or_scored(folder)
    put(folder, "keys.npy", content.replace(shape.ljust(20), b"(9000000000000,), }".ljust(20), 1))
    assert refused_or_scored(folder)


def test_more_words_than_have_a_number(folder):
    put(folder, "vocabulary.txt", "\n".join(map(str, range(UNKNOWN_TOKEN))).encode())
    with pytest.raises(ModelError, match="do not fit"):
        store.load(folder)


def test_a_head_far_too_large_is_not_read(folder):
    (folder / "model.json").write_bytes(b"[" + b"[]," * (2 << 20) + b"[]]")
    with pytest.raises(ModelError, match="over 4 MB"):
        store.load(folder)


@pytest.mark.parametrize("changes", HEADS, ids=lambda v: str(v)[:40])
def test_heads_that_could_not_be_scored_with(folder, changes):
    edit(folder, **changes)
    with pytest.raises(ModelError):
        ScamClassifier.load(folder)


def test_every_value_of_the_head_may_be_anything(folder):
    before = head(folder)
    for key in before:
        for value in (None, 0, -1, 1e308, "", "x", [], {}, [[]], {"x": None}, True, "\x00", 10**400):
            (folder / "model.json").write_text(json.dumps({**before, key: value}), encoding="utf-8")
            refused_or_scored(folder)
        (folder / "model.json").write_text(json.dumps({k: v for k, v in before.items() if k != key}), encoding="utf-8")
        assert refused_or_scored(folder)


def test_names_in_the_head_lead_nowhere(folder, tmp_path):
    """Which files are read is ours to say: names in the head are looked up, never opened."""
    secret = tmp_path / "secret.npy"
    shutil.copy(folder / "weights.npy", secret)
    (folder / "weights.npy").unlink()
    digests = head(folder)["sha256"]
    for name in ("../secret.npy", str(secret), "..\\secret.npy", "weights.npy\0", "%2e%2e/secret.npy"):
        edit(folder, sha256={**digests, name: digests["weights.npy"]})
        with pytest.raises(ModelError, match=r"weights\.npy"):
            store.load(folder)
    edit(folder, sha256=digests, name="../../elsewhere")
    shutil.copy(secret, folder / "weights.npy")
    assert ScamClassifier.load(folder).signature.model.startswith("../../elsewhere")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("name", ["model.json", *FILES, store.HISTORY, store.METRICS])
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
def test_what_is_no_plain_file_is_not_opened(folder, tmp_path, name, kind):
    """A pipe would be waited for without end, a link leads to a file that is not the model's."""
    if name == store.HISTORY:
        store.write_history(folder, [{"date": "2026-11-22", "accepted": "a test", "worse": []}])
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder / name, elsewhere)
    if kind == "link":
        (folder / name).symlink_to(elsewhere)
    elif kind == "dangling":
        (folder / name).symlink_to(tmp_path / "nowhere")
    elif kind == "folder":
        (folder / name).mkdir()
    else:
        os.mkfifo(folder / name)
    read = {store.HISTORY: store.read_history, store.METRICS: store.read_metrics}.get(name, store.load)
    with pytest.raises(ModelError):
        read(folder)


class Mark:
    def __reduce__(self):
        return (os.mkdir, (os.environ["SCAMTEXT_MARK"],))


@pytest.mark.parametrize("name", ["model.json", *FILES, store.HISTORY, store.METRICS])
def test_nothing_planted_is_executed(folder, tmp_path, monkeypatch, capsys, name):
    mark = tmp_path / "executed"
    monkeypatch.setenv("SCAMTEXT_MARK", str(mark))
    objects = tmp_path / "objects.npy"
    np.save(objects, np.array([Mark()], object), allow_pickle=True)
    for content in (pickle.dumps(Mark()), objects.read_bytes(), b"__import__('os').mkdir('%s')" % str(mark).encode()):
        if name == "model.json":
            (folder / name).write_bytes(content)
        else:
            put(folder, name, content)
        for arguments in (["score", __file__, "--model", str(folder)], ["info", "--model", str(folder)]):
            status = main(arguments)
            told = capsys.readouterr().err
            assert told.count("\n") == status  # one line where it is refused; text in place of the vocabulary is a vocabulary
            assert "internal error" not in told
    assert not mark.exists()
    np.load(objects, allow_pickle=True)  # the trap is a real one
    assert mark.exists()


METRICS = [b"", b"[]", b"{", b"{}", b"[" * 100_000, b"\xff", b'{"grouped_folds": 1}', b'{"grouped_folds": {"n": "x", "auc": "y", "ece": 0}}']  # fmt: skip


@pytest.mark.parametrize("content", METRICS, ids=lambda v: str(v)[:20])
def test_metrics_are_shown_or_refused(folder, capsys, content):
    (folder / store.METRICS).write_bytes(content)
    status = main(["info", "--model", str(folder)])
    told = capsys.readouterr()
    assert told.err.count("\n") == status
    assert "internal error" not in told.err
    assert status or "metrics.json beside this model is not" in told.out
    classifier = ScamClassifier.load(folder)  # what was measured does not matter for scoring
    assert classifier.classify(TEXT).level == "high"


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"[" * 100_000, b"\xff"], ids=lambda v: str(v)[:20])
def test_a_history_is_shown_or_refused(folder, content):
    put(folder, store.HISTORY, content)
    with pytest.raises(ModelError):
        store.read_history(folder)
    store.write_history(folder, [{"date": "\x1b[31m", "accepted": "\x1b]0;x\x07", "worse": []}])
    (folder / store.HISTORY).write_bytes(b"[]")
    with pytest.raises(ModelError, match="digest"):
        store.load(folder)


def test_a_history_from_a_stranger_does_not_act_on_the_terminal(folder, capsys):
    store.write_history(folder, [{"date": "\x1b[31m", "accepted": "\x1b]0;x\x07", "worse": []}])
    assert main(["info", "--model", str(folder)]) == 0
    assert "\x1b" not in capsys.readouterr().out
