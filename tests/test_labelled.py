"""Own tables: the words people label with, and what happens to copies and contradictions."""

import json

import openpyxl
import pytest
from conftest import ROOT

from classifier import DatasetError, TranscriptError
from classifier.readers import Columns
from classifier.training import dataset
from classifier.training.evaluate import read_texts
from classifier.training.extra import KINDS, UNUSED, joined, read_extra
from classifier.training.labelled import read_labelled
from classifier.training.words import Label, read_label

WORDS = [
    ("はい", Label("scam")),
    (" １ ", Label("scam")),
    (1.0, Label("scam")),
    (True, Label("scam")),
    ("Scam", Label("scam")),
    ("詐欺", Label("scam")),
    ("いいえ", Label("benign")),
    ("０", Label("benign")),
    (False, Label("benign")),
    ("正常", Label("benign")),
    ("refund", Label("scam", "refund")),
    ("還付金詐欺", Label("scam", "refund")),
    ("ＳＮＳ型 投資詐欺", Label("scam", "sns_investment")),
    ("アポ電", Label("scam", "probing_call")),
    ("被害回復かたり", Label("scam", "recovery")),
    ("役所・年金・税務署の正規連絡", Label("benign", None, "government")),
    ("scam_awareness", Label("benign", None, "scam_awareness")),
    ("たぶん", None),
    ("", None),
    (None, None),
    (2, None),
]


@pytest.mark.parametrize(("word", "label"), WORDS)
def test_words_for_labels(word, label):
    assert read_label(word) == label


ROWS = [
    ["本文", "判定", "種類", "経路"],
    ["市役所です。還付金がありますので今からATMへ行ってください", "はい", "還付金詐欺", "phone"],
    ["明日の会議は三時からに変更になりました", "いいえ", None, None],
    ["お母さん、夕飯は先に食べていてください", 0, "家族・親族の会話", "sns"],
    ["ラベルのない文です。どうしましょうか", None, None, None],
    ["ラベルのわからない文です。どうしましょう", "たぶん", None, None],
    ["ラベルが食い違う文です。どうしましょう", "いいえ", "還付金詐欺", None],
    ["種類のわからない詐欺の文です。電子マネーを買って", "1", "謎の手口", None],
]


def write_csv(path, rows=ROWS):
    path.write_text("\n".join(",".join("" if c is None else str(c) for c in row) for row in rows), encoding="cp932")
    return path


def write_xlsx(path):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(path)
    return path


def write_jsonl(path):
    lines = [json.dumps(dict(zip(ROWS[0], row, strict=True)), ensure_ascii=False) for row in ROWS[1:]]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("write", "name", "first"), [(write_csv, "a.csv", 2), (write_xlsx, "a.xlsx", 2), (write_jsonl, "a.jsonl", 1)]
)
def test_tables_of_every_kind(tmp_path, write, name, first):
    labelled = read_labelled(write(tmp_path / name))
    rows = labelled.frame.astype(object).where(labelled.frame.notna(), None)
    assert list(rows[["row", "label", "scam_type", "domain", "channel"]].itertuples(index=False, name=None)) == [
        (first, "scam", "refund", None, "phone"),
        (first + 1, "benign", None, None, None),
        (first + 2, "benign", None, "family", "sns"),
        (first + 6, "scam", None, None, None),
    ]
    said = " ".join(labelled.problems)
    assert [f"row {first + k}" in said for k in range(7)] == [False, False, False, True, True, True, True]
    assert "食い違う文" not in said  # texts are private
    assert "no label" in said
    assert "'たぶん'" in said
    assert "at odds" in said


def test_calls_of_several_rows(tmp_path):
    rows = [["call", "text", "label"], ["a", "もしもし、俺だけど", "詐欺"], ["b", "荷物の件です", "正常"], ["a", "今日中に金が要る", ""],
            ["c", "はい", "1"], ["c", "ええ", "0"]]  # fmt: skip
    labelled = read_labelled(write_csv(tmp_path / "calls.csv", rows), Columns(call="call"))
    assert labelled.frame.text.tolist() == ["もしもし、俺だけど\n今日中に金が要る", "荷物の件です"]
    assert labelled.frame.label.tolist() == ["scam", "benign"]
    assert "at odds" in labelled.problems[0]


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([["text", "memo"], ["もしもし", "はい"]], DatasetError, "which column is the label"),
        ([["text", "label"], ["もしもし", "さあ"]], DatasetError, "no row with a text and a label"),
        ([["memo", "label"], ["もしもし", "1"]], TranscriptError, "which column is the text"),
        (
            [["text", "label"], ["0", "お母さん、きょうは遅くなるので夕飯は先に食べていてください"]],
            DatasetError,
            "of 29 characters",
        ),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path, rows, error, message):
    with pytest.raises(error, match=message) as caught:
        read_labelled(write_csv(tmp_path / "a.csv", rows))
    assert "夕飯" not in str(caught.value)


def test_copies_and_contradictions_are_listed_and_not_trained_on(tmp_path):
    corpus = dataset.load(ROOT / "datasets").iloc[:400].reset_index(drop=True)
    evaluation = read_texts([ROOT / "datasets" / "evaluation" / "scam_messages.jsonl"])
    long = corpus[corpus.text.str.len() > 100].iloc[0]
    other = {"scam": "benign", "benign": "scam"}
    new = "来週の土曜日に町内会の掃除がありますので、軍手と飲み物を持って公園に集まってください"
    rows = [
        ["text", "label"],
        [new, "0"],
        [new + "。", "0"],  # punctuation is folded
        [new.replace("土曜日", "日曜日"), "0"],
        [new.replace("土曜日", "水曜日"), "1"],
        ["この文には両方のラベルがついています", "0"],
        ["この文には両方のラベルがついています", "1"],
        [corpus.text[0].replace("\n", " "), corpus.label[0]],
        [corpus.text[1].replace("\n", " "), other[corpus.label[1]]],
        [evaluation.text[0], "1"],
        [evaluation.text[0].replace("お荷物", "荷物"), "1"],
        [long.text.replace("\n", " ") + "以上", long.label],
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text(
        "\n".join(json.dumps(dict(zip(rows[0], row, strict=True)), ensure_ascii=False) for row in rows[1:]),
        encoding="utf-8",
    )
    extra = read_extra(path, corpus, evaluation)
    kinds = {row: set(part.kind) for row, part in extra.listing.groupby("row")}
    assert kinds == {
        2: {"duplicate"},
        3: {"near_duplicate"},
        4: {"near_contradiction"},
        5: {"contradiction"},
        6: {"contradiction"},
        7: {"in_corpus"},
        8: {"contradiction"},
        9: {"in_evaluation"},
        10: {"in_evaluation"},
        11: {"near_duplicate"},
    }
    assert extra.frame.id.tolist() == ["mine:1", "mine:3", "mine:4", "mine:11"]
    families = dict(zip(extra.frame.id, extra.frame.family, strict=True))
    assert families["mine:1"] == families["mine:3"] == families["mine:4"]
    assert families["mine:11"] == long.family
    unused = extra.listing[extra.listing.kind.isin(UNUSED)].id
    assert not set(unused) & set(extra.frame.id)
    assert len(extra.frame) + unused.nunique() == extra.n_rows == 11
    summary = extra.summary()
    assert all(kind in summary for kind in KINDS)
    both = joined(corpus, extra)
    assert len(both) == 404
    assert both.id.is_monotonic_increasing
    dataset.folds(both)


def test_the_evaluation_set_cannot_come_in_as_an_own_table():
    corpus = dataset.load(ROOT / "datasets").iloc[:50].reset_index(drop=True)
    path = ROOT / "datasets" / "evaluation" / "scam_calls.jsonl"
    extra = read_extra(path, corpus, read_texts([path]))
    assert extra.frame.empty
    assert set(extra.listing.kind) == {"in_evaluation"}
    assert extra.listing.id.nunique() == extra.n_rows > 100
    assert len(joined(corpus, extra)) == 50
