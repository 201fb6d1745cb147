"""Files made to exhaust the reader: refused in one line, or read without what no program would show."""

import io
import zipfile

import pytest

from classifier.errors import TranscriptError
from classifier.readers import limits, read_content
from classifier.readers.html import words_of_html

MIB = 1024**2


def bomb(unpacked):
    """A workbook whose one sheet is `unpacked` bytes of blanks and hardly any packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(unpacked // MIB + 1):
            sheet.write(b" " * MIB)
    return packed.getvalue()


HEAD = b"Content-Type: text/html; charset=utf-8\n\n"
REFUSED = [
    ("a.jsonl", b"[" * 200_000, "nested too deeply"),
    ("a.jsonl", b'{"a":' * 200_000, "nested too deeply"),
    ("a.json", b"[" * 200_000, "nested too deeply"),
    ("a.json", b'{"segments":' * 100_000, "nested too deeply"),
    ("a.csv", b"text" + b"," * 1_000_000 + b"\nx\n", "1000001 columns"),
    ("a.tsv", b"text" + b"\t" * 1_000_000 + b"\nx\n", "1000001 columns"),
    ("a.jsonl", b"{" + b",".join(b'"k%d":1' % k for k in range(5_000)) + b"}", "5000 columns"),
    ("a.jsonl", b'{"text":' + b"9" * 5_000 + b"}", "number too long"),
    ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + b"1" * 1_000_000, "40 digits"),
    ("a.eml", b"Subject: a\n" + b" a\n" * 300_000 + b"\nx", "far too long"),
    ("a.eml", b"Subject: " + b"=?utf-8?b?44GC?= " * 50_000 + b"\n\nx", "far too long"),
    ("a.eml", b"Content-Type: text/plain; " + b"a=b; " * 200_000 + b"\n\nx", "far too long"),
    ("a.eml", b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (k, k) for k in range(5_000)), "nested too deeply"),
    ("a.eml", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 200_000, "more than 10000 parts"),
    ("a.txt", b"\0\1\2\3" * 250_000, "binary"),
    ("a.xlsx", b"PK\x03\x04" * 250_000, "not an Excel workbook"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "told"), REFUSED, ids=lambda v: str(v[:12]))
def test_refused_in_one_line(name, content, told):
    with pytest.raises(TranscriptError, match=told) as refused:
        read_content(content, name)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_workbook_that_unpacks_to_far_more_is_refused():
    content = bomb(limits.MOST_UNPACKED)
    assert len(content) < MIB
    with pytest.raises(TranscriptError, match="unpacks to more than 512 MiB"):
        read_content(content, "a.xlsx")


@pytest.mark.parametrize(
    "end", ["<a " * 50_000, "<a href='" * 50_000, "<!--" * 50_000, "<a b='>" * 50_001, "<!--x--" * 30_000, "</" * 100_000]
)
def test_what_a_page_begins_and_never_ends_is_not_on_it(end):
    """The parser of the standard library takes time with the square of such an end, minutes for 100 KB."""
    assert words_of_html("<p>還付金があります</p><b>至急</b>" + end) == "還付金があります\n至急"


def test_signs_that_begin_nothing_stay():
    assert words_of_html("<p>1 < 2 & 3 > 2</p>4<5&#") == "1 < 2 & 3 > 2\n4<5&#"
    assert words_of_html("a&#;<b>b</b>") == "a&#;b"


def test_long_blanks_in_subtitles_lose_no_words():
    content = "1\n00:00:01,000 --> 00:00:02,000\nもし" + " " * 5_000 + "もし\n"
    transcript = read_content(content.encode(), "a.srt").transcripts[0]
    assert transcript.text.split() == ["もし", "もし"]


@pytest.mark.parametrize(("page", "words"), [("あ<![い<b>う", "あう"), ("あ<![if !mso]>い<![endif]-->う", "あいう"), ("あ<![CDATA[い]]>う", "あう")])
def test_sections_that_html_does_not_have_end_as_in_a_browser(page, words):
    assert words_of_html(page) == words


def test_a_voice_with_no_end_is_no_voice():
    cue = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v." * 20_000 + "<v.loud 佐藤>もしもし\n"
    transcript = read_content(cue.encode(), "a.vtt").transcripts[0]
    assert (transcript.utterances[-1].speaker, transcript.utterances[-1].text) == ("佐藤", "もしもし")
