"""Model folders changed at random by somebody who makes the digests fit: refused in one line, or finite numbers."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SCAM, examples

from classifier import ModelError, ScamClassifier, UnknownLabelError
from classifier.cli import main
from classifier.scam import shipped_model
from classifier.soundness import ARRAYS

HEAD = json.loads((shipped_model() / "model.json").read_text(encoding="utf-8"))
LEFT = ("sha256", "format", "normalizer", "dictionary")  # a change in these alone is told at once
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 5), st.sampled_from([10**9, -(10**9), 10**400, 2**31, 2**63]), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=4,
)  # fmt: skip
numbers = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(width=32), st.sampled_from([0, 1, -1, 2**20 - 1, 2**31 - 1]))


def paths(value, before=()):
    """Every place in a head, lists by their first, second and last."""
    yield before
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*before, key))
    elif isinstance(value, list):
        for k in sorted({0, min(1, len(value) - 1), len(value) - 1} - {-1}):
            yield from paths(value[k], (*before, k))


PATHS = [path for path in paths(HEAD) if path and path[0] not in LEFT]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return shutil.copytree(shipped_model(), tmp_path_factory.mktemp("changed") / "model")


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    path = tmp_path_factory.mktemp("call") / "a.txt"
    path.write_text(SCAM, encoding="utf-8")
    return path


def written(folder, head):
    (folder / "model.json").write_text(json.dumps(head), encoding="utf-8")


def told_in_one_line(error):
    assert "\n" not in str(error)


def refused_or_finite(folder):
    try:
        verdicts = ScamClassifier.load(folder).classify_many([SCAM, "はい", SCAM * 40, "x" * 700])
        plain = [verdict.to_dict() for verdict in verdicts]
    except (ModelError, UnknownLabelError) as error:  # the latter for a label of another version
        told_in_one_line(error)
        return
    assert all(0.0 <= verdict.probability <= 1.0 for verdict in verdicts)
    json.dumps(plain, allow_nan=False)


@examples(150)
@given(st.sampled_from(PATHS), values, st.booleans())
def test_heads(folder, path, value, gone):
    head = json.loads(json.dumps(HEAD))
    place = head
    for key in path[:-1]:
        place = place[key]
    if gone:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    written(folder, head)
    try:
        refused_or_finite(folder)
    finally:
        written(folder, HEAD)


@examples(150)
@given(st.sampled_from(sorted(ARRAYS)), st.lists(st.tuples(st.floats(0, 1, exclude_max=True), numbers), min_size=1, max_size=3), st.floats(0, 1))
def test_arrays(folder, name, changes, kept):
    path = folder / f"{name}.npy"
    whole = path.read_bytes()
    array = np.load(path)
    with np.errstate(all="ignore"):
        for place, number in changes:
            if array.dtype.kind == "f":
                array.flat[int(place * array.size)] = number
            else:
                array.flat[int(place * array.size)] = np.array([int(number) if number == number and abs(number) < 2**63 else 0]).astype(array.dtype)[0]
    if kept < 0.3:
        array = array[: int(len(array) * kept / 0.3)]
    try:
        np.save(path, array)
        written(folder, {**HEAD, "sha256": {**HEAD["sha256"], path.name: hashlib.sha256(path.read_bytes()).hexdigest()}})
        refused_or_finite(folder)
    finally:
        path.write_bytes(whole)
        written(folder, HEAD)


@examples(100)
@given(st.sampled_from(["vocabulary.txt", *(f"{name}.npy" for name in sorted(ARRAYS)), "model.json", "metrics.json"]), st.floats(0, 1), st.binary(max_size=40), st.integers(0, 300))
def test_bytes_seen_from_the_command_line(folder, call, capsys, name, place, put, cut):
    path = folder / name
    whole = path.read_bytes()
    at = int(place * len(whole))
    content = whole[:at] + put + whole[at + cut :]
    try:
        path.write_bytes(content)
        if name != "model.json":
            written(folder, {**HEAD, "sha256": {**HEAD["sha256"], name: hashlib.sha256(content).hexdigest()}})
        for arguments in (["score", str(call), "--model", str(folder), "--format", "json"], ["info", "--model", str(folder)]):
            status = main(arguments)
            told = capsys.readouterr()
            assert status in (0, 1)
            assert told.err.count("\n") == status
            assert "internal error" not in told.err
            assert "Traceback" not in told.err
            assert "NaN" not in told.out
    finally:
        path.write_bytes(whole)
        written(folder, HEAD)
