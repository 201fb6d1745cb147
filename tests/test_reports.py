"""Reports from verdicts made by hand: what stands in JSON, CSV and on the terminal where something is long, odd or not there."""

import csv
import dataclasses
import datetime
import io
import json

import pytest
from test_html import CALL, verdict_on

import classifier.report
from classifier import UnknownLabelError
from classifier.consult import find_desk
from classifier.report.card import as_info
from classifier.report.data import as_csv, as_json, as_jsonl
from classifier.report.desk import as_desk
from classifier.report.live import as_alarm
from classifier.report.table import distinct, flat, jsonable, renamed
from classifier.report.terminal import MOST_SIGNALS, as_text
from classifier.taxonomy import labels
from classifier.verdict import Signal

NAMED = [("a.txt", CALL.text, verdict_on(CALL.text)), ("b.txt", "=1+1、はい", verdict_on("=1+1、はい", "low"))]


def test_one_verdict_is_an_object_and_several_a_list():
    one, two = json.loads(as_json(NAMED[:1])), json.loads(as_json(NAMED))
    assert (one["name"], one["level"], one["scam_types"][0]["ja"]) == ("a.txt", "high", "還付金詐欺")
    assert two == [one, {**two[1], "name": "b.txt", "level": "low"}]
    assert [json.loads(line) for line in as_jsonl(NAMED).splitlines()] == two
    assert json.loads(as_json([])) == []


def test_a_row_for_each_verdict_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(as_csv(NAMED))))
    assert [(row["name"], row["level"], row["scam_type"]) for row in rows] == [("a.txt", "high", "refund"), ("b.txt", "low", "refund")]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


CELLS = [
    (float("nan"), None), (float("inf"), None), (1.5, 1.5), (True, True), (None, None), ("はい", "はい"),
    ({"a": [float("nan"), 1]}, '{"a": [null, 1]}'), ([datetime.date(2026, 1, 2)], '["2026-01-02"]'), (datetime.date(2026, 1, 2), "2026-01-02"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "cell"), CELLS, ids=lambda v: str(v)[:20])
def test_cells_hold_what_a_spreadsheet_can(value, cell):
    assert flat(value) == cell


def test_json_holds_no_value_that_json_cannot():
    odd = {1: (float("inf"), {"x": "\ud800"}), "when": datetime.time(1, 2), "n": 3, "yes": True}
    assert jsonable(odd) == {"1": [None, {"x": "?"}], "when": "01:02:00", "n": 3, "yes": True}
    json.dumps(jsonable(odd), allow_nan=False).encode()


def test_names_of_columns_are_each_their_own():
    assert distinct(["a", "b", "a", "a", "a_2"]) == ["a", "b", "a_2", "a_3", "a_2_2"]
    assert renamed(["level", "prior"], ["level", "scamtext_level"]) == ["scamtext_scamtext_level", "prior"]


def test_signals_that_do_not_fit_are_counted():
    found = tuple(Signal("money", k, k + 1, f"意味{k}", "出典", "2026-01-01") for k in range(MOST_SIGNALS + 3))
    few = dataclasses.replace(verdict_on(CALL.text), signals=found[:MOST_SIGNALS])
    assert "ほかに" not in as_text(few, CALL.text)
    shown = as_text(dataclasses.replace(few, signals=found), CALL.text)
    assert "ほかに 3 か所" in shown
    assert f"意味{MOST_SIGNALS - 1}" in shown
    assert f"意味{MOST_SIGNALS}" not in shown


def test_colours_take_no_width():
    from wcwidth import wcswidth

    verdict, text = verdict_on("振込" * 100), "振込" * 100
    plain, coloured = as_text(verdict, text), as_text(verdict, text, color=True)
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    import re

    assert max(wcswidth(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in coloured.splitlines()) <= 80


def test_an_alarm_names_types_and_tactics_where_there_are_any():
    verdict = verdict_on(CALL.text)
    alarm = as_alarm("high", verdict, CALL.text)
    assert "似ている手口: 還付金詐欺" in alarm
    assert "使われている手段: 期限・緊急の強調" in alarm
    bare = as_alarm("caution", dataclasses.replace(verdict, scam_types=(), tactics=()), CALL.text)
    assert "「注意」に達しました" in bare
    assert "手口" not in bare
    assert "手段" not in bare
    assert "#9110" in bare


def test_a_desk_without_a_mail_form_says_so():
    found = find_desk("神奈川")
    assert "情報・相談メール  一覧に記載なし" in as_desk(dataclasses.replace(found, contact="", remark=""), [])
    full = as_desk(dataclasses.replace(found, contact="https://desk.example/", contact_kind="", remark="平日のみ"), [])
    assert "情報・相談メール  https://desk.example/\n" in full
    assert "備考  平日のみ" in full
    assert "備考" not in as_desk(dataclasses.replace(found, remark=""), [])
    assert as_desk(None, []) == "\n"


FOLDS = {"n": 9, "auc": 0.9, "ece": 0.01, "levels": {"high": {"recall": 0.5, "false_positives": 0.1, "precision_by_prevalence": {"0.5": 0.8}}}}  # fmt: skip


def test_what_was_not_measured_is_not_shown(classifier):
    assert as_info(classifier, None).endswith("\nno metrics.json beside this model\n")
    shown = as_info(classifier, {"grouped_folds": FOLDS})
    assert "grouped folds of the corpus (n 9): AUC 0.900" in shown
    assert "real scams" not in shown
    folds = json.loads(json.dumps(FOLDS))
    folds["levels"]["high"]["precision_by_prevalence"]["0.5"] = None
    assert as_info(classifier, {"grouped_folds": folds}).splitlines()[-1].split() == ["high", "0.500", "0.100", "–"]
    assert "not what `scamtext train` writes" in as_info(classifier, {"grouped_folds": {}})


def test_names_that_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'as_pdf'"):
        _ = classifier.report.as_pdf
    with pytest.raises(UnknownLabelError, match=r"unknown group 'types'\. Known: scam_types, tactics, benign_domains"):
        labels("types")
