"""POST /feedback inside the service: behind its guard, in its words, and through a kill of the real process."""

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

from classifier.feedback import FeedbackStore

pytest.importorskip("classifier.service.app")

SERVER = """
import sys, uvicorn
from classifier import ScamClassifier
from classifier.feedback import FeedbackStore
from classifier.service.app import create_app
from classifier.service.feedback import feedback_router
from classifier.service.settings import Limits, Settings
port, path = int(sys.argv[1]), sys.argv[2]
settings = Settings(port=port, limits=Limits(rate=10_000.0))
app = create_app(ScamClassifier.load(), settings, more=[feedback_router(FeedbackStore(path))])
uvicorn.run(app, port=port, log_level="warning")
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
