"""POST /feedback inside the service: behind its guard, in its words, and through a kill of the real process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from conftest import ROOT

from classifier.cli import main
from classifier.feedback import Correction, FeedbackStore
from classifier.taxonomy import CHANNELS, labels

pytest.importorskip("fastapi", reason="needs the extra: pip install 'scamtext[service]'")
from starlette.testclient import TestClient

from classifier.service.app import create_app
from classifier.service.settings import Settings

SERVER = """
import sys, uvicorn
from classifier import ScamClassifier
from pathlib import Path
from classifier.service.app import create_app
from classifier.service.settings import Limits, Settings
port, path = int(sys.argv[1]), Path(sys.argv[2])
settings = Settings(port=port, limits=Limits(rate=10_000.0), feedback=path)
uvicorn.run(create_app(ScamClassifier.load(), settings), port=port, log_level="warning")
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(port, content):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/feedback", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def test_what_a_killed_service_had_answered_is_stored(tmp_path):
    port, path = free_port(), tmp_path / "feedback.sqlite"
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(path)], cwd=ROOT)
    content = '{"label": "scam", "scam_type": "refund", "consent": true, "text": "還付金の手続きで090-1234-5678へ"}'.encode()
    told, tried = [], time.monotonic() + 60
    while not told and time.monotonic() < tried:
        try:
            told.append(post(port, content))
        except OSError:
            time.sleep(0.1)

    def keep_posting():
        try:
            while True:
                told.append(post(port, content))
        except (OSError, ValueError):  # killed
            return

    threads = [threading.Thread(target=keep_posting) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(told) < 40 and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    process.wait()
    stored = list(FeedbackStore(path).corrections())
    answered = {found[1] for found in (re.search(r'"id":"([0-9a-f]{32})"', answer) for answer in told) if found}
    assert len(answered) == len(told) >= 40
    assert answered <= {correction.id for correction in stored}
    assert len(stored) <= len(told) + len(threads)
    assert all("090" not in correction.text for correction in stored)


def client_of(classifier, feedback):
    app = create_app(classifier, Settings(feedback=feedback))
    return TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False)


SCAM = "還付金がありますので、本日中に携帯電話を持ってATMへ行き、私の言うとおりに操作してください"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_offers_every_label_and_says_what_is_stored(classifier, tmp_path, lang):
    with client_of(classifier, tmp_path / "feedback.sqlite") as client:
        whole = client.get(f"/?lang={lang}").text.partition("<body>")[2]
        form = client.post("/page/text", json={"text": SCAM, "lang": lang}).json()["correction"]
        described = client.get("/openapi.json").json()
    assert ("文面は同意したときだけ保存されます" if lang == "ja" else "the text only if you consent") in whole
    assert ("保存も記録もされません" if lang == "ja" else "neither stored nor logged") not in whole
    names = dict(re.findall(r'<option value="(\w+)">([^<]+)</option>', form))
    assert set(names) >= {*labels("scam_types"), *labels("benign_domains"), *CHANNELS}
    assert all(names[label] != label for group in ("scam_types", "benign_domains") for label in labels(group))
    assert 'name="consent"' in form
    assert not re.search(r'name="consent"[^>]*checked', form)
    assert "Nothing is stored" not in described["info"]["description"]
    assert {"/feedback", "/feedback/masked", "/feedback/{identifier}"} <= set(described["paths"])
    assert {"413", "422", "503"} <= set(described["paths"]["/feedback"]["post"]["responses"])


def test_without_a_file_nothing_is_offered(classifier):
    with client_of(classifier, None) as client:
        assert "保存も記録もされません" in client.get("/").text
        answer = client.post("/page/text", json={"text": SCAM}).json()
        assert "correction" not in answer
        assert "#correction" not in answer["verdict"]
        assert client.post("/feedback", json={"label": "scam"}).status_code == 404
        assert "Nothing is stored" in client.get("/openapi.json").json()["info"]["description"]


def test_what_is_sent_is_stored_behind_the_guard(classifier, tmp_path):
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    with client_of(classifier, store.path) as client:
        sent = {"label": "scam", "scam_type": "refund", "consent": True, "text": "佐藤さん、" + SCAM}
        assert client.post("/feedback", json=sent, headers={"Origin": "http://evil.example"}).status_code == 403
        assert list(store.corrections()) == []
        answer = client.post("/feedback", json=sent)
        assert answer.json() == {"id": answer.json()["id"], "text_stored": True, "redacted": True}
        assert [c.text for c in store.corrections()] == ["●●さん、" + SCAM]
        assert client.delete(f"/feedback/{answer.json()['id']}", headers={"Host": "evil.example"}).status_code == 400
        assert client.delete(f"/feedback/{answer.json()['id']}").status_code == 204
    assert list(store.corrections()) == []


def test_a_file_that_is_gone_is_told_without_its_name(classifier, tmp_path, capsys):
    path = tmp_path / "feedback.sqlite"
    with client_of(classifier, path) as client:
        path.rename(tmp_path / "elsewhere.sqlite")
        answer = client.post("/feedback", json={"label": "scam", "consent": True, "text": SCAM})
        assert (answer.status_code, answer.json()["code"]) == (503, "feedback_failed")
        assert str(tmp_path) not in answer.text
        assert client.post("/score", json={"text": SCAM}).status_code == 200
    told = capsys.readouterr().err
    assert f"{path}: No such file" in told
    assert SCAM not in told


def test_the_command_refuses_another_file_in_one_line(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("notes", encoding="utf-8")
    assert main(["serve", "--feedback", str(tmp_path / "notes.txt")]) == 1
    assert re.fullmatch(r"scamtext: .*notes\.txt: not an SQLite file.*\n", capsys.readouterr().err)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "notes"


def test_a_call_that_was_stored_becomes_turns(tmp_path, capsys):
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    store.add(Correction("scam", "refund", text="相手: 還付金があります\n本人: はい\n相手: ATMへ行ってください"))
    assert main(["review", str(store.path), "--export", str(tmp_path / "out.jsonl")]) == 0
    (record,) = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert [turn["speaker"] for turn in record["turns"]] == ["caller", "callee", "caller"]
    assert (record["text"], record["unit"]) == ("還付金があります\nはい\nATMへ行ってください", "transcript")
