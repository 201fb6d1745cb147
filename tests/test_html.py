"""The page: whole, harmless, self-contained; written from hand-made verdicts."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.report import Listed, as_html, as_html_index
from classifier.report.marked import mark, number_at, row_numbers
from classifier.report.plot import plot
from classifier.signals import with_signals
from classifier.taxonomy import labels
from classifier.transcript import Transcript, Utterance
from classifier.verdict import Evidence, Moment, Ranked, Signature, Similar, Verdict

THRESHOLDS = {"caution": 1.0, "high": 3.0}
SAID = (
    ("相手", "市役所の保険課です。還付金があります"),
    ("本人", "はい"),
    ("相手", "今日中にATMへ行って、+1 202-555-0110 に三万円と言ってください"),
)
CALL = Transcript(tuple(Utterance(text, speaker, 12.0 * n) for n, (speaker, text) in enumerate(SAID)), "電話.txt")
TYPES = tuple(Ranked(name, 0.9 if name == "refund" else 0.1 / 21) for name in labels("scam_types"))


def verdict_on(text, level="high", **changes):
    ranked = tuple(sorted(TYPES, key=lambda r: -r.probability))
    middle = max(1, len(text) // 2)
    verdict = Verdict(
        0.973, 0.44, level, 3.6, -1.0, 0.0, (Evidence(0, middle, 5.1), Evidence(middle, len(text), -0.5)), ranked,
        (Ranked("urgency", 0.8), Ranked("device_control", 0.7), Ranked("intimacy", 0.1)), (0, len(text)),
        Signature("m@1", "d", "t", "1", "0"),
    )  # fmt: skip
    return replace(with_signals(verdict, text), **changes)


COURSE = (Moment(0, 0.2, 0.0, "相手"), Moment(1, 0.2, 12.0, "本人"), Moment(2, 3.6, 24.0, "相手"))


class Page(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, text):
        self.words.append(text)


def test_the_page_holds_all_parts():
    similar = (Similar("refund", "職員が取りに来る型", 0.61, "高槻市「還付金」", "https://city.example/a"),)
    html = as_html(verdict_on(CALL.text, similar=similar), CALL, timeline=COURSE, thresholds=THRESHOLDS)
    words = "".join(Page(html).words)
    for expected in (
        "高い", "97.3 %", "事前確率 44.0 %", "還付金詐欺", "期限・緊急の強調", "発話", "3番目", "0:24", "◀ ここで「注意」「高い」",
        "+5.10", "-0.50", "▲ 似ている", "▽ 似ていない", "末尾0110の国際電話番号", "金額 3万円", "次に求められそうなこと",
        "本物の機関が決して求めないこと", "今すること", "#9110", "188", "職員が取りに来る型", "高槻市", "0.61", "判断の限界", "model:m@1",
    ):  # fmt: skip
        assert expected in words, expected
    assert "詐欺です" not in html
    assert "親密" not in words


def test_a_page_links_to_the_web_only():
    similar = (Similar("refund", "型", 0.6, "市", "javascript:alert(1)"),)
    assert "javascript" not in as_html(verdict_on(CALL.text, similar=similar), CALL)


@pytest.mark.parametrize("level", ["low", "caution", "high"])
def test_the_level_is_written_and_not_only_coloured(level):
    html = as_html(verdict_on(CALL.text, level), CALL)
    assert {"low": "●○○", "caution": "●●○", "high": "●●●"}[level] in html
    assert ("次に求められそうなこと" in html) == (level != "low")
    assert ("安全という意味ではありません" in html) == (level == "low")


def test_nothing_comes_from_outside():
    html = as_html(verdict_on(CALL.text), CALL, timeline=COURSE, thresholds=THRESHOLDS)
    tags = Page(html).tags
    assert {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "form", "base"} == set()
    assert not any(
        name in ("src", "srcset", "style") and "url(" in (v or "") for _, at in tags for name, v in at.items()
    )
    assert "@import" not in html
    assert "url(" not in html
    policy = next(at["content"] for tag, at in tags if at.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert all(at["href"].startswith(("http", "tel:", "#")) for tag, at in tags if tag == "a")


HOSTILE = [
    "<script>alert(1)</script>還付金があります",
    "</bdi></mark></style><img src=x onerror=alert(1)>還付金",
    "=cmd|'/c calc'!A0 還付金があります",
    "\x1b[31m還付金\x07があります",
    "還付金\u202e\u2066があります\u200b\ud800",
    "{{ 7*7 }}{% include 'x' %}還付金があります",
    'javascript:alert(1) "onmouseover="alert(1) 還付金',
    "http://evil.example/<b>還付金",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    transcript = Transcript((Utterance(text, text, 1.0), Utterance("はい", "本人", 2.0)), text)
    plain = as_html(verdict_on(CALL.text), CALL, timeline=COURSE[:2], thresholds=THRESHOLDS)
    html = as_html(verdict_on(transcript.text), transcript, timeline=COURSE[:2], thresholds=THRESHOLDS)
    known = {tag for tag, _ in Page(plain).tags}
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= known
    assert not any(name.startswith("on") for _, at in page.tags for name in at)
    assert not any("evil.example" in (at.get("href") or "") for _, at in page.tags)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert "49" not in "".join(page.words).split("還付金")[0]
    html.encode()
    index = as_html_index([Listed(text, "a.html", transcript.text, verdict_on(transcript.text))])
    tags = Page(index).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert "img" not in {tag for tag, _ in tags}
    assert not re.search("[\x1b\u202a-\u202e\ud800-\udfff]", index)


texts = st.text(st.sampled_from("還付金ATM+1 202-555-0110五万円。\n\u200b<&>http://a.jp/"), min_size=1, max_size=200)


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6), st.integers(0, 200), st.integers(0, 200))
def test_the_marked_rows_are_the_text(said, a, b):
    transcript = Transcript(tuple(Utterance(text) for text in said))
    verdict = verdict_on(transcript.text)
    length = len(transcript.text)
    spans = sorted({min(a, length), min(b, length), length})
    evidence = tuple(Evidence(x, y, 1.0) for x, y in itertools.pairwise(spans) if x < y)
    rows = mark(replace(verdict, evidence=evidence), transcript).rows
    assert "\n".join("".join(p.text for p in row.pieces) for row in rows) == transcript.text.replace("\u200b", "\ufffd")


def test_rows_are_numbered_by_utterance_or_by_line():
    several = Transcript((Utterance("一\n二"), Utterance("三")))
    assert [number for _, number in row_numbers(several)] == [1, 1, 2]
    assert number_at(row_numbers(several), several.text.index("三")) == 2
    assert [number for _, number in row_numbers(Transcript.of("一\n二"))] == [1, 2]


def test_a_long_text_shows_what_decided_first_and_a_giant_one_only_that():
    call = Transcript(tuple(Utterance(f"{n}番目の発話です") for n in range(1_200)))
    at = call.text.index("900番目")
    marked = mark(verdict_on(call.text, window=(at, at + 100)), call)
    assert len(marked.rows) == 1_200
    assert marked.excerpt[0].number == 899
    assert len(marked.excerpt) < 20
    giant = Transcript.of("還付金があります。" * 50_000)
    marked = mark(verdict_on(giant.text, window=(200_000, 200_400)), giant)
    assert marked.cut == (199_000, 201_400)
    assert len(as_html(verdict_on(giant.text, window=(200_000, 200_400), signals=()), giant)) < 100_000


def test_the_plot_names_the_turns():
    drawing = plot(COURSE, THRESHOLDS)
    assert [(turn.levels, turn.moment.utterance) for turn in drawing.turns] == [(("caution", "high"), 2)]
    assert drawing.timed
    assert plot(COURSE[:1], THRESHOLDS) is None
    untimed = plot([Moment(n, float(n)) for n in range(5)], THRESHOLDS)
    assert not untimed.timed
    assert [label for _, label in untimed.x_ticks] == ["1", "2", "3", "4", "5"]


def test_a_level_reached_on_the_way_is_said_where_the_whole_stays_below():
    html = as_html(verdict_on(CALL.text, "low"), CALL, timeline=COURSE, thresholds=THRESHOLDS)
    assert "途中で" in html
    assert "途中で" not in as_html(verdict_on(CALL.text), CALL, timeline=COURSE, thresholds=THRESHOLDS)


def test_too_little_japanese_is_said():
    html = as_html(verdict_on("はい", "low", insufficient=True, cleaned=2), Transcript.of("はい"))
    assert "判断に足る日本語がありません" in html
    assert "記号 2 個" in html


def test_the_index_lists_the_most_alike_first():
    low, high = verdict_on(CALL.text, "low", log_odds=-2.0, probability=0.1), verdict_on(CALL.text)
    html = as_html_index([Listed("a", "1.html", CALL.text, low), Listed("b", "2.html", CALL.text, high)])
    assert html.index("2.html") < html.index("1.html")
    assert "高い 1 件" in html
    assert "script-src 'sha256-" in html


def test_a_sixty_minute_call_makes_a_page_in_under_five_seconds(classifier):
    import time

    from classifier.monitor import timeline

    said = ["病院の予約は三時でしたね", "はい、そうですね", "孫が来週遊びに来るんですよ", "お米が安くなっていました"]
    call = Transcript(tuple(Utterance(said[n % 4], "相手", 3.0 * n) for n in range(1_200)))
    start = time.perf_counter()
    verdict = with_signals(classifier.classify(call), call.text)
    as_html(verdict, call, timeline=timeline(classifier, call), thresholds=classifier.thresholds)
    assert time.perf_counter() - start < 5


def test_one_input_makes_one_page_and_several_a_folder_with_an_index(tmp_path, capsys):
    from conftest import CASES

    from classifier.cli import main

    call = str(CASES / "fake_police_call.txt")
    assert main(["score", call, "--format", "html"]) == 0
    words = "".join(Page(capsys.readouterr().out).words)
    assert "読み進めたときの動き" in words
    assert main(["score", call, "--format", "html", "--output", str(tmp_path / "one.html")]) == 0
    assert (tmp_path / "one.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["score", str(CASES), "--format", "html", "--output", str(tmp_path / "all")]) == 0
    index = Page((tmp_path / "all" / "index.html").read_text(encoding="utf-8"))
    links = [at["href"] for tag, at in index.tags if tag == "a"]
    assert len(links) == len(list(CASES.iterdir()))
    assert all((tmp_path / "all" / link).is_file() for link in links)
    assert main(["score", str(CASES), "--format", "html"]) == 1
    assert "--output DIR" in capsys.readouterr().err
