"""Real inputs, pinned: what the Kanagawa police page quotes, the page itself, and the cases of the README."""

import pytest
from conftest import CASES

QUOTED = [  # words of a criminal on the page; they are in no training record
    ("サギの犯人があなたを共犯だと言っている", "fake_police"),
    ("あなたに逮捕状が出ている", "fake_police"),
    (
        "契約中の電話番号(電気)はあと2時間ほどで停止します\nオペレーターにつなぐ場合は(電話の)1を押してください",
        "automated_voice",
    ),
]
HONEST = [  # the rules of the real call centre on the same page
    "お名前やご住所、家族構成などの個人情報は絶対に聞きません。",
    "通帳やキャッシュカードの暗証番号を、確認することは絶対にありません。",
    "コールセンターから「お金」を要求する話は絶対にしません。",
]
CASE_VERDICTS = [
    ("fake_police_call.txt", ("caution", "high"), "fake_police"),
    ("automated_voice_call.txt", ("caution", "high"), "automated_voice"),
    ("honest_bank_notice.txt", ("low",), None),
    ("kanagawa_police_page.txt", ("low",), None),
]


@pytest.mark.parametrize(("text", "scam_type"), QUOTED)
def test_quoted_words_of_criminals(classifier, text, scam_type):
    verdict = classifier.classify(text)
    assert verdict.scam_types[0].id == scam_type
    assert verdict.level in ("caution", "high")


@pytest.mark.parametrize("text", HONEST)
def test_rules_of_the_real_call_centre(classifier, text):
    assert classifier.classify(text).level == "low"


@pytest.mark.parametrize(("name", "levels", "scam_type"), CASE_VERDICTS)
def test_cases(classifier, name, levels, scam_type):
    verdict = classifier.classify((CASES / name).read_text(encoding="utf-8"))
    assert verdict.level in levels
    if scam_type:
        assert verdict.scam_types[0].id == scam_type
