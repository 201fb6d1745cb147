"""Real files of each format, made by the programs that write them, are read as what they say."""

import contextlib
import json
import time
from pathlib import Path

import pytest

from classifier import TranscriptError
from classifier.readers import Columns, read, read_bytes, read_content, read_file

FORMATS = Path(__file__).parent / "cases" / "formats"
CALLER = "もしもし、東部市役所の保険年金課の小林と申します。医療費の還付金の件でお電話しました"
CALLS = [  # file, speaker and start of the first and the last utterance
    ("refund_call.srt", ("相手", 0.0), ("相手", 20.2)),
    ("refund_call.vtt", ("相手", 0.0), ("相手", 20.2)),
    ("refund_call_labels.txt", ("相手", 0.0), ("相手", 20.0)),
    ("refund_call_whisper.json", (None, 0.0), (None, 20.2)),
    ("refund_call_faster_whisper.json", (None, 0.0), (None, 20.2)),
    ("refund_call_whisper_cpp.json", (None, 0.0), (None, 20.2)),
    ("refund_call_whisperx.json", ("SPEAKER_00", 0.0), ("SPEAKER_00", 20.2)),
]


@pytest.mark.parametrize(("name", "first", "last"), CALLS)
def test_one_call_in_many_formats(classifier, name, first, last):
    call = read_file(FORMATS / name)
    assert len(call.utterances) == 5
    assert call.utterances[0].text == CALLER
    assert [(u.speaker, u.start) for u in (call.utterances[0], call.utterances[-1])] == [first, last]
    assert classifier.classify(call).log_odds == classifier.classify(read_file(FORMATS / "refund_call.srt")).log_odds


def test_chat_as_line_exports_it(classifier):
    chat = read_file(FORMATS / "line_chat.txt")
    assert [(u.speaker, u.start, u.text.split("\n")[0]) for u in chat.utterances] == [
        ("高橋 美咲", 0.0, "はじめまして😊 投資の勉強会でご一緒した者です"),
        ("私", 7500.0, "どなたでしょうか"),
        ("高橋 美咲", 7620.0, "先生のグループに招待しますね"),
        ("私", 7920.0, "結構です"),
    ]
    assert chat.utterances[2].text.endswith('"今日中"に口座へ10万円お振り込みください')
    assert classifier.classify(chat).level != "low"


CHATS = [  # text, (speaker, start, text) of each message
    ("2026.11.22 日曜日\n10:15 美咲 こんにちは 元気？\n10:16 私 はい\n続き", [("美咲", 0.0, "こんにちは 元気？"), ("私", 60.0, "はい\n続き")]),
    ("2026/11/22(日)\n午前0:15\t美咲\tA\n午後1:00\t私\tB", [("美咲", 0.0, "A"), ("私", 45_900.0, "B")]),
    ('2026/11/22(日)\n10:15\t美咲\t"金"と言った', [("美咲", 0.0, '"金"と言った')]),
    # honest look-alikes stay one text
    *[(text, [(None, None, text)]) for text in (
        "2026/11/22(日)\n町内会の清掃です\n10:15 集合",
        "10:15\t美咲\tA",
        "日程は 2026/11/22(日) です",
    )],
]  # fmt: skip


@pytest.mark.parametrize(("text", "messages"), CHATS)
def test_chats_and_what_only_looks_like_one(text, messages):
    assert [(u.speaker, u.start, u.text) for u in read_bytes(text.encode(), "x.txt").utterances] == messages


def test_speakers_of_whisper_cpp():
    segments = [{"offsets": {"from": 0, "to": 900}, "text": " もしもし", "speaker": "0"}, {"text": "はい", "speaker": "?"}]
    call = read_bytes(json.dumps({"transcription": segments}).encode(), "x.json")
    assert [(u.speaker, u.start, u.end, u.text) for u in call.utterances] == [("0", 0.0, 0.9, "もしもし"), (None, None, None, "はい")]


def test_mail_in_iso_2022_jp():
    text = read_file(FORMATS / "phishing_iso2022jp.eml").text
    assert text.startswith("【重要】お支払い方法の更新について\n\nお客様のアカウントに")
    assert "https://account.example.com/verify" in text


def test_mail_in_html_shows_what_a_reader_sees():
    text = read_file(FORMATS / "phishing_html.eml").text
    assert "カードに不正利用の疑いがあり、ご利用を一時停止しました。" in text
    assert "こちら https://card.example.com/login から" in text
    for unseen in ("肉じゃが", "alert", "color"):
        assert unseen not in text


MAILS = [  # content, what a reader sees
    (b"Subject: x\nContent-Type: text/plain; charset=shift_jis\n\n" + "①髙橋です".encode("cp932"), "x\n\n①髙橋です"),
    (b"Subject: x\n\n" + "題なしの本文です、届きましたか".encode("euc_jp"), "x\n\n題なしの本文です、届きましたか"),
    ("Content-Type: text/plain; charset=no-such\n\n還付金です".encode(), "還付金です"),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n本文\n--b\n"
        'Content-Type: text/plain\nContent-Disposition: attachment; filename="a.txt"\n\n添付\n--b--\n'.encode(),
        "本文",
    ),
    (b"Content-Type: text/html\n\n" + b"<div>" * 20_000 + "深い".encode(), "深い"),
]


@pytest.mark.parametrize(("content", "text"), MAILS)
def test_mails_as_they_come(content, text):
    assert read_bytes(content, "x.eml").text.strip() == text


SLOW = [  # what would take minutes if it were read more than once
    ("x.txt", "00:01" + " " * 200_000 + "x"),
    ("x.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + " " * 200_000 + "x"),
    ("x.srt", "1\n00:00:01,000 --> 00:00:02,000\n" + "x\n\n" * 100_000),
    ("x.srt", "1" * 200_000 + "\n00:00:01,000 --> 00:00:02,000\nx"),
    ("x.eml", "Content-Type: text/html\n\n" + "<p>a</p>" * 20_000),
    ("x.eml", "Content-Type: text/html\n\n" + "<a href=http://x>" * 10_000 + "x"),
]


@pytest.mark.parametrize(("name", "content"), SLOW, ids=range(len(SLOW)))
def test_hostile_files_take_no_more_time_than_others(name, content):
    started = time.perf_counter()
    with contextlib.suppress(TranscriptError):
        read_bytes(content.encode(), name)
    assert time.perf_counter() - started < 10


PLAIN = [  # text, (speaker, start, text) of each utterance
    ("相手:もしもし\n本人：はい\n続きです\n", [("相手", None, "もしもし"), ("本人", None, "はい\n続きです")]),
    ("A「もしもし」\nB「え、「還付金」ですか」", [("A", None, "もしもし"), ("B", None, "え、「還付金」ですか")]),
    ("[00:12] 話者1: はい\n[01:02:03] 話者2: え", [("話者1", 12.0, "はい"), ("話者2", 3723.0, "え")]),
    ("[00:00.000 --> 00:04.500]  もしもし\n[00:04.500 --> 00:06.000]  はい", [(None, 0.0, "もしもし"), (None, 4.5, "はい")]),
    ("発信者：お金です\n受信者：はい", [("発信者", None, "お金です"), ("受信者", None, "はい")]),
    ("話者1 00:05\nもしもし\n話者2 00:10\nはい", [("話者1", 5.0, "もしもし"), ("話者2", 10.0, "はい")]),
    ("００：１２　相手：もしもし", [("相手", 12.0, "もしもし")]),
    ("田中: もしもし\n鈴木: はい\n田中: え\n鈴木: うん", [("田中", None, "もしもし"), ("鈴木", None, "はい"), ("田中", None, "え"), ("鈴木", None, "うん")]),
    # honest look-alikes of labels and stamps stay one text
    *[(text, [(None, None, text)]) for text in (
        "日時：11月3日\n場所：市民会館\n持ち物：筆記用具",
        "10:30 に伺います\n11:30 昼食",
        "https://example.com\nhttps://example.jp",
        "犯人は「金を出せ」と言った\n被害者は断った",
        "還付金があります",
    )],
]  # fmt: skip


@pytest.mark.parametrize(("text", "utterances"), PLAIN)
def test_plain_text_with_and_without_speakers(text, utterances):
    assert [(u.speaker, u.start, u.text) for u in read_bytes(text.encode(), "x.txt").utterances] == utterances


def test_standard_input_is_known_by_what_it_holds():
    for name in ("refund_call.srt", "refund_call.vtt"):
        assert len(read_bytes((FORMATS / name).read_bytes(), "standard input").utterances) == 5
    content = (FORMATS / "messages_unicode.tsv").read_bytes()
    assert len(read_content(content, "standard input", Columns("本文")).transcripts) == 3


def test_several_voices_of_one_cue():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v 母>もしもし &amp; <i>はい</i>\n<v.loud 娘>元気\n"
    assert [(u.speaker, u.text) for u in read_bytes(text.encode(), "x.vtt").utterances] == [
        ("母", "もしもし & はい"),
        ("娘", "元気"),
    ]


BROKEN = [
    ("x.srt", "還付金".encode(), "not the SRT format"),
    ("x.vtt", "還付金".encode(), "not the WebVTT format"),
    ("x.json", b"[" * 100_000, "nested too deeply"),
    ("x.json", "{還付金".encode(), "not JSON"),
    ("x.json", b"9" * 6_000, "too long"),
    ("x.json", b'{"a": 1}', "no list of segments"),
    ("x.json", '{"segments": [{"text": "a"}, {"words": "還付金"}]}'.encode(), "segment 2 has no text"),
    ("x.json", b'{"segments": []}', "no words"),
    ("x.json", json.dumps([{"text": " ", "start": float("nan")}]).encode(), "no words"),
    ("x.eml", b"Subject:\n\n", "no words"),
    ("x.xls", b"\xd0\xcf\x11\xe0" * 99, "save it as .xlsx"),
]


@pytest.mark.parametrize(("name", "content", "message"), BROKEN)
def test_broken_files_are_one_line_without_their_words(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TranscriptError, match=message) as caught:
        read(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "還付金" not in str(caught.value)


def test_a_file_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr("classifier.readers.MOST_BYTES", 1024**2)
    with pytest.raises(TranscriptError, match="larger than 1 MiB"):
        read("/dev/zero")
