"""The report on evasion: what an edit is, when a text has fallen, and that it ends."""

import json

import numpy as np
import pytest
from conftest import ROOT

from classifier.training import evasion

EVALUATION = sorted((ROOT / "datasets" / "evaluation").glob("*.jsonl"))


def score(texts):
    """One point a 金."""
    return np.array([float(text.count("金")) for text in texts])


def test_the_words_that_count_go_first():
    found = evasion.attack(score, 0.5, ["お金と税金\nと料金です", "はい"], lambda word: [""])
    assert found.edits.tolist() == [3, 1]
    assert found.for_half == 1


def test_edits_that_change_nothing_are_none():
    found = evasion.attack(score, 0.5, ["お金です"], lambda word: [word])
    assert found.edits.tolist() == [evasion.MOST_EDITS + 1]
    assert found.for_half is None


@pytest.mark.parametrize(
    ("name", "word", "other"),
    [("spacing", "振込", "振　込"), ("width", "ATM", "ＡＴＭ"), ("width", "アプリ", "ｱプﾘ"), ("zero-width", "振込", "振\u200b込")],
)
def test_tricks(name, word, other):
    assert evasion.TRICKS[name](word) == other


def test_folding_undoes_what_it_folds(classifier):
    texts = ["還付金がありますので、本日中に携帯電話を持って銀行へ行き、アプリを操作してください"]
    before = classifier.log_odds(texts)
    for name in ("spacing", "width", "zero-width"):
        assert evasion.folded(classifier)([evasion.TRICKS[name](texts[0])]) == pytest.approx(before)
    assert evasion.unfolded(classifier)([evasion.TRICKS["zero-width"](texts[0])])[0] < before[0]


def test_the_report(capsys):
    assert evasion.main([*map(str, EVALUATION), "--texts", "2"]) == 0
    printed = capsys.readouterr().out
    for row in ("words deleted", "honest words inserted", "spacing, not folded", "3000 honest characters behind"):
        assert row in printed


def test_nothing_to_attack_is_told_in_one_line(tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": "夕飯は先に食べてて", "label": label}) + "\n" for label in ("scam", "benign")))
    assert evasion.main([str(path)]) == 1
    assert capsys.readouterr().err == "evasion: no scam among the texts stands at high; nothing to attack\n"
