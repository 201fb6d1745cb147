"""Edges of the service: what is forgotten first, odd cookies, certificates, a model without metrics."""

import shutil

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from classifier import ScamClassifier, TranscriptError
from classifier.errors import ColumnError, ModelError, ServiceError, UnknownPrefectureError
from classifier.scam import shipped_model
from classifier.service import rate as rates
from classifier.service import sessions as opened
from classifier.service import view
from classifier.service.app import create_app
from classifier.service.feedback import CorrectionSent
from classifier.service.rate import Rate
from classifier.service.refusals import refusal_of
from classifier.service.sessions import COOKIE, Sessions
from classifier.service.settings import Settings, is_local, read_token

TEXT = "還付金がありますので、本日中に携帯電話を持ってATMへ行き、私の言うとおりに操作してください"


def cookie(value):
    return Headers({"cookie": f"{COOKIE}={value}", "origin": "http://localhost"})


def test_the_oldest_session_ends_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(opened, "_MOST", 2)
    sessions = Sessions("token")
    first, second, third = (sessions.begin() for _ in range(3))
    admitted = [sessions.admits(cookie(name), needs_origin=True) for name in (first, second, third)]
    assert admitted == [False, True, True]
    sessions.end(cookie(second))
    assert not sessions.admits(cookie(second), needs_origin=True)


def test_a_session_ends_with_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(opened.time, "monotonic", lambda: now[0])
    sessions = Sessions("token")
    name = sessions.begin()
    assert sessions.admits(cookie(name), needs_origin=True)
    now[0] = opened.LIFE + 1.0
    assert not sessions.admits(cookie(name), needs_origin=True)


@pytest.mark.parametrize("header", ["", "x", "scamtext", "\x01=y; scamtext=z", "a b=c; scamtext=\x7f", "expires=="])
def test_a_cookie_that_is_none_opens_nothing(header):
    sessions = Sessions("token")
    sessions.begin()
    assert not sessions.admits(Headers({"cookie": header}), needs_origin=False)


def test_the_client_that_was_silent_longest_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(rates, "_MOST_CLIENTS", 2)
    rate = Rate(0.001, 1, lambda: 0.0)
    assert [rate.wait(name) for name in ("a", "b")] == [0, 0]
    assert rate.wait("a") > 0  # and is the one heard last
    assert rate.wait("c") == 0
    assert rate.wait("a") > 0
    assert rate.wait("b") == 0  # forgotten, so it has a new bucket


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("desk.example", False)],
)
def test_which_addresses_are_of_this_machine(host, local):
    assert is_local(host) == local


@pytest.mark.parametrize(("content", "told"), [(b"\xff\xfe\x00", "not a text file"), (b"", "empty"), (b" \nx", "empty")])
def test_a_token_file_that_holds_none(tmp_path, content, told):
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(ServiceError, match=told):
        read_token(tmp_path / "token")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ColumnError("a: 還付金"), "no_column"), (UnknownPrefectureError("x"), "unknown_prefecture"),
        (TranscriptError("blank"), "nothing_to_score"), (ModelError("gone"), "internal"),
    ],
)  # fmt: skip
def test_each_error_of_the_library_is_a_refusal_without_its_words(error, code):
    refusal = refusal_of(error)
    assert refusal.code == code
    assert str(error) not in (refusal.told or "")


def test_a_certificate_binds_browsers_to_it(classifier, tmp_path):
    for certificate in (None, tmp_path / "c.pem"):
        settings = Settings(certificate=certificate, key=certificate)
        with TestClient(create_app(classifier, settings), base_url="https://localhost") as client:
            found = client.get("/health").headers.get("strict-transport-security")
            assert (found == "max-age=31536000") == (certificate is not None)


def test_a_model_whose_metrics_are_damaged_still_scores(tmp_path):
    folder = shutil.copytree(shipped_model(), tmp_path / "m")
    (folder / "metrics.json").write_bytes(b"{")
    with TestClient(create_app(ScamClassifier.load(folder), Settings(model=folder)), base_url="http://localhost") as client:
        assert client.get("/model").json()["metrics"] is None
        assert client.post("/score", json={"text": TEXT}).json()["level"] == "high"


def test_a_place_that_is_no_row_is_shown_as_it_is():
    assert view._row("a.xlsx: \x1b[31m damaged", "ja") == view.visible("a.xlsx: \x1b[31m damaged")
    assert view._row("a.xlsx: row 4: no text", "ja").startswith("4")


@pytest.mark.parametrize(
    "sent",
    [
        {"label": "scam", "domain": "bank"}, {"label": "benign", "scam_type": "refund"}, {"label": "benign", "tactics": ["urgency"]},
        {"label": "scam", "scam_type": "refunds"}, {"label": "scam", "consent": True}, {"label": "scam", "consent": True, "text": " "},
    ],
)  # fmt: skip
def test_a_correction_at_odds_with_itself_is_refused(sent):
    with pytest.raises(ValueError, match=r"label|honest|domain|consent"):
        CorrectionSent.model_validate(sent)
    CorrectionSent.model_validate({"label": "scam", "scam_type": "refund", "tactics": ["urgency"]})


def test_a_pasted_text_of_nothing_but_signs_is_taken_as_it_is(classifier):
    with TestClient(create_app(classifier, Settings()), base_url="http://localhost") as client:
        headers = {"origin": "http://localhost"}
        answer = client.post("/page/text", json={"text": "WEBVTT\n\n00:99 --> x"}, headers=headers)
        assert answer.status_code == 200


