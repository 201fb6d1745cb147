"""Who may ask a service that other machines reach, and what every answer tells the browser."""

import re

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from classifier.service.app import create_app
from classifier.service.settings import Limits, Settings

TOKEN = "correct-horse-battery"
SITE = "https://desk.example.jp"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
BODY = {"json": {"text": "還付金がありますのでATMへ行ってください"}}
EVERYWHERE = [
    ("GET", "/"), ("GET", "/model"), ("GET", "/openapi.json"), ("GET", "/consult"), ("GET", "/consult/13"), ("GET", "/page/consult/13"),
    ("POST", "/score"), ("POST", "/score/batch"), ("POST", "/score/file"), ("POST", "/page/text"), ("POST", "/page/file"), ("GET", "/nothing"),
]  # fmt: skip
NO_TOKEN = [
    {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer " + TOKEN[:-1]}, {"Authorization": "Bearer " + TOKEN + "x"},
    {"Authorization": "Basic " + TOKEN}, {"Authorization": TOKEN}, {"Cookie": f"scamtext={TOKEN}"}, {"Cookie": "scamtext="}, {"X-Token": TOKEN},
    {"Authorization": "Bearer " + TOKEN.upper()}, {"Cookie": f"token={TOKEN}"}, {"Proxy-Authorization": f"Bearer {TOKEN}"},
]  # fmt: skip
OTHERS = ["https://evil.example", "null", "http://desk.example.jp:81", "https://desk.example.jp.evil.example", "https://evil.example/desk.example.jp", "file://", ""]  # fmt: skip


@pytest.fixture(scope="module", params=["192.0.2.7", "0.0.0.0", "::"])
def service(request, classifier):
    """Reached from other machines; a path stands for a certificate, whose file is not read here."""
    settings = Settings(
        host=request.param, names=("desk.example.jp",), token=TOKEN, limits=Limits(rate=1e6, burst=1_000_000)
    )
    with TestClient(create_app(classifier, settings), base_url=SITE, raise_server_exceptions=False) as client:
        yield client


def ask(service, method, path, headers):
    encoded = {name: value.encode() for name, value in headers.items()}
    return service.request(method, path, headers=encoded, follow_redirects=False, **(BODY if method == "POST" else {}))


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_nothing_is_told_without_the_token(service, method, path):
    for headers in NO_TOKEN:
        answer = ask(service, method, path, headers)
        assert (answer.status_code, answer.headers.get("location")) in ((401, None), (303, "/login")), headers
        assert answer.status_code == 401 or path == "/"
    for query in (f"token={TOKEN}", f"access_token={TOKEN}", f"authorization=Bearer%20{TOKEN}"):
        answer = ask(service, method, f"{path}?{query}", {})
        assert answer.status_code in (401, 303)
        assert TOKEN not in answer.text + str(answer.headers)


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
@pytest.mark.parametrize("host", ["evil.example", "192.0.2.8", "localhost", "127.0.0.1", "0.0.0.1", "desk.example.jp.evil.example", "evil.example#desk.example.jp", ""])  # fmt: skip
def test_another_host_is_refused_even_with_the_token(service, method, path, host):
    """A page elsewhere whose name was pointed here (DNS rebinding) has another name in the Host header."""
    answer = ask(service, method, path, {**BEARER, "Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_host")


@pytest.mark.parametrize("origin", OTHERS)
def test_another_site_cannot_ask_in_the_name_of_a_browser(service, origin):
    """Neither with the token, nor with a cookie that the browser holds."""
    own = service.post("/login", data={"token": TOKEN}, headers={"Origin": SITE}, follow_redirects=False)
    cookie = {"Cookie": re.search("scamtext=[^;]+", own.headers["set-cookie"])[0]}
    service.cookies.clear()
    assert ask(service, "POST", "/score", {**cookie, "Origin": SITE}).status_code == 200
    for shown in (BEARER, cookie):
        for path in ("/score", "/score/batch", "/score/file", "/page/text", "/page/file", "/login", "/logout"):
            assert ask(service, "POST", path, {**shown, "Origin": origin}).status_code == 403
        with (
            pytest.raises(WebSocketDisconnect) as ended,
            service.websocket_connect("wss://desk.example.jp/monitor", headers={**shown, "Origin": origin}) as socket,
        ):
            socket.receive_json()
        assert ended.value.code == 1008
    assert ask(service, "POST", "/score", {**cookie, "Origin": SITE}).status_code == 200  # nobody was logged out


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("wss://desk.example.jp/monitor", {}),
        ("wss://desk.example.jp/monitor", {"Authorization": "Bearer wrong"}),
        (f"wss://desk.example.jp/monitor?token={TOKEN}", {}),
        ("wss://desk.example.jp/monitor", {"Sec-WebSocket-Protocol": TOKEN}),
        ("wss://evil.example/monitor", BEARER),
    ],
)
def test_a_live_call_needs_the_same(service, address, headers):
    with (
        pytest.raises(WebSocketDisconnect) as ended,
        service.websocket_connect(address, headers=headers) as socket,
    ):
        socket.receive_json()
    assert ended.value.code == 1008


def test_every_answer_carries_the_policy(service):
    """The good ones, the refusals, the pages, the files and the report that is saved."""
    shown = [ask(service, method, path, headers) for method, path in EVERYWHERE for headers in ({}, BEARER, {"Host": "evil.example"})]  # fmt: skip
    shown += [ask(service, "POST", "/score", {**BEARER, "Accept": "text/html"}), ask(service, "GET", "/login", {})]
    shown += [ask(service, "GET", f"/static/{name}", {}) for name in ("page.js", "page.css", "../app.py", "%2e%2e/app.py", "nothing")]  # fmt: skip
    assert {answer.status_code for answer in shown} >= {200, 303, 400, 401, 404, 415}
    for answer in shown:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert {policy["script-src"], policy["style-src"], policy["connect-src"], policy["form-action"]} == {"'self'"}
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
        assert answer.headers["cache-control"] == "no-store" or answer.request.url.path.startswith("/static/")
