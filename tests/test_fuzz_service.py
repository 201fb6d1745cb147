"""Bodies that nobody would send: never an error inside, the same answer twice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from strategies import SCAM, examples, text

from classifier.service.app import create_app
from classifier.service.settings import Limits, Settings

BODIES = [
    {"text": SCAM, "prior": 0.01},
    {"utterances": [{"text": SCAM, "speaker": "A", "start": 0.0}], "name": "a"},
    {"texts": [SCAM, "はい"]},
]
ENDS = [b"", b"{", b"]", b'"', b"\\ud800", b"\xff", b"\0", b"NaN", b"1e999", b"-", b"9" * 5_000, b"[" * 5_000, b'{"text":' * 2_000]
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["text", "texts", "utterances", "prior", "speaker", "start", "x"]), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip
damaged = st.tuples(st.sampled_from(BODIES), st.floats(0, 1), st.sampled_from(ENDS), st.booleans()).map(
    lambda d: (b := json.dumps(d[0]).encode())[: int(d[1] * len(b))] + d[2] + (b[int(d[1] * len(b)) :] if d[3] else b"")
)
body = st.one_of(st.binary(max_size=300), damaged, values.map(lambda value: json.dumps(value).encode()))
KINDS = ["application/json", "text/plain", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "x", ""]
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.%s"\r\n\r\n%s\r\n--b--\r\n'


@pytest.fixture(scope="module")
def client(classifier):
    app = create_app(classifier, Settings(limits=Limits(rate=1e6, burst=1_000_000)))
    with TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False) as client:
        yield client


def answered_alike(client, path, content, kind):
    first, second = (client.post(path, content=content, headers={"Content-Type": kind}) for _ in range(2))
    assert first.status_code in (200, 400, 413, 415, 422)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    if first.status_code != 200:
        assert set(first.json()) == {"code", "message", "where"}


@examples(400)
@given(st.sampled_from(["/score", "/score/batch", "/score/file", "/page/text"]), body, st.sampled_from(KINDS[:1] * 6 + KINDS))
def test_bodies(client, path, content, kind):
    answered_alike(client, path, content, kind)


@examples(150)
@given(st.sampled_from([b"txt", b"csv", b"json", b"eml", b"srt", b"xlsx", b"\xff"]), st.one_of(body, text.map(lambda t: t.encode("utf-8", "replace"))))
def test_files(client, ending, content):
    answered_alike(client, "/score/file", FORM % (ending, content), "multipart/form-data; boundary=b")
