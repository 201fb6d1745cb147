"""Corrections are stored whole or not at all, by many writers, through kills; texts only with consent, for the owner only."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from conftest import ROOT
from fastapi import FastAPI
from fastapi.testclient import TestClient

from classifier import UnknownLabelError
from classifier.errors import FeedbackError
from classifier.feedback import Correction, FeedbackStore
from classifier.service.feedback import feedback_router

TEXT = "佐藤さん、090-1234-5678へ三百万円を振り込んでください"
WRITER = """
import sys
from classifier.feedback import Correction, FeedbackStore
store = FeedbackStore(sys.argv[1])
for number in range(int(sys.argv[2])):
    print(store.add(Correction("scam", "refund", text=f"{sys.argv[3]} {number} " + "還付金" * 200)), flush=True)
"""


def writer(path, count, name):
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(count), name], cwd=ROOT, stdout=subprocess.PIPE,
                            text=True)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return FeedbackStore(tmp_path / "feedback.sqlite")


@pytest.fixture
def client(store):
    app = FastAPI()
    app.include_router(feedback_router(store))
    return TestClient(app)


def test_many_processes_write_at_once_from_the_first_moment(tmp_path):
    path = tmp_path / "feedback.sqlite"
    writers = [writer(path, 40, name) for name in "abcde"]
    told = [line for process in writers for line in process.communicate(timeout=120)[0].split()]
    assert [process.returncode for process in writers] == [0] * 5
    stored = list(FeedbackStore(path).corrections())
    assert {correction.id for correction in stored} == set(told)
    assert len(stored) == len({correction.text for correction in stored}) == 200
    assert sorted(p.name for p in tmp_path.iterdir()) == ["feedback.sqlite"]


def test_threads_share_a_store(store):
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda n: store.add(Correction("benign", text=f"夕飯 {n}")), range(80)))
    assert {correction.id for correction in store.corrections()} == set(told)


@pytest.mark.parametrize("moment", range(6))
def test_what_a_killed_server_had_answered_is_there(tmp_path, moment):
    path = tmp_path / "feedback.sqlite"
    process, other = writer(path, 100_000, "killed"), writer(path, 20, "other")
    told = [process.stdout.readline().strip() for _ in range(3 + 7 * moment)]
    time.sleep(moment / 500)
    os.kill(process.pid, signal.SIGKILL)
    told += process.communicate()[0].split("\n")[:-1]  # all lines that were ended
    told += other.communicate(timeout=60)[0].split()
    assert process.returncode == -signal.SIGKILL
    assert other.returncode == 0
    store = FeedbackStore(path)
    stored = list(store.corrections())
    assert set(told) <= {correction.id for correction in stored}
    assert len(stored) <= len(told) + 1  # stored, killed before it was told
    assert all(correction.text.endswith("還付金") for correction in stored)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert store.add(Correction("scam"))


def test_a_creator_that_is_killed_leaves_no_half_file(tmp_path):
    for wait in range(0, 60, 12):
        process = writer(tmp_path / "feedback.sqlite", 1, "x")
        time.sleep(wait / 100)
        process.kill()
        process.communicate()
        FeedbackStore(tmp_path / "feedback.sqlite").add(Correction("scam"))
    assert len(list(FeedbackStore(tmp_path / "feedback.sqlite").corrections())) >= 5


def test_only_the_owner_reads_it(tmp_path):
    before = os.umask(0)
    try:
        path = tmp_path / "feedback.sqlite"
        store = FeedbackStore(path)
        with closing(sqlite3.connect(path)) as reader, reader:  # keeps the journal open
            reader.execute("SELECT * FROM correction").fetchall()
            store.add(Correction("scam", text=TEXT))
            files = sorted(tmp_path.iterdir())
            assert len(files) == 3
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        path.chmod(0o644)
        FeedbackStore(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_the_table_itself_refuses_a_text_without_consent(store):
    with closing(sqlite3.connect(store.path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(
            "INSERT INTO correction (id, created, label, tactics, consent, redacted, text) VALUES ('a', 'b', 'scam', '[]', 0, 0, 'x')"
        )


def test_what_is_withdrawn_is_gone_from_the_disk(store):
    kept = store.add(Correction("benign", text="夕飯は先に食べてて"))
    gone = store.add(Correction("scam", text=TEXT * 50))
    assert store.withdraw(gone)
    assert not store.withdraw(gone)
    assert [correction.id for correction in store.corrections()] == [kept]
    assert all("振り込んで".encode() not in file.read_bytes() for file in store.path.parent.iterdir())


def test_a_correction_comes_back_as_it_was(store):
    correction = Correction("scam", "refund", None, ("urgency",), "phone", TEXT, True, "low", -1.5, "model:x@1|data:y")
    store.add(correction)
    assert list(store.corrections()) == [correction]


def test_the_same_id_is_stored_once(store):
    correction = Correction("scam", text=TEXT)
    assert store.add(correction) == store.add(correction)
    assert len(list(store.corrections())) == 1


def test_lone_surrogates_and_nul_are_stored(store):
    store.add(Correction("scam", text="還付\ud800金\0です"))
    assert next(store.corrections()).text == "還付?金\0です"


WRONG = [
    ({"label": "maybe"}, UnknownLabelError),
    ({"label": "scam", "scam_type": "還付"}, UnknownLabelError),
    ({"label": "scam", "tactics": ("x",)}, UnknownLabelError),
    ({"label": "scam", "channel": "x"}, UnknownLabelError),
    ({"label": "scam", "domain": "bank"}, FeedbackError),
    ({"label": "benign", "scam_type": "refund"}, FeedbackError),
    ({"label": "scam", "text": " "}, FeedbackError),
    ({"label": "scam", "text": "長" * 100_001}, FeedbackError),
]


@pytest.mark.parametrize(("values", "error"), WRONG)
def test_what_cannot_be_is_refused_without_the_words(values, error):
    with pytest.raises(error) as caught:
        Correction(**values)
    assert "長" not in str(caught.value)
    assert "還付" not in str(caught.value)


def test_other_files_are_left_alone(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"notes")
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    for name, message in (("a.txt", "not an SQLite file"), ("b.sqlite", "another program"), ("no/c.sqlite", "No such file")):
        with pytest.raises(FeedbackError, match=message):
            FeedbackStore(tmp_path / name)
    with pytest.raises(FeedbackError, match="no such file"):
        FeedbackStore(tmp_path / "d.sqlite", create=False)
    assert (tmp_path / "a.txt").read_bytes() == b"notes"


def test_a_newer_format_is_told(store):
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(FeedbackError, match="format 9"):
        FeedbackStore(store.path)


def test_a_full_store_says_so_and_keeps_what_it_has(store, monkeypatch):
    kept = store.add(Correction("scam", text=TEXT))
    monkeypatch.setattr("classifier.feedback.MOST_BYTES", 8 * 4096)
    store.add(Correction("scam", text="還付金"))
    with pytest.raises(FeedbackError, match="full"):
        store.add(Correction("scam", text="還付金" * 30_000))
    assert next(store.corrections()).id == kept


def test_without_consent_no_text_is_stored(client, store):
    answer = client.post("/feedback", json={"label": "benign", "text": TEXT, "level": "high", "log_odds": 2.5})
    assert answer.status_code == 201
    assert answer.json()["text_stored"] is False
    stored = next(store.corrections())
    assert (stored.text, stored.level, stored.log_odds) == (None, "high", 2.5)
    assert all("振り込".encode() not in file.read_bytes() for file in store.path.parent.iterdir())


def test_masks_unless_declined(client, store):
    sent = {"label": "scam", "scam_type": "refund", "tactics": ["urgency"], "channel": "phone", "consent": True, "text": TEXT}
    assert client.post("/feedback", json=sent).json()["redacted"] is True
    assert client.post("/feedback", json={**sent, "redact": False}).json()["redacted"] is False
    masked, plain = sorted(store.corrections(), key=lambda correction: not correction.redacted)
    assert masked.text == client.post("/feedback/masked", json={"text": TEXT}).json()["text"]
    assert "090" not in masked.text
    assert "佐藤" not in masked.text
    assert plain.text == TEXT


def test_a_repeated_request_is_stored_once_and_can_be_taken_back(client, store):
    sent = {"label": "scam", "consent": True, "text": TEXT, "id": "0" * 32}
    assert client.post("/feedback", json=sent).json() == client.post("/feedback", json=sent).json()
    assert len(list(store.corrections())) == 1
    assert client.delete("/feedback/" + "0" * 32).status_code == client.delete("/feedback/" + "1" * 32).status_code == 204
    assert list(store.corrections()) == []


SECRET = "秘密の文面"
INVALID = [
    {"label": SECRET},
    {"label": "scam", "text": [SECRET], "consent": True},
    {"label": "scam", SECRET: 1},
    {"label": "scam", "scam_type": SECRET},
    {"label": "scam", "tactics": [SECRET]},
    {"label": "benign", "scam_type": "refund", "text": SECRET},
    {"label": "scam", "consent": True, "text": SECRET * 30_000},
    {"label": "scam", "consent": True, "text": "  "},
    {"label": "scam", "signature": SECRET},
    {"label": "scam", "id": SECRET},
    {"label": "scam", "log_odds": SECRET},
    [SECRET],
    SECRET,
]


@pytest.mark.parametrize("sent", INVALID, ids=range(len(INVALID)))
def test_validation_never_echoes_what_was_sent(client, store, sent):
    answer = client.post("/feedback", json=sent)
    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert json.dumps(SECRET)[1:-1] not in answer.text
    assert list(store.corrections()) == []


def test_broken_json_is_not_echoed(client):
    answer = client.post("/feedback", content=('{"label": "' + SECRET).encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert SECRET not in client.delete("/feedback/" + SECRET).text
