"""A call followed line by line: levels, bell, reasons, machine lines."""

import io
import json
import subprocess
import sys

import pytest
from conftest import CASES, ROOT

from classifier.cli import main
from classifier.commands.watch import spoken

CALL = (CASES / "fake_police_call.txt").read_text(encoding="utf-8")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watch(monkeypatch, content, *arguments, terminal=False):
    out = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdout", out)
    return main(["watch", *arguments]), out.getvalue()


def test_each_level_is_told_once_with_its_reasons(monkeypatch):
    status, out = watch(monkeypatch, CALL.encode())
    assert status == 0
    assert out.count("類似が「高い」に達しました") == 1
    assert out.count("類似が「注意」に達しました") <= 1
    assert "似ていると判断した語" in out
    assert "ニセ警察詐欺" in out
    assert "#9110" in out
    assert "\a" not in out
    assert "詐欺です" not in out
    assert [line.split()[0] for line in out.splitlines() if "●" in line] == [str(n) for n in range(1, 8)]


def test_the_bell_rings_once_for_a_level_on_a_terminal(monkeypatch):
    _, out = watch(monkeypatch, CALL.encode() * 2, terminal=True)
    assert out.count("\a") == out.count("に達しました") in (1, 2)


def test_lines_fit_eighty_columns(monkeypatch):
    from wcwidth import wcswidth

    _, out = watch(monkeypatch, (CALL + "+1 202-555-0110 へ三百万円を\t振り込んで").encode())
    assert max(wcswidth(line) for line in out.splitlines()) <= 80
    assert "末尾0110の国際電話番号" in out


def test_machine_lines(monkeypatch):
    _, out = watch(monkeypatch, (CALL + "090-1234-5678へ").encode(), "--jsonl", "--prior", "0.01")
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["utterance"] for event in events] == list(range(1, 9))
    assert events[0]["speaker"] == "相手"
    assert events[-1]["level"] == "high"
    assert [e["log_odds"] for e in events] == sorted(e["log_odds"] for e in events)
    reached = [event for event in events if event["reached"]]
    assert reached[-1]["reached"] == "high"
    assert reached[-1]["evidence"][0]["contribution"] > 0
    assert all(event["prior"] == 0.01 for event in events)
    assert events[-1]["signals"][0]["kind"] == "phone_domestic"


def test_it_agrees_with_the_monitor(monkeypatch, classifier):
    monitor = classifier.monitor()
    expected = [monitor.feed(spoken(line)).log_odds for line in CALL.splitlines()]
    _, out = watch(monkeypatch, CALL.encode(), "--jsonl")
    assert [json.loads(line)["log_odds"] for line in out.splitlines()] == expected


def test_an_utterance_is_answered_before_the_next_is_said():
    command = [sys.executable, "-m", "classifier.cli", "watch", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        for number, line in enumerate(CALL.splitlines()[:3], 1):
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["utterance"] == number
        process.stdin.close()
        assert process.wait(10) == 0


SPOKEN = [
    ("相手：もしもし", ("相手", None, "もしもし")),
    ("00:12 本人: はい", ("本人", 12.0, "はい")),
    ("[1:02:03] 話者2:ええ", ("話者2", 3723.0, "ええ")),
    ("ＣＡＬＬＥＲ：どうも", ("CALLER", None, "どうも")),
    ("件名: お知らせ", (None, None, "件名: お知らせ")),
    ("時刻は12:30です", (None, None, "時刻は12:30です")),
    ("http://a.jp/", (None, None, "http://a.jp/")),
    ("もしもし", (None, None, "もしもし")),
]


@pytest.mark.parametrize(("line", "expected"), SPOKEN)
def test_labels_are_told_from_what_is_said(line, expected):
    utterance = spoken(line)
    assert (utterance.speaker, utterance.start, utterance.text) == expected


def test_blank_lines_and_old_encodings(monkeypatch):
    content = "\ufeff相手:もしもし\n".encode() + b"\n  \n" + "本人:還付金ですか\r\n".encode("cp932")
    _, out = watch(monkeypatch, content, "--jsonl")
    events = [json.loads(line) for line in out.splitlines()]
    assert [(e["utterance"], e["speaker"]) for e in events] == [(1, "相手"), (4, "本人")]


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_nothing_said_is_an_error_in_one_line(monkeypatch, capsys, content):
    status, out = watch(monkeypatch, content)
    assert (status, out) == (1, "")
    assert capsys.readouterr().err.count("\n") == 1


def test_hostile_lines_stay_harmless(monkeypatch):
    text = "\x1b[2J\x07還付金が\u202eあります\x00\u200b =cmd|'/c calc'!A0 <script>\ud800\n相手\x1b:はい\n"
    _, out = watch(monkeypatch, text.encode("utf-8", "surrogatepass"), terminal=True)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert out.count("\a") == out.count("に達しました")
    _, out = watch(monkeypatch, text.encode("utf-8", "surrogatepass"), "--jsonl")
    assert all(json.loads(line) for line in out.splitlines())


def test_the_course_of_a_call_is_that_of_a_monitor(classifier):
    from classifier.monitor import timeline
    from classifier.transcript import Transcript, Utterance

    said = [*CALL.splitlines(), " ", *("病院の予約は三時でしたね", "孫が来週遊びに来るんですよ") * 40, *CALL.splitlines()]
    call = Transcript(tuple(Utterance(line, None, float(n)) for n, line in enumerate(said)))
    monitor = classifier.monitor()
    fed = [(n, monitor.feed(u)) for n, u in enumerate(call.utterances) if u.text.strip()]
    moments = timeline(classifier, call)
    assert [moment.utterance for moment in moments] == [n for n, _ in fed]
    assert [classifier.level(moment.log_odds) for moment in moments] == [verdict.level for _, verdict in fed]
    heard = slice(len(CALL.splitlines()), None)  # before, `caution` may be held back
    assert [moment.log_odds for moment in moments][heard] == [verdict.log_odds for _, verdict in fed][heard]


GREETING = "もしもし、市役所の還付金の係の者ですが、ATMの件で"


def test_a_greeting_alone_is_not_cautioned(classifier):
    from classifier.monitor import ENOUGH, counted

    limits = classifier.thresholds
    between = (limits["caution"] + limits["high"]) / 2
    assert classifier.level(counted(between, ENOUGH - 1, limits)) == "low"
    assert classifier.level(counted(between, ENOUGH, limits)) == "caution"
    assert counted(limits["high"], 1, limits) == limits["high"]
    assert counted(-3.0, 1, limits) == -3.0
    assert len(GREETING) < ENOUGH
    assert classifier.monitor().feed(GREETING).level in ("low", "high")
