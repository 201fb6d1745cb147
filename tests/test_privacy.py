"""A text that went through every command and endpoint, well or badly, is where it was asked for and nowhere else."""

import json
import os
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT

from classifier.cli import main
from classifier.whole import PARTIAL, whole

CANARY = "カナリア還付金があります。本日中にATMへ行き秘密の番号を言うとおりに押してくださいcanary-7f3a9c"  # longer than any name
TRACES = [
    form
    for word in ("カナリア", "canary-7f3a9c")
    for form in (word.encode(), word.encode("cp932"), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode())
]
RUN_ALL = """
import contextlib, io, json, logging, sys, warnings
from classifier.cli import main
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
warnings.simplefilter("always")
done = []
for arguments, given in json.load(open(sys.argv[1], encoding="utf-8")):
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    print("running", arguments[0], file=sys.stderr)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = ended.code
    done.append((status, out.getvalue()))
json.dump(done, open(sys.argv[2], "w", encoding="utf-8"))
"""


def traces(content):
    return [form for form in TRACES if form in content]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def place(tmp_path):
    """Folders for the texts, for what is asked for, and those where nothing may be left."""
    for name in ("texts", "out", "temporary", "home", "here"):
        (tmp_path / name).mkdir()
    return tmp_path


def environment(place):
    own = {name: str(place / "temporary") for name in ("TMPDIR", "TEMP", "TMP", "JOBLIB_TEMP_FOLDER")}
    return {**os.environ, **own, "HOME": str(place / "home"), "MPLCONFIGDIR": str(place / "home"), "PYTHONPATH": str(ROOT)}


def write_texts(folder):
    """Good files and bad ones of every format, all with the canary."""
    say = CANARY
    good = {
        "a.txt": f"相手: {say}\n本人: はい", "a.csv": f"番号,本文\n1,{say}\n2,\n", "a.jsonl": json.dumps({"text": say}) + "\n" + json.dumps({"text": ""}),
        "a.srt": f"1\n00:00:01,000 --> 00:00:02,000\n{say}\n", "a.vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n{say}\n",
        "a.json": json.dumps({"segments": [{"start": 0, "end": 1, "text": say}]}),
        "a.eml": f"Subject: {say}\nContent-Type: text/html; charset=utf-8\n\n<p>{say}</p>",
        "url.eml": f"Subject: x\nContent-Type: text/html; charset=utf-8\n\nhttps://example.com/{say}",
        "calls.csv": f"通話,話者,秒,本文\n{say},{say},{say},{say}\n,{say},1,{say}\n",
    }  # fmt: skip
    bad = {
        "headless.csv": f"{say},x\n{say},y\n", "wide.csv": f"本文\n{say},{say},{say}\n", "quote.csv": f'本文\n"{say}\n', "broken.jsonl": f'{{"text": "{say}\n{say}\n',
        "cell.jsonl": json.dumps({"text": {"a": say}}), "other.jsonl": json.dumps({say: say}), "broken.json": f'{{"{say}"',
        "other.json": json.dumps({say: [say]}), "deep.json": '{"a":' * 9_000 + f'"{say}"', "broken.srt": say, "times.srt": f"1\n{say} --> {say}\n{say}\n",
        "broken.vtt": say, "broken.xlsx": say, "packed.xlsx": "PK\3\4" + say, "broken.parquet": "PAR1" + say + "PAR1",
        "charset.eml": f"Subject: x\nContent-Type: text/plain; charset={say}\nContent-Transfer-Encoding: base64\n\n{say}", "empty.eml": f"X-{say}: {say}\n\n",
        "binary.txt": f"\0\1\2{say}\0\0", "label.csv": f"本文,label\n{say},{say}\n{say},\n", "nolabel.csv": f"本文,メモ\n{say},{say}\n",
        "feedback.sqlite": "SQLite format 3\0" + say, "export.json": json.dumps([{"data": {"text": say}, "annotations": [{"result": [say]}]}]),
    }  # fmt: skip
    for name, content in {**good, **bad}.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "sjis.txt").write_bytes(("\xff" + say).encode("cp932", "replace") + b"\x80\xff\xfe")
    book = openpyxl.Workbook()
    for row in (["本文", "番号"], [say, 1], [None, say]):
        book.active.append(row)
    book.save(folder / "a.xlsx")
    told = [{"id": f"told-{n}", "text": f"{say}その{n}", "label": ("scam", "benign")[n % 2]} for n in range(6)]
    (folder / "labelled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told), encoding="utf-8")
    (folder / "unlabelled.jsonl").write_text(json.dumps({**told[0], "label": say}), encoding="utf-8")
    return [str(folder / name) for name in (*good, "a.xlsx")], [str(folder / name) for name in (*bad, "sjis.txt")]


def write_corpus(folder):
    """Enough of a corpus to reach an own table that cannot be trained on."""
    for side, name in (("scam", "refund"), ("evaluation", "scam_messages")):
        (folder / side).mkdir(parents=True, exist_ok=True)
        lines = (ROOT / "datasets" / side / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / side / f"{name}.jsonl").write_text("".join(lines[:40]), encoding="utf-8")


def commands(place):
    """(arguments, standard input, whether standard output may hold the text)."""
    good, bad = write_texts(place / "texts")
    texts, out = place / "texts", place / "out"
    for form in ("text", "json", "jsonl", "csv"):
        yield ["score", *good, *bad, "--format", form], "", True
        yield ["score", *good, *bad, "--format", form, "--redact", "--output", str(out / f"scored.{form}")], "", False
    yield ["score", *good, *bad, "--output", str(out / "scored.xlsx")], "", False
    yield ["score", *good, *bad, "--format", "html", "--output", str(out / "pages")], "", False
    for name in bad:
        yield ["score", name], "", True
    yield ["score", str(texts / "calls.csv"), "--call-column", "通話", "--time-column", "秒", "--speaker-column", "話者"], "", True
    yield ["score", str(texts / "a.txt"), "--caller", "誰か"], "", False
    yield ["score", str(texts / "a.csv"), "--text-column", "ない"], "", False
    yield ["score", str(texts / "a.txt"), "--output", str(place / "nowhere" / "x")], "", False
    yield ["score", str(texts / "a.txt"), "--model", str(texts)], "", False
    for given in (CANARY, f"\0{CANARY}", f"{{{CANARY}", ""):
        yield ["score", "-"], given, True
        yield ["watch"], given, True
        yield ["watch", "--jsonl"], given, True
    yield ["batch", str(texts), "--output", str(out / "batch"), "--workers", "1"], "", False
    yield ["batch", str(texts / "headless.csv"), "--output", str(out / "batch2"), "--workers", "1", "--format", "csv"], "", False
    yield ["evaluate", str(texts / "labelled.jsonl"), "--json", str(out / "measured.json"), "--html", str(out / "measured.html")], "", False
    for name in ("unlabelled.jsonl", "broken.jsonl", "cell.jsonl", "other.jsonl", "a.csv"):
        yield ["evaluate", str(texts / name)], "", False
    yield ["evaluate", "--reference", str(ROOT / "models" / "scam-ja"), *good, *bad], "", True
    yield ["review", *good, *bad, "--output", str(out / "review")], "", False
    for name in ("export.json", "feedback.sqlite", "broken.jsonl", "a.txt"):
        yield ["review", str(texts / name), "--export", str(out / "new.jsonl")], "", False
    write_corpus(place / "corpus")
    (place / "corpus" / "named.csv").write_text(f"本文,{CANARY}\n{CANARY},1\n", encoding="utf-8")
    yield ["train", "--data", str(place / "corpus"), "--extra", str(place / "corpus" / "named.csv")], "", False
    for name in ("label.csv", "nolabel.csv", "headless.csv", "broken.jsonl", "a.txt"):
        yield ["train", "--data", str(place / "corpus"), "--extra", str(texts / name), "--output", str(out / "mine")], "", False
    yield ["train", "--data", str(texts), "--output", str(out / "mine")], "", False


def test_no_command_tells_a_text_where_it_was_not_asked_for(place):
    todo = list(commands(place))
    (place / "todo.json").write_text(json.dumps([step[:2] for step in todo]), encoding="utf-8")
    known = set(files(place / "texts"))
    ran = subprocess.run(
        [sys.executable, "-c", RUN_ALL, str(place / "todo.json"), str(place / "done.json")],
        cwd=place / "here", env=environment(place), capture_output=True, check=False,
    )  # fmt: skip
    told = ran.stderr
    where = [line for line in told.splitlines() if traces(line)]
    assert not where, where[:3]
    assert b"Traceback" not in told
    assert b"internal error" not in told, [line for line in told.splitlines() if b"internal" in line]
    assert ran.returncode == 0
    done = json.loads((place / "done.json").read_text(encoding="utf-8"))
    for (arguments, _, may_hold), (status, out) in zip(todo, done, strict=True):
        assert status in (0, 1), arguments
        assert may_hold or not traces(out.encode()), (arguments, out[:300])
    assert any(status == 0 for status, _ in done)
    assert files(place / "temporary") == []
    assert files(place / "here") == []
    assert set(files(place / "texts")) == known
    assert [path for path in files(place / "home") if traces(path.read_bytes())] == []
    out = place / "out"
    private = [out / "measured.json", out / "measured.html", *files(out / "batch"), *files(out / "batch2")]
    for path in private:  # all that is kept beside the parts: manifest, rejects, summary; and what was measured
        if path.parent.name != "parts":
            assert not traces(path.read_bytes()), path.name
    assert not list(out.rglob(f"*{PARTIAL}"))
    assert any(traces(path.read_bytes()) for path in files(out / "batch") if path.parent.name == "parts")


def crash(*_, **__):
    raise KeyError(CANARY)


CRASHES = [
    ("classifier.scam.ScamClassifier.classify_many", ["score", "{text}"]), ("classifier.readers.read_content", ["score", "{text}"]),
    ("classifier.report.as_text", ["score", "{text}"]), ("classifier.signals.with_signals", ["score", "{text}", "--format", "json"]),
    ("classifier.report.as_html", ["score", "{text}", "--format", "html"]),
    ("classifier.scam.ScamClassifier.classify_many", ["batch", "{text}", "--output", "{out}", "--workers", "1"]),
    ("classifier.training.evaluate.evaluate_files", ["evaluate", "{text}"]),
    ("classifier.training.review.pick.choose", ["review", "{text}", "--output", "{out}"]),
]  # fmt: skip


@pytest.mark.parametrize(("broken", "arguments"), CRASHES, ids=lambda v: str(v)[:50])
@pytest.mark.parametrize("error", [KeyError(CANARY), RecursionError(CANARY), OSError(CANARY), MemoryError(CANARY), UnicodeError(CANARY)], ids=repr)  # fmt: skip
def test_a_crash_tells_its_place_and_not_the_text(tmp_path, monkeypatch, capfd, broken, arguments, error):
    def crash(*_, **__):
        raise error

    (tmp_path / "a.txt").write_text(CANARY, encoding="utf-8")
    monkeypatch.setattr(broken, crash)
    given = {"text": tmp_path / "a.txt", "out": tmp_path / "out"}
    assert main([argument.format(**given) for argument in arguments]) == 1
    out, told = capfd.readouterr()
    assert "Traceback" not in told
    assert not traces((out + told).encode())
    kept = [path for path in files(tmp_path) if path.name != "a.txt"]
    assert not [path for path in kept if traces(path.read_bytes())]


def test_a_file_is_private_until_it_is_whole(tmp_path):
    path = tmp_path / "scores.csv"
    before = os.umask(0o022)
    try:
        with whole(path) as file:
            file.write(CANARY.encode())
            partial = next(tmp_path.iterdir())
            assert stat.S_IMODE(partial.stat().st_mode) == 0o600
            assert not path.exists()
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        path.chmod(0o640)
        with whole(path) as file:
            file.write(b"again")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["scores.csv"]


def test_a_file_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("before", encoding="utf-8")

    def interrupted():
        with whole(path) as file:
            file.write(CANARY.encode())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["scores.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="links and devices as POSIX has them")
def test_a_link_leads_on_and_a_pipe_stays_one(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere" / "scores.csv")
    with whole(tmp_path / "link.csv") as file:
        file.write(b"x")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "elsewhere" / "scores.csv").read_bytes() == b"x"
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    with whole(tmp_path / "pipe") as file:  # --output /dev/stdout, or >(…) of a shell
        file.write(b"through")
    assert reader.communicate(timeout=10)[0] == b"through"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


ENDPOINTS = ("/score", "/score/batch", "/score/file", "/page/text", "/page/file", "/login", "/logout", f"/{'x' * 50}", "/model", "/consult")


def ask(address, path, content, **headers):
    request = urllib.request.Request(f"{address}{path}", content, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_service_keeps_and_logs_nothing(place):
    pytest.importorskip("uvicorn")
    from urllib.parse import quote

    from test_feedback_service import free_port

    _, bad = write_texts(place / "texts")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "always", "-m", "classifier.cli", "serve", "--port", str(port), "--rate", "1000000"]
    server = subprocess.Popen(command, cwd=place / "here", env=environment(place), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                ask(address, "/health", None)
                break
            except OSError:
                time.sleep(0.1)
        statuses = set()
        said = json.dumps({"text": CANARY})
        bodies = [said, json.dumps({"texts": [CANARY, ""]}), CANARY, said[:-1], json.dumps({CANARY: CANARY}), json.dumps({"text": [CANARY]}), "token=" + CANARY]  # fmt: skip
        for path in ENDPOINTS:
            for body in bodies:
                for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
                    statuses.add(ask(address, path, body.encode(), **{"Content-Type": kind})[0])
        for name in [*bad, *map(str, Path(place / "texts").glob("a.*"))]:
            form = b"".join([
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="', Path(name).name.encode(), b'"\r\n\r\n', Path(name).read_bytes(),
                b'\r\n--x\r\nContent-Disposition: form-data; name="caller"\r\n\r\n\r\n--x--\r\n',
            ])  # fmt: skip
            for path in ("/score/file", "/page/file"):
                status, answer = ask(address, path, form, **{"Content-Type": "multipart/form-data; boundary=x"})
                statuses.add(status)
                assert status == 200 or not traces(answer)
        for path in (f"/{quote(CANARY)}", f"/consult/{quote(CANARY)}", f"/?lang={quote(CANARY)}", f"/static/{quote(CANARY)}"):
            for headers in ({}, {"Host": "evil.example"}, {"Origin": f"http://{quote(CANARY)}"}, {"Cookie": f"scamtext={quote(CANARY)}"}):
                status, answer = ask(address, path, None, **headers)
                statuses.add(status)
                assert not traces(answer)
    finally:
        server.terminate()
        told = server.communicate(timeout=30)[0]
    assert {200, 422} <= statuses
    assert not [status for status in statuses if status >= 500]
    assert b"0 errors" in told
    assert not traces(told)
    assert b"Traceback" not in told
    assert files(place / "temporary") == files(place / "here") == files(place / "home") == []
