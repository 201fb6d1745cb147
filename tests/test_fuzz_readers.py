"""Real files of every format, damaged at random: they are read, or refused in one line; nothing else is raised, nothing hangs."""

import contextlib
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from classifier.errors import ClassifierError
from classifier.readers import Columns, read_content

FOLDERS = (Path(__file__).parent / "cases" / "formats", Path(__file__).parent / "cases" / "texts")
FILES = {path.name: path.read_bytes() for folder in FOLDERS for path in sorted(folder.iterdir()) if path.is_file()}
EXPORTS = [name for name in FILES if "export" in name]
PIECES = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b'"', b",", b"\t", b"{", b"[[", b"}", b"null", b"NaN", b"1e999", b"-1",
    b"9" * 400, b"\\ud800", b"\xed\xa0\x80", b"\x1b$B", b"<v ", b"-->", b"99:99:99,999", b"00:00", b"=?utf-8?b?//8=?=",
    b"Content-Type: text/html\n\n", b"boundary=", b"<!--", b"<![", b"<!a", b"<?", b"</", b"<a href=http:", b"&#55296;", "還付金".encode(), "還付金".encode("cp932"), b"PK\x03\x04",
]  # fmt: skip
COLUMNS = [None, Columns("本文"), Columns(text="text", call="call"), Columns(speaker="speaker", time="start"), Columns("name")]
SECONDS = 60  # far above what any of them takes: only a hang gets there

mutation = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 400)),
    st.tuples(st.just("put"), st.floats(0, 1), st.sampled_from(PIECES)),
    st.tuples(st.just("flip"), st.floats(0, 1), st.integers(1, 255)),
    st.tuples(st.just("again"), st.floats(0, 1), st.integers(1, 400)),
    st.tuples(st.just("end"), st.floats(0, 1), st.none()),
    st.tuples(st.just("join"), st.floats(0, 1), st.sampled_from(sorted(FILES))),
)


def damaged(content, mutations):
    for kind, place, how in mutations:
        at = int(place * len(content))
        if kind == "cut":
            content = content[:at] + content[at + how :]
        elif kind == "put":
            content = content[:at] + how + content[at:]
        elif kind == "flip" and content:
            at = min(at, len(content) - 1)
            content = content[:at] + bytes([content[at] ^ how]) + content[at + 1 :]
        elif kind == "again":
            content = content[:at] + content[at : at + how] * 3 + content[at + how :]
        elif kind == "end":
            content = content[:at]
        elif kind == "join":
            content = content[:at] + FILES[how][at:]
    return content


@contextlib.contextmanager
def no_hang():
    def stop(*_):
        raise TimeoutError("hangs")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def told_in_one_line(error):
    assert "\n" not in str(error)
    assert len(str(error)) < 2_000


@examples(2_000)
@given(st.sampled_from(sorted(FILES)), st.lists(mutation, min_size=1, max_size=6), st.sampled_from(COLUMNS))
def test_damaged_files(name, mutations, columns):
    content = damaged(FILES[name], mutations)
    with no_hang():
        try:
            reading = read_content(content, name, columns)
        except ClassifierError as error:
            told_in_one_line(error)
            return
    for problem in reading.problems:
        assert "\n" not in problem
    for transcript in reading.transcripts:
        assert transcript.text.strip()
        assert all(u.start is None or u.start == u.start for u in transcript.utterances)


@pytest.mark.skipif(not EXPORTS, reason="no exports")
@examples(500)
@given(st.sampled_from(EXPORTS), st.lists(mutation, min_size=1, max_size=4))
def test_damaged_exports_of_annotators(tmp_path_factory, name, mutations):
    from classifier.training.review.answers import read_answers

    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(damaged(FILES[name], mutations))
    with no_hang():
        try:
            answers = list(read_answers(path))
        except ClassifierError as error:
            told_in_one_line(error)
            return
    assert all(isinstance(a.text, str) if not isinstance(a, str) else "\n" not in a for a in answers)
