"""Evaluation: intervals, slices, errors, early detection, and the page."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from classifier import UnknownLabelError
from classifier.cli import main
from classifier.training import dataset, fonts
from classifier.training.early import early_detection, follow
from classifier.training.evaluate import measure, read_texts, score_texts
from classifier.training.intervals import change, share
from classifier.training.page import evaluation_page
from classifier.training.points import reliability
from classifier.training.slices import errors, slices

EVALUATION = sorted((ROOT / "datasets" / "evaluation").glob("*.jsonl"))
NASTY = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture(scope="module")
def scored(classifier):
    texts = read_texts(EVALUATION)
    return score_texts(classifier, texts.groupby("file").head(40).reset_index(drop=True))


@pytest.fixture(scope="module")
def measured(classifier, scored):
    return measure(classifier, scored, follow(classifier, scored))


def test_slices_have_both_levels_with_intervals_that_hold_the_value(classifier, scored):
    found = slices(scored, classifier.thresholds)
    assert {"type", "channel", "length", "year", "fidelity", "domain", "file"} <= {part["slice"] for part in found}
    for part in found:
        assert part["n"] >= 5
        for level in part["levels"].values():
            assert 0 <= level["low"] <= level["value"] <= level["high"] <= 1
        assert part["levels"]["caution"]["value"] >= part["levels"]["high"]["value"]
    calls = next(p for p in found if p["slice"] == "file" and p["value"] == "scam_calls")
    rows = scored[scored.file == "scam_calls"]
    assert calls["n"] == len(rows)
    assert calls["levels"]["caution"]["value"] == (rows.log_odds >= classifier.thresholds["caution"]).mean()


def test_groups_widen_an_interval():
    hits = np.repeat([True, False], 50)
    alone, together = share(hits, np.arange(100)), share(hits, np.repeat(np.arange(10), 10))
    assert together["high"] - together["low"] > 1.5 * (alone["high"] - alone["low"])


@pytest.mark.parametrize(("n_worse", "seen"), [(0, False), (1, False), (2, False), (6, True)])
def test_a_paired_change_is_seen_when_it_is_more_than_chance(n_worse, seen):
    old = np.repeat([True, False], [60, 40])
    new = old.copy()
    new[:n_worse] = False
    moved = change(old, new, np.arange(100))
    assert moved["value"] == pytest.approx(-n_worse / 100)
    assert (moved["high"] < 0) == seen


def test_errors_are_ids_and_texts_only_when_asked_for(classifier, scored):
    wrong = errors(scored, classifier.thresholds)
    flagged = scored.log_odds >= classifier.thresholds["caution"]
    assert len(wrong) == int((flagged != (scored.label == "scam")).sum()) > 0
    assert not any("text" in error for error in wrong)
    gravity = [abs(error["log_odds"] - classifier.thresholds["caution"]) for error in wrong]
    assert gravity == sorted(gravity, reverse=True)
    assert all(error["text"] for error in errors(scored, classifier.thresholds, with_texts=True))


def test_early_detection_follows_the_monitor(classifier):
    calls = pd.DataFrame(
        {
            "label": ["scam", "benign", "scam"],
            "group": ["a", "b", "c"],
            "turns": [
                [{"speaker": "callee", "text": "はい、佐藤です"},
                 {"speaker": "caller", "text": "警視庁捜査二課です。あなた名義の口座が犯罪に使われ、逮捕状が出ています。誰にも言わないでください"}],
                [{"speaker": "caller", "text": "もしもし、今駅に着いたよ"}, {"speaker": "callee", "text": "じゃあ迎えに行くね"}],
                None,
            ],
        }
    )  # fmt: skip
    reached = follow(classifier, calls)
    assert reached.index.tolist() == [0, 1]
    assert reached.caution[0] == 2
    assert np.isnan(reached.caution[1])
    curve = early_detection(calls, reached, classifier.thresholds)
    assert curve["scam"]["caution"]["within"][:3] == [0.0, 1.0, 1.0]
    assert curve["benign"]["caution"]["within_10"]["value"] == 0


def test_reliability_is_perfect_for_honest_probabilities():
    random = np.random.default_rng(0)
    log_odds = random.normal(0, 2, 20_000)
    scam = random.random(20_000) < 1 / (1 + np.exp(-log_odds))
    assert reliability(log_odds, scam, float(scam.mean()))["ece"] < 0.02
    assert reliability(log_odds, scam, 0.01)["ece"] > 0.1  # a wrong prior shows


def test_an_unknown_type_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "もしもし", "label": "scam", "type": "refunds"}), encoding="utf-8")
    with pytest.raises(UnknownLabelError, match=r"a\.jsonl:1.*refunds"):
        read_texts([path])


def test_the_page_needs_nothing_else_and_escapes_everything(classifier, scored):
    hostile = scored.assign(
        id=NASTY, channel=NASTY, domain=[NASTY if d else None for d in scored.domain.notna()], file=NASTY
    )
    metrics = measure(classifier, hostile, follow(classifier, hostile), with_texts=True)
    curve = pd.DataFrame({"records": [10, 100], "auc": [0.7, 0.8], "recall_at_5%": [0.1, 0.2]})
    page = evaluation_page(metrics, curve)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert page.count("<img ") == 5
    for title in ("適合率と再現率", "キャリブレーション", "点数の分布", "通話の早期検知", "学習曲線"):
        assert title in page


def test_the_command_writes_json_and_page(tmp_path, capsys):
    files = [str(path) for path in EVALUATION if path.stem != "benign_hard"]
    assert main(["evaluate", *files, "--json", str(tmp_path / "m.json"), "--html", str(tmp_path / "m.html")]) == 0
    metrics = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert metrics["precision_recall"]["recall"][-1] == 0
    assert metrics["early_detection"]["scam"]["n"] > 50
    assert not any("text" in error for error in metrics["errors"])
    assert "learning" in (tmp_path / "m.html").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert "baseline: AUC of length alone" in said
    assert "errors at caution" in said


def test_the_page_draws_a_learning_curve_when_asked_for(tmp_path, capsys):
    corpus = dataset.load(ROOT / "datasets")
    dataset.write(corpus.groupby(corpus.scam_type.fillna(corpus.domain)).head(6), tmp_path)
    files = [str(ROOT / "datasets" / "evaluation" / f"{name}.jsonl") for name in ("scam_messages", "benign_form")]
    assert main(["evaluate", *files, "--learning", str(tmp_path)]) == 1
    assert "--html" in capsys.readouterr().err
    assert main(["evaluate", *files, "--learning", str(tmp_path), "--html", str(tmp_path / "m.html")]) == 0
    assert "学習曲線" in (tmp_path / "m.html").read_text(encoding="utf-8")


def test_a_font_is_found_or_the_way_to_one_is_told(monkeypatch):
    assert fonts.japanese_font()
    monkeypatch.setattr(fonts, "JAPANESE", ())
    assert fonts.japanese_font() == "IPAexGothic"  # of the package
    monkeypatch.setattr(fonts, "_PACKAGE", "no_such_package")
    with pytest.warns(UserWarning, match="pip install matplotlib-fontja"):
        assert fonts.japanese_font() is None
