"""Masks hide who somebody is, and nothing else; they are as long as what they hide."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.cli import main
from classifier.redact import Redactor
from classifier.transcript import Transcript, Utterance

MASKED = [
    ("佐藤さん、090-1234-5678へ", "●●さん、●●●●●●●●●●●●●へ"),
    ("０９０ー１２３４ー５６７８へ電話", "●●●●●●●●●●●●●へ電話"),
    ("090の1234の5678", "●●●●●●●●●●●●●"),
    ("〇九〇一二三四五六七八です", "●●●●●●●●●●●です"),
    ("(03)1234-5678", "●●●●●●●●●●●●●"),
    ("口座番号は1234567です", "口座番号は●●●●●●●です"),
    ("暗証番号1234", "暗証番号●●●●"),
    ("4111 1111 1111 1111", "●●●● ●●●● ●●●● ●●●●"),
    ("taro.t@example.co.jp まで", "●●●●●●●●●●●●●●●●●●●● まで"),
    ("東京の山田花子様", "東京の●●●●様"),
    ("ｽｽﾞｷさん", "●●●●さん"),
    ("田中さん\n田中", "●●さん\n●●"),
    ("佐\u200b藤さん", "●●●さん"),
    ("田\x00中さん", "●●●さん"),
]
REDACTOR = Redactor()
KEPT = [
    "1,500,000円を振り込む",
    "15000000円",
    "2026-11-21に",
    "2026年11月21日 10:30〜11:30",
    "#9110か110番へ",
    "千葉支店、松本市",
    "三千五百万円",
    "NTTです",
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_persons_are_hidden(text, masked):
    assert REDACTOR.text(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_everything_else_stays(text):
    assert REDACTOR.text(text) == text


@given(st.text(alphabet=st.sampled_from("田中さん09012の-ｶﾞ㈱\x00\u200b\ud800\n 、@a.が"), max_size=60))
def test_masks_are_as_long_as_what_they_hide(text):
    masked = REDACTOR.text(text)
    assert len(masked) == len(text)
    assert [c for c in masked if c == "\n"] == [c for c in text if c == "\n"]
    assert all(a in (b, "●") for a, b in zip(masked, text, strict=True))


def test_a_transcript_keeps_its_shape():
    call = Transcript((Utterance("鈴木です", "田中", 1.0), Utterance("はい")), "x")
    masked = REDACTOR.transcript(call)
    assert [(u.text, u.speaker, u.start) for u in masked.utterances] == [("●●です", "●●", 1.0), ("はい", None, None)]
    assert len(masked.text) == len(call.text)


def test_cells_keep_their_kind_unless_masked():
    assert [REDACTOR.cell(c) for c in (None, True, 12, 1.25, "はい", 9012345678)] == [
        None,
        True,
        12,
        1.25,
        "はい",
        "●" * 10,
    ]
    assert REDACTOR.cell({"a": ["田中", 1]}) == {"a": ["●●", 1]}


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "html"])
def test_every_output_hides_and_no_score_moves(capsys, tmp_path, form):
    path = tmp_path / "x.csv"
    path.write_text(
        "本文,担当,電話\n田中様、還付金がありますので090-1234-5678へ、本日中にATMから,佐藤,0312345678\n",
        encoding="utf-8",
    )
    assert main(["score", str(path), "--format", form, "--redact"]) == 0
    out = capsys.readouterr().out
    for secret in ("田中", "佐藤", "1234-5678", "12345678"):
        assert secret not in out
    assert "●●" in out
    if form == "json":
        (masked,) = json.loads(out)
        main(["score", str(path), "--format", form])
        (plain,) = json.loads(capsys.readouterr().out)
        assert masked["evidence"]
        assert masked["signals"]
        for field in ("log_odds", "signals"):
            assert masked[field] == plain[field]


def test_the_workbook_hides_too(tmp_path):
    import openpyxl

    path, out = tmp_path / "x.csv", tmp_path / "out.xlsx"
    path.write_text("本文,担当\n田中です,佐藤\n", encoding="utf-8")
    assert main(["score", str(path), "--redact", "--output", str(out)]) == 0
    assert [c.value for c in openpyxl.load_workbook(out).active[2]][:2] == ["●●です", "●●"]
