"""The HTTP service: what it answers, what it refuses, and that it keeps and echoes nothing."""

import io
import json
import logging
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from dataclasses import replace

import pytest
from conftest import CASES, ROOT
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from classifier.errors import ServiceError
from classifier.monitor import timeline
from classifier.report.table import Row, as_objects
from classifier.service import answers
from classifier.service.app import create_app
from classifier.service.rate import Rate
from classifier.service.settings import Limits, Settings, read_token
from classifier.service.view import script_words
from classifier.signals import with_signals
from classifier.taxonomy import labels
from classifier.transcript import Transcript, Utterance

CALL = (CASES / "fake_police_call.txt").read_text(encoding="utf-8")
SCAM = "還付金がありますので、本日中に携帯電話を持ってATMへ行き、私の言うとおりに操作してください"
CANARY = "カナリア還付金秘密文"
FORMATS = ROOT / "tests" / "cases" / "formats"
TOKEN = "correct-horse-battery"
MONITOR = "ws://localhost:8000/monitor"
FREE = Limits(rate=1e6, burst=1_000_000)


def client_of(classifier, **settings):
    settings.setdefault("limits", FREE)
    app = create_app(classifier, Settings(**settings))
    return TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(classifier):
    with client_of(classifier) as client:
        yield client


@pytest.fixture(scope="module")
def guarded(classifier):
    with client_of(classifier, host="192.0.2.7", names=("desk.example.jp",), token=TOKEN) as client:
        client.base_url = "http://desk.example.jp"
        yield client


def expected(classifier, transcript, prior=None):
    """What the library says, as the command writes it."""
    verdict = with_signals(classifier.classify(transcript, prior), transcript.text)
    if len(transcript.utterances) > 1:
        verdict = replace(verdict, timeline=timeline(classifier, transcript))
    return json.loads(json.dumps(as_objects(("name",), [Row((transcript.name or "",), transcript.text, verdict)])[0]))


@pytest.mark.parametrize("text", [SCAM, CALL, "夕飯は先に食べてて。牛乳だけ買って帰ります", "はい"])
@pytest.mark.parametrize("prior", [None, 0.01])
def test_the_answer_is_the_verdict_of_the_library(client, classifier, text, prior):
    answer = client.post("/score", json={"text": text, "name": "通話", "prior": prior})
    assert answer.status_code == 200
    assert answer.json() == expected(classifier, Transcript.of(text, "通話"), prior)
    answers.VerdictAnswer.model_validate(answer.json(), extra="forbid")


def test_the_page_gets_the_same_verdict_as_a_program(client, classifier):
    page = client.post("/page/text", json={"text": CALL}).json()
    said = [Utterance(u["text"], u["speaker"], u["start"], u["end"]) for u in page["again"]["utterances"]]
    assert [u.speaker for u in said[:2]] == ["相手", "本人"]
    assert page["report"] == expected(classifier, Transcript(tuple(said)))
    assert client.post("/score", json=page["again"]).json() == page["report"]
    verdict = page["verdict"]
    assert f'data-level="{page["report"]["level"]}"' in verdict
    assert f'data-probability="{page["report"]["probability"]}"' in verdict
    assert "詐欺です" not in verdict + page["reading"] + page["advice"]
    assert "断定ではありません" in verdict
    strongest = max(page["report"]["evidence"], key=lambda e: e["contribution"])
    assert f"{strongest['contribution']:+.2f}" in page["reading"]


def test_the_report_as_a_file(client):
    answer = client.post("/score", json={"text": CALL}, headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "読み進めたときの動き" in answer.text


def test_a_batch_names_blank_texts_and_scores_the_others(client, classifier):
    answer = client.post("/score/batch", json={"texts": [SCAM, " \n", "お米が安い"], "prior": 0.1}).json()
    assert [v and v["level"] for v in answer["verdicts"]] == ["high", None, "low"]
    assert answer["problems"] == [{"place": 1, "problem": "blank"}]
    assert answer["verdicts"][0]["probability"] == classifier.classify(SCAM, 0.1).probability
    assert client.post("/score/batch", json={"texts": [" "]}).json()["verdicts"] == [None]
    answers.BatchAnswer.model_validate(answer)


@pytest.mark.parametrize(
    ("name", "count", "speaker"),
    [
        ("refund_call.srt", 1, "相手"), ("refund_call.vtt", 1, "相手"), ("refund_call_whisper.json", 1, None),
        ("refund_call_labels.txt", 1, "相手"), ("phishing_html.eml", 1, None), ("messages.xlsx", 3, None), ("messages.jsonl", 3, None),
        ("messages_cp932.csv", 3, None),
    ],
)  # fmt: skip
def test_files(client, name, count, speaker):
    answer = client.post("/score/file", files={"file": (name, (FORMATS / name).read_bytes())})
    assert answer.status_code == 200
    verdicts = answer.json()["verdicts"]
    assert len(verdicts) == count
    assert answer.json()["name"] == name
    assert verdicts[0]["name"].startswith(name)
    assert speaker in {m["speaker"] for m in verdicts[0]["timeline"]} or speaker is None
    answers.FileAnswer.model_validate(answer.json())


def test_a_table_by_its_columns_as_json_and_as_csv(client):
    columns = {"call_column": "通話ID", "speaker_column": "話者", "time_column": "開始秒"}
    content = (FORMATS / "calls.csv").read_bytes()
    answer = client.post("/score/file", files={"file": ("calls.csv", content)}, data=columns).json()
    assert answer["table"]
    assert len(answer["verdicts"]) == 2
    table = client.post(
        "/score/file", files={"file": ("calls.csv", content)}, data=columns, headers={"Accept": "text/csv"}
    )
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == 3
    one_side = client.post(
        "/score/file", files={"file": ("calls.csv", content)}, data={**columns, "caller": "相手"}
    ).json()
    assert one_side["verdicts"][0]["log_odds"] != answer["verdicts"][0]["log_odds"]


def test_the_page_lists_a_table_and_names_what_could_not_be_read(client):
    answer = client.post("/page/file", files={"file": ("m.xlsx", (FORMATS / "messages.xlsx").read_bytes())}).json()
    assert answer["kind"] == "list"
    assert len(answer["rows"]) == len(answer["report"]["verdicts"]) == 3
    assert "4 行目: 文面がない" in answer["list"]
    assert answer["list"].index("高い") < answer["list"].index("夕飯")


def test_whom_to_ring(client):
    answer = client.get("/consult/神奈川").json()
    assert answer["desk"]["phone"] == "045-664-9110"
    assert "#9110" in {contact["phone"] for contact in answer["contacts"]}
    assert client.get("/consult").json()["desk"] is None
    missing = client.get(f"/consult/{CANARY}")
    assert missing.status_code == 404
    assert CANARY not in missing.text


def test_the_model_and_health(client, classifier):
    answer = client.get("/model").json()
    assert answer["signature"] == str(classifier.signature)
    assert {label["id"] for label in answer["scam_types"]} == set(labels("scam_types"))
    assert answer["metrics"]["evaluation"]["auc"]
    assert client.get("/health").json() == {"status": "ok"}


def test_every_label_has_a_name_in_both_languages():
    for lang in ("ja", "en"):
        words = script_words(lang)
        for group in ("scam_types", "tactics"):
            assert set(words[group]) == set(labels(group))
        assert all(isinstance(word, str) for word in words["words"].values())


def test_english_on_a_switch(client):
    page = client.get("/?lang=en").text
    assert 'lang="en"' in page
    assert "Paste a text and see at once" in page
    report = client.post("/page/text", json={"text": CALL, "lang": "en"}).json()
    assert "Fake police" in report["verdict"]
    assert "not a finding" in report["verdict"]


REFUSED = [
    ("/score", {"json": {"text": ""}}, 422),
    ("/score", {"json": {"text": "　\n "}}, 422),
    ("/score", {"json": {CANARY: 1, "text": [CANARY]}}, 422),
    ("/score", {"json": {"text": CANARY, "prior": CANARY}}, 422),
    ("/score", {"json": {"text": CANARY, "prior": 1.5}}, 422),
    ("/score", {"json": {"text": CANARY * 30_000}}, 422),
    ("/score", {"json": {"utterances": [{"text": " ", "speaker": CANARY}]}}, 422),
    ("/score", {"json": {"utterances": [{"text": CANARY, "start": -1}]}}, 422),
    ("/score", {"content": CANARY.encode(), "headers": {"Content-Type": "application/json"}}, 422),
    ("/score", {"content": b"[" * 100_000, "headers": {"Content-Type": "application/json"}}, 400),
    ("/score", {"content": b'{"text": ' + b"9" * 5_000 + b"}", "headers": {"Content-Type": "application/json"}}, 400),
    ("/score", {"content": b"\xff\xfe" + CANARY.encode(), "headers": {"Content-Type": "application/json"}}, 422),
    ("/score", {"content": CANARY.encode(), "headers": {"Content-Type": "text/plain"}}, 422),
    ("/score", {"content": b"x" * (3 << 20)}, 413),
    ("/score/batch", {"json": {"texts": [CANARY] * 1_001}}, 422),
    ("/score/batch", {"json": {"texts": [CANARY * 9_000] * 12}}, 413),
    ("/score/file", {"json": {"file": CANARY}}, 415),
    ("/score/file", {"files": {"other": ("a.txt", CANARY.encode())}}, 422),
    ("/score/file", {"files": {"file": ("a.txt", b" ")}}, 422),
    ("/score/file", {"files": {"file": ("a.exe", CANARY.encode())}}, 422),
    ("/score/file", {"files": {"file": ("a.csv", f"{CANARY},x\n{CANARY},y\n".encode())}}, 422),
    ("/score/file", {"files": {"file": ("a.csv", f"本文\n{CANARY}".encode())}, "data": {"text_column": CANARY}}, 422),
    ("/score/file", {"files": {"file": ("a.json", f'{{"x":"{CANARY}"}}'.encode())}}, 422),
    ("/score/file", {"files": {"file": ("a.jsonl", f"{CANARY}\n".encode())}}, 422),
    ("/score/file", {"files": {"file": ("a.xlsx", CANARY.encode())}}, 422),
    ("/score/file", {"files": {"file": ("a.srt", CANARY.encode())}, "data": {CANARY: "x"}}, 422),
    ("/score/file", {"files": {"file": ("a.txt", f"相手:{CANARY}".encode())}, "data": {"caller": "x"}}, 422),
    ("/score/file", {"content": b"--x\r\n" + CANARY.encode(), "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400),
    ("/score/file", {"content": CANARY.encode(), "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ("/page/text", {"json": {"utterances": []}}, 422),
    ("/page/text", {"json": {}}, 422),
    (f"/{CANARY}", {"json": {}}, 404),
    ("/model", {"json": {}}, 405),
]  # fmt: skip


@pytest.mark.parametrize(("path", "sent", "status"), REFUSED, ids=lambda v: str(v)[:40])
def test_refusals_are_clear_and_echo_nothing(client, path, sent, status):
    answer = client.post(path, **sent)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "where"}
    assert "カナリア" not in answer.text
    assert "\\u30ab" not in answer.text
    assert "カナリア" not in str(answer.headers)
    answers.Refused.model_validate(answer.json())


def test_what_files_hold_stays_inside_what_answers_can_say(client):
    """JSON of a recogniser may hold lone surrogates; the name of a file may be anything."""
    spoken = (
        b'{"segments": [{"text": "\\ud800' + SCAM.encode() + b'", "speaker": "\\udfff", "start": 0}, {"text": "x"}]}'
    )
    answer = client.post("/score/file", files={"file": ("../../\u202ea.json", spoken)})
    assert answer.status_code == 200
    assert answer.json()["name"] == "\ufffda.json"
    assert answer.json()["verdicts"][0]["timeline"][0]["speaker"] == "\ufffd"
    for prior in ("2", "nan", CANARY):
        refused = client.post("/score/file", files={"file": ("a.txt", SCAM.encode())}, data={"prior": prior})
        assert refused.status_code == 422
        assert CANARY not in refused.text
    half = client.post("/score/file", files={"file": ("a.txt", SCAM.encode())}, data={"prior": "0.5"}).json()
    assert half["verdicts"][0]["prior"] == 0.5


def test_a_refusal_comes_before_the_body_where_the_client_asks_first(client):
    answer = client.post("/score", content=b"x" * (3 << 20), headers={"Expect": "100-continue"})
    assert answer.status_code == 413
    chunks = (b"x" * (1 << 20) for _ in range(4))
    assert client.post("/score", content=chunks).status_code == 413


def test_lone_surrogates_are_scored_and_spans_still_fit(client):
    answer = client.post(
        "/score", content=b'{"text": "\\ud800' + SCAM.encode() + b'"}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200
    for found in answer.json()["evidence"]:
        assert found["text"] == ("\ufffd" + SCAM)[found["start"] : found["end"]]


def test_a_workbook_that_unpacks_to_much_is_refused(client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 << 20))
    assert len(packed.getvalue()) < 1 << 20
    answer = client.post("/score/file", files={"file": ("a.xlsx", packed.getvalue())})
    assert answer.status_code == 413


def test_many_rows_are_refused_with_the_limit(client):
    content = "本文\n" + "還付金があります\n" * 1_001
    answer = client.post("/score/file", files={"file": ("a.csv", content.encode())})
    assert answer.status_code == 413
    assert "1000" in answer.json()["message"]


def test_nothing_is_written_or_logged(client, monkeypatch, caplog, capfd):
    def refuse(*_, **__):
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    with caplog.at_level(logging.DEBUG):
        client.post("/score", json={"text": CANARY})
        answer = client.post("/score/file", files={"file": ("a.txt", (CANARY * 30_000 + "\n").encode() * 2)})
        client.post("/page/text", json={"text": CANARY})
        client.post("/score", json={"text": [CANARY]})
    assert answer.status_code in (200, 413)
    assert "カナリア" not in caplog.text
    assert "カナリア" not in "".join(capfd.readouterr())


def test_an_error_inside_tells_its_place_and_not_the_text(classifier, monkeypatch, capfd):
    with client_of(classifier) as client:

        def broken(*_):
            raise KeyError(CANARY)

        monkeypatch.setattr("classifier.service.api.objects", broken)
        answer = client.post("/score", json={"text": CANARY})
    told = capfd.readouterr().err
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "KeyError" in told
    assert "カナリア" not in told + answer.text


def test_counts_are_all_that_is_told(classifier, capfd):
    with client_of(classifier) as client:
        client.post("/score", json={"text": SCAM})
        client.post("/score", json={})
    assert (
        "1 texts scored (high 1, caution 0, low 0), 0 utterances; 2 answers, 1 refused, 0 errors"
        in capfd.readouterr().err
    )


def test_headers_of_every_answer(client):
    for answer in (client.get("/"), client.get("/static/page.js"), client.get("/nothing"), client.post("/score", json={}), client.get("/", headers={"Host": "evil.example"})):  # fmt: skip
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "cache-control" in answer.headers
        assert "set-cookie" not in answer.headers


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_code(client):
    for path in ("/", "/?lang=en", "/login"):
        page = client.get(path).text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
        assert not re.search(r"<script(?! type=\"(?:application/json|module)\")", page)
        assert " style=" not in page
        assert not re.search(r"\son\w+=", page)
    report = client.post("/page/text", json={"text": CALL}).json()
    for part in ("verdict", "reading", "advice"):
        assert "<script" not in report[part]
        assert " style=" not in report[part]
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


HOSTILE = [
    "<script>alert(1)</script>還付金があります",
    '"><img src=x onerror=alert(1)>還付金',
    "{{ 7*7 }}還付金があります",
    "還付金\u202eがあります\x1b[31m",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(client, text):
    answer = client.post(
        "/page/text", json={"utterances": [{"text": text, "speaker": text[:150]}], "name": text}
    ).json()
    csv = client.post(
        "/page/file", files={"file": ("a.jsonl", "\n".join(json.dumps({"text": t}) for t in [text, "はい"]).encode())}
    ).json()
    for part in (answer["verdict"], answer["reading"], answer["advice"], csv["list"]):
        assert "<script" not in part
        assert "<img" not in part
        assert "\u202e" not in part
        assert "\x1b" not in part
        assert "49還" not in part


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[::1", "127.0.0.1@evil.example"]
)
def test_another_host_is_refused(client, host):
    assert client.get("/health", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"])
def test_own_hosts_are_not(client, host):
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"}, {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:8000.evil.example"},
    ],
)  # fmt: skip
def test_another_origin_is_refused(client, headers):
    for path, sent in (("/score", {"json": {"text": SCAM}}), ("/page/text", {"json": {"text": SCAM}}), ("/logout", {})):
        assert client.post(path, headers=headers, **sent).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(MONITOR, headers=headers) as socket:
        socket.receive_json()


def test_the_own_origin_is_not(client):
    answer = client.post("/score", json={"text": SCAM}, headers={"Origin": "http://localhost:8000"})
    assert answer.status_code == 200


def test_without_the_token_nothing_is_served(guarded):
    for path in ("/model", "/openapi.json", "/consult/13"):
        answer = guarded.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert guarded.post("/score", json={"text": SCAM}).status_code == 401
    assert guarded.get("/", follow_redirects=False).headers["location"] == "/login"
    assert guarded.get("/health").status_code == 200
    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer ｔ"}, {"Cookie": "scamtext=x"}, {"Cookie": f"scamtext={TOKEN}"}):  # fmt: skip
        encoded = {name: value.encode() for name, value in headers.items()}
        assert guarded.post("/score", json={"text": SCAM}, headers=encoded).status_code == 401
    assert guarded.post(f"/score?token={TOKEN}", json={"text": SCAM}).status_code == 401
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("ws://desk.example.jp/monitor") as socket:
        socket.receive_json()


def test_with_the_token_a_program_is_served(guarded):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.post("/score", json={"text": SCAM}, headers=headers).status_code == 200
    assert guarded.get("/openapi.json", headers=headers).json()["security"]
    with guarded.websocket_connect("ws://desk.example.jp/monitor", headers=headers) as socket:
        socket.send_json({"text": SCAM})
        assert socket.receive_json()["level"] == "high"


def test_a_browser_logs_in_by_a_form_and_its_cookie_needs_the_own_origin(guarded):
    own = {"Origin": "http://desk.example.jp"}
    wrong = guarded.post("/login", data={"token": CANARY}, headers=own)
    assert wrong.status_code == 401
    assert CANARY not in wrong.text
    assert guarded.post("/login", data={"token": TOKEN}, headers={"Origin": "http://evil.example"}).status_code == 403
    entered = guarded.post("/login", data={"token": TOKEN}, headers=own, follow_redirects=False)
    cookie = entered.headers["set-cookie"]
    assert entered.status_code == 303
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert "scamtext" in guarded.get("/").text
    assert guarded.post("/score", json={"text": SCAM}, headers=own).status_code == 200
    assert guarded.post("/score", json={"text": SCAM}).status_code == 401
    guarded.post("/logout", headers=own)
    guarded.cookies.set("scamtext", re.search("scamtext=([^;]+)", cookie)[1])
    assert guarded.post("/score", json={"text": SCAM}, headers=own).status_code == 401
    guarded.cookies.clear()


def test_too_many_requests_are_told_when_to_come_again(classifier):
    with client_of(classifier, limits=Limits(rate=0.5, burst=3)) as client:
        statuses = [client.get("/health").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        answer = client.get("/health")
        assert 1 <= int(answer.headers["retry-after"]) <= 2


def test_a_bucket_fills_with_time():
    now = [0.0]
    rate = Rate(2.0, 2, lambda: now[0])
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 1]
    assert rate.wait("b") == 0
    now[0] = 0.5
    assert [rate.wait("a"), rate.wait("a")] == [0, 1]


def test_too_much_at_once_is_busy_not_an_error(classifier):
    with client_of(classifier, limits=Limits(waiting=0)) as client:
        answer = client.post("/score", json={"text": SCAM})
        assert answer.status_code == 429
        assert answer.json()["code"] == "busy"
    with client_of(classifier, limits=Limits(held=10)) as client:
        assert client.post("/score", json={"text": SCAM}).json()["code"] == "busy"


def test_a_slow_sender_is_cut_off(classifier):
    import asyncio

    app = create_app(classifier, Settings(limits=Limits(seconds=0.05)))
    sent = []

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/score", "headers": [(b"host", b"localhost")], "query_string": b"", "client": ("1", 1),
        "http_version": "1.1", "scheme": "http", "server": ("localhost", 80),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 408


def test_a_call_goes_on(client, classifier):
    lines = [line.partition(":")[::2] for line in CALL.splitlines()]
    monitor = classifier.monitor(0.01)
    with client.websocket_connect(MONITOR) as socket:
        socket.send_json({"prior": 0.01})
        events = []
        for speaker, said in lines:
            socket.send_json({"text": said, "speaker": speaker, "start": 1.0})
            events.append(socket.receive_json())
            verdict = monitor.feed(Utterance(said, speaker, 1.0))
            assert events[-1]["probability"] == verdict.probability
            assert events[-1]["level"] == verdict.level
    assert [e["utterance"] for e in events] == list(range(1, 8))
    assert [e["reached"] for e in events if e["reached"]][-1] == "high"
    assert any(e["evidence"] for e in events)


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[" * 60_000,
        '"x"',
        f'{{"text": "{CANARY}", "{CANARY}": 1}}',
        f'{{"text": "{CANARY * 1_000}"}}',
        '{"prior": 2}',
    ],
)
def test_a_bad_message_is_refused_and_the_call_goes_on(client, message):
    with client.websocket_connect(MONITOR) as socket:
        socket.send_text(message)
        refusal = socket.receive_json()
        assert refusal["error"] in ("bad_request", "invalid")
        assert "カナリア" not in json.dumps(refusal, ensure_ascii=False)
        socket.send_json({"text": SCAM})
        assert socket.receive_json()["level"] == "high"
        socket.send_json({"prior": 0.5})
        assert socket.receive_json()["error"] == "invalid"


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"utterances": 1}, 4429), ({"idle": 0.05}, 4408), ({"calls": 0}, 1013)],
)
def test_limits_of_a_call(classifier, limits, code):
    with client_of(classifier, limits=Limits(**limits)) as client, client.websocket_connect(MONITOR) as socket:
        if "utterances" in limits:
            for _ in range(2):
                socket.send_json({"text": SCAM})
            socket.receive_json()
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
        assert ended.value.code == code


def test_a_fast_recogniser_waits_and_loses_nothing(classifier):
    with (
        client_of(classifier, limits=Limits(rate=20.0, burst=2)) as client,
        client.websocket_connect(MONITOR) as socket,
    ):
        for _ in range(10):
            socket.send_json({"text": SCAM})
        assert [socket.receive_json()["utterance"] for _ in range(10)] == list(range(1, 11))


def test_bytes_end_a_call(client):
    with client.websocket_connect(MONITOR) as socket:
        socket.send_bytes(b"x")
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
        assert ended.value.code == 1003


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"host": "0.0.0.0"}, "token"), ({"host": "192.0.2.7"}, "token"), ({"host": "example.jp"}, "token"), ({"token": "short"}, "16"),
        ({"token": "with blanks in the token"}, "blanks"), ({"host": "0.0.0.0", "token": TOKEN}, "--name"), ({"key": CASES}, "TLS"),
    ],
)  # fmt: skip
def test_unsafe_settings_are_refused(settings, told):
    with pytest.raises(ServiceError, match=told):
        Settings(**settings)


def test_the_token_comes_from_a_file_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    assert read_token(tmp_path / "token") == TOKEN
    monkeypatch.setenv("SCAMTEXT_TOKEN", "from-the-environment")
    assert read_token(None) == "from-the-environment"
    with pytest.raises(ServiceError, match="empty"):
        read_token(tmp_path / "empty")
    assert TOKEN not in repr(Settings(token=TOKEN))


def test_the_command_refuses_an_open_address_in_one_line(capsys, monkeypatch):
    from classifier.cli import main

    monkeypatch.delenv("SCAMTEXT_TOKEN", raising=False)
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_clients_that_go_away_do_not_end_the_service(tmp_path):
    """Over a real socket: connections are reset in the middle of requests, calls and answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "classifier.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    body = json.dumps({"text": CANARY * 2_000}).encode()
    request = (
        b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    upgrade = (
        b"GET /monitor HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    said = json.dumps({"text": CANARY * 100}).encode()
    frames = (b"\x81\xfe" + struct.pack(">H", len(said)) + bytes(4) + said) * 20
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        broken = b"\x81\x82\0\0\0\0\xff\xfe"
        for first, then in (
            (request + body, b""),
            (request + body[:100], b""),
            (request[:40], b""),
            (upgrade, frames),
            (upgrade, broken),
        ) * 8:
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(first)
            if then:
                client.recv(1_000)
                client.sendall(then)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/health")
        assert answer.status == 200
    finally:
        server.terminate()
        told = server.communicate()[1].decode()
    assert "0 errors" in told
    assert "カナリア" not in told
    assert "Traceback" not in told


def test_a_broken_pipe_does_not_end_the_service(classifier, monkeypatch):
    """The command ends at one, as `scamtext score … | head` should; an aborted call once ended the service with it."""
    import signal

    from classifier.service import server

    seen = []
    monkeypatch.setattr("uvicorn.run", lambda *_, **options: seen.append((signal.getsignal(signal.SIGPIPE), options)))
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        server.serve(classifier, Settings())
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert seen[0][0] is signal.SIG_IGN
    assert seen[0][1]["access_log"] is False


def test_more_routers_stand_behind_the_guard(classifier):
    from fastapi import APIRouter

    more = APIRouter()

    @more.get("/feedback")
    def feedback() -> dict[str, int]:
        return {"kept": 0}

    with TestClient(create_app(classifier, Settings(limits=FREE), [more]), base_url="http://localhost") as client:
        assert client.get("/feedback").json() == {"kept": 0}
        assert client.get("/feedback", headers={"Host": "evil.example"}).status_code == 400
