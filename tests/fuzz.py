"""All fuzz tests with many examples, and how long the worst 1 MB inputs take: `python tests/fuzz.py --examples 100000`.

For the night: 100,000 examples of each test take hours. A failure is printed by hypothesis with its smallest example,
and kept under .hypothesis for the next run. The time is that of the processor, so neighbours do not count.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
BYTES = 1_000_000
BARE = 2  # what takes long may take this many times what the dictionary alone takes
UNITS = [
    "あ", "漢", "振込", "振 込 ", "。", "a", "a.", "a-", "a@a.", "1,", "1 ", "03-1234-5678 ", "+81", "https://", "x.jp/", "「", "男「", "話者1", "[", "00:12 A:",
    "x.jp 03-1234-5678 ", "co.jp ", "+1 202-555-0110 ", "090-a.", "%", "+(", "ア", "か\u3099", "\u3099", "ﾊﾟ", "\ud800", "😀", "𠮷", "㌖", "ﷺ", "ꙮ", "e\u0301", "العربية", "三", "100万円", "万円", "<b>", "(a)", "wwww", "ー",
]  # fmt: skip
BEFORE = "@ . : 「\n"  # each step of the normalizer has something to look for
HTML, CUE = b"Content-Type: text/html\n\n", b"1\n00:00:01,000 --> 00:00:02,000\na"
FILES = [
    ("a.txt", b"", b"a:"), ("a.txt", b"", b"[00:00] "), ("a.txt", b"", b"A: a\n"), ("a.txt", b"", b"\x82\xa0"), ("a.txt", b"", b"\x1b$B"), ("a.txt", b"\xff\xfe", b"\0\xd8"),
    ("a.csv", b"text", b","), ("a.csv", b"text\n", b'"a\n'), ("a.csv", b"", b'"'), ("a.csv", b"text\n", b'a"b"c,"d"e\n'), ("a.jsonl", b"", b"["), ("a.jsonl", b"", b'{"text":"a"}\n'),
    ("a.json", b"", b'{"a":'), ("a.json", b"", b"["), ("a.srt", b"", b"1"), ("a.srt", CUE, b" "), ("a.srt", b"", CUE + b"\n\n"), ("a.srt", b"", b"1\n"),
    ("a.vtt", b"WEBVTT\n\n", b"00:01.000 --> 00:02.000\na\n\n"), ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"<v a>"), ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"<v."),
    ("a.eml", HTML, b"<div>"), ("a.eml", HTML, b"<!--"), ("a.eml", HTML, b"<a "), ("a.eml", HTML, b"<a b='"), ("a.eml", HTML, b"<a b='>"), ("a.eml", HTML, b"&"), ("a.eml", HTML, b"<table><td>"), ("a.eml", HTML, b"<![<"), ("a.eml", HTML, b"</a><a href=http:b>y"),
    ("a.eml", b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\n"),
    ("a.eml", b"Subject: a\n", b" a\n"), ("a.eml", b"Subject: ", b"=?utf-8?b?44GC?= "), ("a.eml", b"", b"A: b\n"), ("a.eml", b"", b"Content-Type: message/rfc822\n\n"),
    ("a.xlsx", b"", b"PK\x03\x04"), ("a.parquet", b"", b"PAR1"),
]  # fmt: skip


def works() -> Iterator[tuple[str, Callable[[], object], Callable[[], object] | None]]:
    """Named pieces of work on 1 MB each, and that which is the dictionary's in it."""
    from classifier import ScamClassifier
    from classifier.errors import ClassifierError
    from classifier.readers import read_content
    from classifier.signals import find_signals
    from classifier.text import normalize
    from classifier.tokenizer import Tokenizer

    tokenizer = Tokenizer()
    classifier = ScamClassifier.load()
    classifier.classify("はい")
    find_signals("03-1234-5678")

    def scored(text: str) -> None:
        with suppress(ClassifierError):
            classifier.classify(text)

    def read(content: bytes, name: str) -> None:
        with suppress(ClassifierError):
            read_content(content, name)

    for unit in UNITS:
        text = BEFORE + unit * (BYTES // len(unit.encode("utf-8", "surrogatepass")))
        seen = normalize(text)
        yield f"classify {unit!a}", lambda text=text: scored(text), lambda seen=seen: tokenizer.tokens(seen)
        yield f"signals {unit!a}", lambda text=text: find_signals(text), None
    for name, start, unit in FILES:
        content = start + unit * ((BYTES - len(start)) // len(unit))
        yield f"read {name} {start[:20]!r} {unit!r}", lambda content=content, name=name: read(content, name), None


def slow(most: float) -> int:
    """Prints the slowest works and returns how many took longer than `most` seconds and than the dictionary explains."""
    times, late = [], 0
    for name, work, parse in works():
        seconds = spent(work)
        parsed = spent(parse) if parse and seconds > most else 0.0
        late += seconds > max(most, BARE * parsed)
        times.append((seconds, name + (f", {seconds / parsed:.1f} times the bare parse" if parsed else "")))
    times.sort(reverse=True)
    for seconds, name in times[:10]:
        print(f"{seconds:6.2f} s  {name}")
    print(f"{late} of {len(times)} inputs of 1 MB took more than {most} s and {BARE} times the bare parse")
    return late


def spent(work: Callable[[], object]) -> float:
    """Seconds of the processor."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--examples", type=int, default=100_000, help="of each test (default: 100000)")
    parser.add_argument("--seconds", type=float, default=2.0, help="that 1 MB may take (default: 2)")
    options, further = parser.parse_known_args()
    os.environ["SCAMTEXT_EXAMPLES"] = str(options.examples)  # conftest.py makes the profile of it
    tests = sorted(map(str, TESTS.glob("test_fuzz_*.py")))
    failed = pytest.main([*tests, "--hypothesis-profile=night", *further])
    late = slow(options.seconds)
    return int(bool(failed) or late > 0)


if __name__ == "__main__":
    sys.exit(main())
