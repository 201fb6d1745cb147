"""Parts of training on a few records: folds, corpora that are refused, cards, tables and names of terms."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from test_train import GOOD

from classifier import DatasetError, ModelError, store
from classifier.features import PAIRS, TOKENS
from classifier.linear import LabelHead
from classifier.scam import shipped_model
from classifier.training import cards, curves, dataset, look, run, stress, summary, words
from classifier.training.retrain import Retrained, retrain
from classifier.training.terms import term_name, top_terms
from classifier.training.train import Fitted, Settings


def frame(types, n_honest):
    """So many scams of each type and honest texts, each a family of its own."""
    kinds = [name for name, n in types.items() for _ in range(n)] + [None] * n_honest
    return pd.DataFrame(
        {"id": f"r-{k}", "family": f"f-{k}", "pair": None, "label": "scam" if kind else "benign", "scam_type": kind, "text": f"文 {k}"}
        for k, kind in enumerate(kinds)
    )


@pytest.mark.parametrize("types", [{"refund": 20}, {"refund": 20, "phishing": 1, "sextortion": 4}, {"refund": 2, "phishing": 4}])
def test_types_too_rare_for_every_fold_are_spread_with_the_others(types):
    texts = frame(types, 30)
    scam = (texts.label == "scam").to_numpy()
    seen = np.zeros(len(texts), int)
    for train_rows, test_rows in dataset.folds(texts):
        seen[test_rows] += 1
        assert scam[train_rows].any()
        assert abs(scam[test_rows].mean() - scam.mean()) < 0.15
    assert (seen == 1).all()


def fitted(out_of_fold, thresholds):
    nothing = dict.fromkeys(Fitted.__dataclass_fields__)
    return Fitted(**{**nothing, "out_of_fold": np.array(out_of_fold), "thresholds": thresholds, "settings": Settings()})


def test_a_level_that_nobody_reached_has_no_rate():
    texts = frame({"refund": 3}, 3).assign(domain=[None] * 3 + ["bank", "bank", "family"])
    metrics = run.on_folds(texts, fitted([2.0, 3.0, -3.0, -2.0, -2.0, 2.5], {"caution": 0.0, "high": 9.0}))
    assert metrics["scam_rate_by_level"] == {"low": pytest.approx(1 / 3), "caution": pytest.approx(2 / 3), "high": None}
    assert metrics["recall_by_type"] == {"refund": pytest.approx(2 / 3)}
    assert metrics["flagged_by_domain"] == {"bank": 0.0, "family": 1.0}
    assert metrics["levels"]["caution"]["recall"] == pytest.approx(2 / 3)
    assert metrics["levels"]["high"]["precision_by_prevalence"]["0.5"] is None
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def write(folder, records):
    (folder / "scam").mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "scam" / "refund.jsonl").write_text("\n".join(lines), encoding="utf-8")


REFUSED = [
    ([GOOD, GOOD], "id 'x-1' stands twice"),
    ([{**GOOD, "id": f"x-{k}"} for k in range(dataset.MOST_IN_FAMILY + 1)], f"family 'x' has {dataset.MOST_IN_FAMILY + 1} records"),
    ([[GOOD]], "list, expected an object"),
]


@pytest.mark.parametrize(("records", "message"), REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_a_corpus_that_contradicts_itself(tmp_path, records, message):
    write(tmp_path, records)
    with pytest.raises(DatasetError, match=message):
        dataset.load(tmp_path)


def test_an_honest_record_has_no_tactics(tmp_path):
    (tmp_path / "benign").mkdir()
    honest = {key: value for key, value in GOOD.items() if key != "scam_type"} | {"label": "benign", "domain": "bank", "kind": "ordinary"}
    for tactics in ([], ["urgency"]):
        write(tmp_path, [GOOD])
        (tmp_path / "benign" / "bank.jsonl").write_text(json.dumps({**honest, "id": "x-9", "family": "y", "tactics": tactics}), encoding="utf-8")
        if tactics:
            with pytest.raises(DatasetError, match=r"bank\.jsonl:1: tactics: .*an honest record has none"):
                dataset.load(tmp_path)
        else:
            assert len(dataset.load(tmp_path)) == 2


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    corpus = dataset.load(ROOT / "datasets")
    dataset.write(corpus.groupby(corpus.scam_type.fillna(corpus.domain), group_keys=False).head(6), folder)
    return folder


def test_a_sample_of_the_corpus(few, monkeypatch):
    assert len(look.load_corpus(few)) == len(dataset.load(few))
    monkeypatch.setenv(look.SAMPLE, "2")
    assert look.overview(look.load_corpus(few)).records.max() == 2
    for wrong in ("0", "x", "-1"):
        monkeypatch.setenv(look.SAMPLE, wrong)
        with pytest.raises(DatasetError, match=f"{look.SAMPLE}: '{wrong}', expected a number"):
            look.load_corpus(few)


def test_the_cards_are_brought_up_to_date(few, tmp_path, monkeypatch):
    for name in ("datasets", "models"):
        (tmp_path / name).mkdir()
        shutil.copy(ROOT / name / "README.md", tmp_path / name)
    shutil.copytree(few / "scam", tmp_path / "datasets" / "scam")
    shutil.copytree(few / "benign", tmp_path / "datasets" / "benign")
    shutil.copytree(shipped_model(), tmp_path / "models" / "scam-ja")
    (tmp_path / "models" / "README.md").write_text("old", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cards.main() == 0
    assert cards.counts_table(dataset.load(few)) in (tmp_path / "datasets" / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "models" / "README.md").read_text(encoding="utf-8") == (ROOT / "models" / "README.md").read_text(encoding="utf-8")


def test_a_card_shows_only_what_was_measured():
    head, metrics = (json.loads((shipped_model() / f"{name}.json").read_text(encoding="utf-8")) for name in ("model", "metrics"))
    metrics["grouped_folds"]["scam_rate_by_level"]["caution"] = None
    assert "caution –" in cards.model_card(head, metrics)
    assert "training.stress" in cards.model_card(head, metrics)
    without = {key: value for key, value in metrics.items() if key not in ("stress", "benign_files")}
    assert "training.stress" not in cards.model_card(head, without)
    assert "ordinary public texts" not in cards.model_card(head, without)


def test_terms_have_names(classifier):
    model = store.load(shipped_model())
    keys = model.vocabulary.keys
    numbers = {token: number for number, token in enumerate(model.vocabulary.tokens, 1)}
    names = {term_name(model, term) for term in range(0, len(keys), 997)}
    assert any(name.startswith("「") for name in names)
    assert any("…" in name and set(name.split("…")) <= set(numbers) for name in names)
    token = int(np.flatnonzero(keys == np.uint64(int(TOKENS) | numbers["還付"]))[0])
    assert term_name(model, token) == "還付"
    pairs = np.flatnonzero(((keys & PAIRS) != 0) & ((keys & TOKENS) != TOKENS))
    first, second = term_name(model, int(pairs[0])).split("…")
    assert {numbers[first], numbers[second]} <= set(model.cues.numbers.tolist())
    top = top_terms(model, 5)
    assert set(top.index) == set(model.meta["scam_types"])
    assert "還付" in top["refund"]
    assert all(len(found.split("、")) == 5 for found in top)
    assert isinstance(model.labels, LabelHead)


def measured(**changes):
    level = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10}
    error = {"id": "x\x1b[31m", "label": "scam", "log_odds": -1.0, "level": "low", "type": "refund"}
    return {"signature": "model:m", "n_scam": 10, "n_benign": 0, "slices": [], "levels": {"caution": {"recall": level}}, "errors": [error], **changes}


def test_a_table_of_one_side_has_the_rows_of_that_side():
    table = summary.as_table(measured())
    assert "caution or above: recall" in table
    for absent in ("auc", "false positives", "awareness", "scam type", "calibration", "honest files", "best token"):
        assert absent not in table
    assert "\x1b" not in table
    assert "… and" not in table


def test_a_table_shows_all_that_was_measured_and_texts_where_they_were_asked_for():
    one = {"value": 0.25, "low": 0.2, "high": 0.3, "n": 4}
    many = [{"label": "benign", "log_odds": 2.0, "level": "high", "domain": "bank", "text": "振込\nです"}] * (summary.MOST_ERRORS + 2)
    table = summary.as_table(measured(awareness_flagged=one, benign_files={"caution": one, "high": one}, errors=many))
    assert "awareness texts at caution or above" in table
    assert "honest files at high or above" in table
    assert "    振込\n    です\n" in table
    assert "… and 2 more" in table


def test_a_word_that_names_two_labels_names_none(monkeypatch):
    assert words.read_label("還付金詐欺") == words.Label("scam", "refund")
    assert words.read_label(None) is None
    words._known.cache_clear()
    named = {"scam_types": {"refund": "還付金・保険"}, "benign_domains": {"insurance": "保険", "bank": "銀行"}}
    monkeypatch.setattr(words, "labels", named.__getitem__)
    try:
        assert words.read_label("保険") is None
        assert words.read_label("還付金") == words.Label("scam", "refund")
        assert words.read_label("銀行") == words.Label("benign", None, "bank")
    finally:
        words._known.cache_clear()


def test_the_gate_says_how_it_was_passed(tmp_path):
    suspects = pd.DataFrame({"id": ["a"]})
    first = Retrained(tmp_path, (), None, suspects, None).as_text()
    assert "gate: there is no old model to compare with" in first
    accepted = Retrained(tmp_path, ("recall fell",), "新しい手口のため", suspects, None)
    assert not accepted.refused
    assert accepted.as_text().splitlines()[1:3] == ["worse: recall fell", "accepted all the same, written into its history: 新しい手口のため"]
    refused = Retrained(tmp_path, ("recall fell",), None, suspects, None)
    assert refused.refused
    assert "accepted" not in refused.as_text()


def test_a_model_needs_a_name(few, tmp_path):
    from pathlib import Path

    with pytest.raises(DatasetError, match="give the model folder a name"):
        retrain(dataset.load(few), Path("/"), settings=Settings(n_cues=20))
    assert not list(tmp_path.iterdir())


def test_the_curves_are_printed(few, tmp_path, capsys, monkeypatch):
    evaluation = [
        line for name in ("scam_messages", "benign_form")
        for line in (ROOT / "datasets" / "evaluation" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    ]  # fmt: skip
    folder = shutil.copytree(few, tmp_path / "corpus")
    (folder / "evaluation").mkdir()
    (folder / "evaluation" / "few.jsonl").write_text("\n".join(evaluation), encoding="utf-8")
    others = tmp_path / "others.jsonl"
    others.write_text('{"text": "今日はいい天気ですね"}\n' * 4, encoding="utf-8")
    monkeypatch.setattr(curves, "SHARES", (0.5, 1.0))
    monkeypatch.setattr(curves, "leave_one_type_out", lambda corpus: pd.Series({"refund": 0.25, "phishing": 0.75}, name="recall"))
    assert curves.main([str(folder), "--ordinary", str(others), "--types"]) == 0
    said = capsys.readouterr().out
    assert "ordinary_flagged_there" in said
    assert said.endswith("mean 0.500, worst 0.250 (refund)\n")
    assert curves.main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()[2:]] == ["0.5", "1.0"]
    assert "ordinary" not in said
    assert curves.main([str(tmp_path / "none")]) == 1
    told = capsys.readouterr().err
    assert told.startswith("curves: ")
    assert told.count("\n") == 1


def test_stress_with_honest_files_of_others(tmp_path, capsys):
    evaluation = ROOT / "datasets" / "evaluation"
    few = tmp_path / "few.jsonl"
    calls = [line for line in (evaluation / "scam_calls.jsonl").read_text(encoding="utf-8").splitlines() if line.count("\\n") >= 4]
    few.write_text("\n".join(calls[:4]), encoding="utf-8")
    honest = tmp_path / "honest.jsonl"
    honest.write_text('{"text": "今日はいい天気ですね"}\n{"text": "夕飯は先に食べてて"}\n', encoding="utf-8")
    folder = shutil.copytree(shipped_model(), tmp_path / "m")
    before = (folder / "metrics.json").read_bytes()
    assert stress.main([str(few), "--benign", str(honest), "--model", str(folder)]) == 0
    assert "alarms taken back" in capsys.readouterr().out
    assert (folder / "metrics.json").read_bytes() == before
    assert stress.main([str(few), "--benign", str(honest), "--model", str(folder), "--keep"]) == 0
    assert json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["benign_files"]["n"] == 2


def test_short_scams_are_not_measured_as_calls(tmp_path, capsys):
    few, honest = tmp_path / "few.jsonl", tmp_path / "honest.jsonl"
    few.write_text('{"text": "電子マネーを買って番号を教えて", "label": "scam"}\n' * 3, encoding="utf-8")
    honest.write_text('{"text": "今日はいい天気ですね"}\n', encoding="utf-8")
    assert stress.main([str(few), "--benign", str(honest)]) == 0
    said = capsys.readouterr().out
    assert "recall lost: wide" in said
    assert "calls flagged" not in said
    assert "nan" not in said


def test_a_model_that_is_none_cannot_be_compared_with(tmp_path):
    from classifier.training.retrain import _judged

    with pytest.raises(ModelError):
        store.load(tmp_path)
    comparison, reasons = _judged(tmp_path, object(), pd.DataFrame())  # type: ignore[arg-type]
    assert comparison is None
    assert reasons[0].startswith("the old model cannot be compared: ")
    assert _judged(tmp_path, None, None)[1] == ["there are no evaluation texts, so nobody can say whether it got worse"]
