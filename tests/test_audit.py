"""The audit on corpora in which something was planted: it finds that, and finds nothing where there is nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from classifier.training import audit, dataset

PER_SIDE = 60
HONEST = "今日は駅前の店で買い物をして帰りました"
SCAM = "本日中に口座の確認が必要ですと言われました"


def corpus(scam=SCAM, honest=HONEST):
    """As many scams as honest texts, each a family of its own; a text may be made from its number."""
    rows = []
    for label, text in (("scam", scam), ("benign", honest)):
        rows += [
            {"id": f"{label}-{k}", "family": f"{label}-{k}", "pair": None, "label": label, "unit": "phrase",
             "text": text(k) if callable(text) else text}
            for k in range(PER_SIDE)
        ]  # fmt: skip
    return pd.DataFrame(rows)


def test_length_that_separates_is_found():
    assert audit.by_length(corpus("長い" * 30, "短い")) == {"phrase": 1.0}
    assert audit.by_length(corpus("短い", "長い" * 30)) == {"phrase": 1.0}
    assert audit.by_length(corpus("同じ", "長さ")) == {"phrase": 0.5}
    half = corpus(lambda k: "長い" * 30 if k % 2 else "短い", "短い")
    assert audit.by_length(half) == {"phrase": pytest.approx(0.75)}


def test_the_token_that_separates_is_named():
    best = audit.by_token(corpus("口座です", "店です"))
    assert best["phrase"] in (("口座", pytest.approx(1.0)), ("店", pytest.approx(1.0)))
    token, accuracy = audit.by_token(corpus(lambda k: "口座です" if k % 4 else "です", "です"))["phrase"]
    assert (token, accuracy) == ("口座", pytest.approx(0.875))


def test_punctuation_that_separates_is_found_and_words_are_not_style():
    assert audit.by_style(corpus("はい、そうです。", "はいそうです"))["phrase"] > 0.95
    random = np.random.default_rng(0)
    marks = [("。" * random.integers(1, 4), "、" * random.integers(1, 4)) for _ in range(2 * PER_SIDE)]
    both = corpus(lambda k: "口座" + "".join(marks[k]), lambda k: "駅前" + "".join(marks[PER_SIDE + k]))
    assert audit.by_style(both)["phrase"] < 0.75


def test_style_is_a_share_of_the_characters():
    once, twice = audit.style("はい、ATM。"), audit.style("はい、ATM。" * 2)
    assert once == pytest.approx(twice)
    assert audit.style("") == [0.0] * len(once)


def test_marks_of_one_side_have_no_ratio():
    rates = audit.rates(corpus("「はい」と言った。", "はいと言った。"))
    assert rates.loc["「"].tolist() == [1.0, 0.0, 0.0]
    assert rates.loc["。"].tolist() == [1.0, 1.0, 1.0]
    assert rates.loc["url"].tolist() == [0.0, 0.0, 0.0]


def test_copies_between_families_are_found_but_not_pairs_or_short_texts():
    frame = corpus(lambda k: f"{k:03d}号室の{chr(0x4E00 + k) * 20}", lambda k: f"{chr(0x5E00 + k) * 25}の話")
    assert audit.near_copies(frame) == []
    frame.loc[[3, 70, 80, 81], "text"] = "本日中に口座の確認が必要ですので、お近くの店で手続きをお願いします"
    found = audit.near_copies(frame)
    assert {frozenset(pair[:2]) for pair in found} >= {frozenset(("benign-10", "scam-3")), frozenset(("benign-20", "benign-21"))}
    assert all(jaccard == 1.0 for *_, jaccard in found)
    frame.loc[[3, 70, 80, 81], "pair"] = "p"  # meant to be alike
    assert audit.near_copies(frame) == []
    frame.loc[[3, 70, 80, 81], "pair"] = None
    frame.loc[[3, 70, 80, 81], "family"] = "f"
    assert audit.near_copies(frame) == []
    frame.loc[[3, 70], ["text", "family"]] = [["はい、そうです", "a"], ["はい、そうです", "b"]]
    assert audit.near_copies(frame) == []


def test_shingles_see_words_only():
    assert audit.shingles("もし もし、はい。") == audit.shingles("もしもしはい") == {"もしもしは", "しもしはい"}
    assert audit.shingles("男:もしもしはい") == {"もしもしは", "しもしはい"}
    assert audit.shingles("はい") == {"はい"}


def test_others_texts_are_told_from_ours_by_their_terms():
    frame = corpus(honest=lambda k: f"ございます{k % 7}").assign(kind="ordinary")
    accuracy, ours, theirs = audit.ours_or_not(frame, [f"わろたｗ{k % 7}" for k in range(40)])
    assert accuracy == 1.0
    assert "'ご'" in ours
    assert "'わ'" in theirs
    assert not set(ours) & set(theirs)
    same, _, _ = audit.ours_or_not(frame, [f"ございます{k % 7}" for k in range(40)])
    assert same < 0.7


def test_pairs_hold_both_sides():
    frame = corpus()
    frame.loc[[0, 60], "pair"] = "a"
    frame.loc[[1, 2], "pair"] = "b"  # two scams are no pair
    assert audit.n_pairs(frame) == 1


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    whole = dataset.load(ROOT / "datasets")
    chosen = whole.groupby(whole.scam_type.fillna(whole.domain), group_keys=False).head(12)
    dataset.write(chosen[chosen.unit != "transcript"], folder)
    return folder


def test_the_command_prints_every_part(few, tmp_path, capsys):
    others = tmp_path / "others.jsonl"
    others.write_text("".join(json.dumps({"text": f"そうなんだｗ {k}"}) + "\n" for k in range(30)), encoding="utf-8")
    assert audit.main([str(few), "--ordinary", str(others)]) == 0
    said = capsys.readouterr().out
    frame = dataset.load(few)
    assert said.startswith(f"{len(frame)} records, {frame.family.nunique()} families, {audit.n_pairs(frame)} pairs, digest {dataset.digest(frame)}\n")
    for part in ("label", "length alone", "best single token", "style alone", "rates of marks", "near-copies", "ours or not"):
        assert f"[{part}" in said
    assert "balanced accuracy 1.000" in said
    assert "theirs: " in said
    assert audit.main([str(few)]) == 0
    assert "[ours or not]" not in capsys.readouterr().out


def test_a_corpus_that_is_none_is_one_line(tmp_path, capsys):
    assert audit.main([str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("audit: ")
    assert told.count("\n") == 1
