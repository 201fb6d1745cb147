"""A tab of Debian's Chromium that remembers, and a served page to open in it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALL = (ROOT / "tests" / "cases" / "texts" / "fake_police_call.txt").read_text(encoding="utf-8")
HONEST = (ROOT / "tests" / "cases" / "texts" / "honest_bank_notice.txt").read_text(encoding="utf-8")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-quic",
]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@contextmanager
def launched():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def served(*arguments, **environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "classifier.cli", "serve", "--port", str(port), *arguments]
    server = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, env={**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    )
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health")
            return server, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise RuntimeError("the server did not start")


class Tab:
    """A page that remembers what it said and whom it asked."""

    def __init__(self, browser, address, **context):
        self.context = browser.new_context(locale="ja-JP", accept_downloads=True, **context)
        self.page, self.said, self.asked = self.context.new_page(), [], []
        self.page.on(
            "console", lambda message: self.said.append(message.text) if message.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)


def paste(page, text):
    page.evaluate(
        """(text) => {
          const area = document.getElementById("text");
          area.focus();
          const carried = new DataTransfer();
          carried.setData("text/plain", text);
          area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carried, bubbles: true}));
          area.value = text;
        }""",
        text,
    )
    page.wait_for_selector(".hero .figure b")


def drop(page, path, mime="application/octet-stream"):
    page.evaluate(
        """([bytes, name, type]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(bytes)], name, {type}));
          for (const kind of ["dragenter", "dragover", "drop"]) {
            document.querySelector("main").dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
          }
        }""",
        [list(path.read_bytes()), path.name, mime],
    )


def axe(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return [
        (v["id"], [n["target"] for n in v["nodes"]][:3])
        for v in found.response["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@contextmanager
def opening(browser, address, borne=(), other=()):
    """Opens tabs; in the end none has said more than the `borne` statuses, or asked anybody but the server (and `other`)."""
    tabs = []

    def opened(**context):
        context.setdefault("viewport", DESK)
        tabs.append(Tab(browser, address, **context))
        return tabs[-1].page

    yield opened
    for tab in tabs:
        tab.context.close()
        assert [line for line in tab.said if not any(status in line for status in borne)] == []
        assert {url for url in tab.asked if not url.startswith((address, *other))} == set()
