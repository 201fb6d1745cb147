"""The page in Debian's Chromium, against a running server."""

import json
import re
import shutil
from pathlib import Path

import pytest
from tab import CALL, CHROMIUM, DESK, HONEST, PHONE, ROOT, Tab, axe, drop, launched, opening, paste, served

from classifier import ScamClassifier
from classifier.readers import read
from classifier.report.wording import percent
from classifier.transcript import by_line

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install 'scamtext[browser]'")
pytest.importorskip("axe_playwright_python", reason="needs axe: pip install 'scamtext[browser]'")
pytest.importorskip("fastapi", reason="needs the extra: pip install 'scamtext[service]'")

FORMATS = ROOT / "tests" / "cases" / "formats"

pytestmark = pytest.mark.skipif(not shutil.which(CHROMIUM), reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def address():
    server, address = served()
    yield address
    server.terminate()
    told = server.communicate()[1].decode()
    assert server.returncode in (0, -15)
    assert "坂口" not in told
    assert "0 errors" in told


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(browser, address):
    with opening(browser, address, borne=("422", "413"), other=("blob:",)) as opened:
        yield opened


def test_what_is_pasted_is_answered_by_the_verdict_of_the_library(open_page):
    page = open_page()
    paste(page, CALL)
    transcript = by_line(read(ROOT / "tests" / "cases" / "texts" / "fake_police_call.txt").transcripts[0])
    verdict = ScamClassifier.load().classify(transcript)
    hero = page.locator(".hero")
    assert hero.get_attribute("data-level") == verdict.level == "high"
    assert float(hero.get_attribute("data-probability")) == verdict.probability
    assert float(hero.get_attribute("data-log-odds")) == verdict.log_odds
    assert page.locator(".hero .level").inner_text() == "高い"
    assert page.locator(".figure b").inner_text() == percent(verdict.probability)
    shown = [float(cell) for cell in page.locator(".weights tbody td:nth-child(2)").all_inner_texts()]
    strongest = [round(e.contribution, 2) for e in verdict.strongest(3)]
    assert shown[0] == strongest[0]
    assert set(strongest) <= set(shown)
    assert page.locator("#verdict .lines .what").first.inner_text() == "ニセ警察詐欺"
    script = page.locator("h3:has-text('近い公表手口') + ul li").first
    assert verdict.similar[0].script in script.inner_text()
    assert script.get_by_role("link").inner_text() == verdict.similar[0].source
    assert script.get_by_role("link").get_attribute("href") == verdict.similar[0].url
    assert script.get_by_role("link").get_attribute("target") == "_blank"  # what was pasted stays
    words = page.locator("body").inner_text()
    for expected in (
        "次に求められそうなこと",
        "本物の機関が決して求めないこと",
        "#9110",
        "断定ではありません",
        str(verdict.signature),
    ):
        assert expected in words
    assert "詐欺です" not in words
    assert "高い" in page.locator("#announce").inner_text()


def test_typing_is_answered_and_low_is_not_called_safe(open_page):
    page = open_page()
    page.locator("#text").press_sequentially("夕飯は先に食べてて。牛乳だけ買って帰ります")
    page.wait_for_selector(".hero.low .figure b")
    assert page.locator("#text").is_visible()
    assert "安全という意味ではありません" in page.locator(".hero").inner_text()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#composer", state="hidden")
    page.get_by_role("button", name="書き直す").click()
    assert page.locator("#text").input_value().startswith("夕飯")
    page.locator("#text").fill("")
    page.wait_for_selector("[data-example]")
    page.locator("[data-example=bank]").click()
    page.wait_for_selector(".hero.low .figure b")
    page.get_by_role("button", name="別の文面").click()
    assert page.locator("#text").input_value() == ""
    assert page.locator("[data-example]").count() == 3


def test_a_subtitle_file_is_dropped_and_stepped_through(open_page):
    page = open_page()
    drop(page, FORMATS / "refund_call.srt")
    page.wait_for_selector(".stepper output:not(:empty)")
    assert "refund_call.srt" in page.locator(".kicker").inner_text()
    assert page.locator(".row .clock").count() > 3
    levels = []
    page.get_by_role("button", name="最初").click()
    steps = len(json.loads(page.locator(".stepper").get_attribute("data-steps")))
    for _ in range(steps):
        levels.append(page.locator(".stepper output").get_attribute("class"))
        page.get_by_role("button", name="次へ").click()
    order = ["low", "caution", "high"]
    assert [order.index(level) for level in levels] == sorted(order.index(level) for level in levels)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator(".row.later").count() > 0
    before = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") != before
    page.get_by_role("button", name="前へ").focus()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "3"
    page.keyboard.press("End")
    assert page.locator(".row.later").count() == 0


def test_a_long_call_shows_what_decided_and_unfolds_when_stepped_through(open_page):
    page = open_page()
    said = ["本人:病院の予約は三時でしたね", "相手:はい、孫が来週遊びに来ます"] * 50
    paste(page, "\n".join([*said, CALL.strip(), *said]))
    shown = page.locator("#reading > .text .row")
    assert shown.count() < 60
    assert page.locator("#reading > .text .decisive").count() > 0
    page.get_by_role("button", name="最初").click()
    assert page.locator('details .row.now[data-u="1"]').is_visible()
    assert "低い" in page.locator(".stepper output").inner_text()


@pytest.mark.parametrize("name", ["messages.xlsx", "messages.jsonl"])
def test_a_table_is_dropped_filtered_and_opened(open_page, name):
    page = open_page()
    drop(page, FORMATS / name)
    page.wait_for_selector(".texts li")
    assert page.locator(".texts li").count() == 3
    assert "高い" in page.locator(".texts li").first.inner_text()
    assert "文面がない" in page.locator("#listed").inner_text()
    page.get_by_role("button", name=re.compile("^低い")).first.click()
    assert page.locator(".texts li:visible").count() == 2
    page.get_by_role("button", name=re.compile("^すべて")).click()
    with page.expect_download() as kept:
        page.get_by_role("button", name="CSV を保存").click()
    assert "還付金" in Path(kept.value.path()).read_text(encoding="utf-8-sig")
    page.locator("[data-open]").first.click()
    page.wait_for_selector(".hero.high")
    page.get_by_role("button", name="一覧に戻る").click()
    assert page.locator(".texts li").count() == 3


def test_the_report_is_kept_as_html_json_and_words(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    paste(page, CALL)
    with page.expect_download() as html:
        page.get_by_role("button", name="HTML を保存").click()
    assert "読み進めたときの動き" in Path(html.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as plain:
        page.get_by_role("button", name="JSON を保存").click()
    verdict = json.loads(Path(plain.value.path()).read_text(encoding="utf-8"))
    assert verdict["level"] == "high"
    assert len(verdict["timeline"]) == 7
    page.get_by_role("button", name="コピー").click()
    playwright.expect(page.locator("#announce")).to_have_text("コピーしました")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "ニセ警察詐欺" in copied
    assert verdict["signature"] in copied


def test_marks_and_table_light_up_together(open_page):
    page = open_page()
    paste(page, CALL)
    mark = page.locator("mark[tabindex]").first
    mark.focus()
    key = mark.get_attribute("data-key")
    assert "lit" in page.locator(f'tr[data-key="{key}"]').get_attribute("class")
    page.keyboard.press("Tab")
    assert "lit" not in (page.locator(f'tr[data-key="{key}"]').get_attribute("class") or "")
    page.locator(".weights tbody tr").nth(1).hover()
    assert page.locator("mark.lit").count() >= 1


def test_the_desk_of_a_prefecture(open_page):
    page = open_page()
    paste(page, CALL)
    page.get_by_label("都道府県の警察").select_option(label="神奈川県")
    page.wait_for_selector(".desk")
    assert "045-664-9110" in page.locator(".desk").inner_text()


def test_a_live_call(open_page):
    page = open_page()
    page.get_by_role("button", name="通話中").click()
    page.get_by_label("発話", exact=True).last.fill("もしもし、お元気ですか")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said li.low")
    page.get_by_text("書き起こしを一行ずつ流す").click()
    page.fill("#stream-text", CALL)
    page.get_by_role("button", name="流す", exact=True).click()
    page.wait_for_selector("#said li.reached.high", timeout=20_000)
    assert page.locator("#verdict .hero.high .level").inner_text() == "高い"
    assert "ニセ警察詐欺" in page.locator("#verdict").inner_text()
    assert "切って" in page.locator("#announce").inner_text()
    assert axe(page) == []
    page.get_by_role("button", name="新しい通話").click()
    assert page.locator("#said li").count() == 0
    page.get_by_role("button", name="文面を読む").click()
    assert page.locator("#text").is_visible()


def test_errors_are_said_and_the_page_goes_on(open_page, tmp_path):
    page = open_page()
    (tmp_path / "broken.xlsx").write_bytes(b"not a workbook")
    drop(page, tmp_path / "broken.xlsx")
    page.wait_for_selector("#problem:visible")
    assert "読めません" in page.locator("#problem").inner_text()
    (tmp_path / "columns.csv").write_text("一,二\nあ,い\n", encoding="utf-8")
    drop(page, tmp_path / "columns.csv")
    playwright.expect(page.locator("#problem")).to_contain_text("列")
    page.get_by_text("読み方の設定", exact=True).click()
    page.get_by_label("表の列：本文").fill("二")
    drop(page, tmp_path / "columns.csv")
    page.wait_for_selector(".hero .figure b")
    assert "判断に足る日本語がありません" in page.locator(".hero").inner_text()


def test_the_prior_changes_the_probability_and_not_the_level(open_page):
    page = open_page()
    paste(page, CALL)
    before = page.locator(".figure b").inner_text()
    page.get_by_role("button", name="書き直す").click()
    page.get_by_text("読み方の設定", exact=True).click()
    page.locator("#prior").select_option("0.01")
    playwright.expect(page.locator(".figure b")).not_to_have_text(before)
    assert page.locator(".hero").get_attribute("data-level") == "high"


def test_the_other_language_keeps_the_text(open_page):
    page = open_page()
    paste(page, CALL)
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("html[lang=en] .hero .figure b")
    assert page.locator(".hero .level").inner_text() == "High"
    assert "Fake police" in page.locator("#verdict").inner_text()
    assert axe(page) == []
    page.get_by_role("button", name="Edit").click()
    assert page.locator("#text").input_value().startswith("相手:")
    page.get_by_role("link", name="日本語").click()
    page.wait_for_selector("html[lang=ja]")


def test_all_of_it_works_from_the_keyboard(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "text":
            break
    page.keyboard.insert_text(HONEST)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".hero .figure b")
    assert page.evaluate("document.activeElement.id") == "verdict"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "コピー"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_is_readable_and_accessible(open_page, viewport, scheme):
    page = open_page(viewport=viewport, color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 200) == (scheme == "dark")
    assert axe(page) == []
    paste(page, CALL + "+1 202-555-0110 へ三百万円 http://example.com/login を見て")
    assert axe(page) == []
    page.get_by_role("button", name="最初").click()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]
    top = page.locator(".hero .level").bounding_box()
    assert top["y"] + top["height"] < viewport["height"]  # the answer is seen without scrolling
    assert (
        float(page.evaluate("getComputedStyle(document.querySelector('.hero .level')).fontSize").removesuffix("px"))
        >= 40
    )
    drop(page, FORMATS / "messages.xlsx")
    page.wait_for_selector(".texts li")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_hostile_words_do_nothing(open_page):
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail("a dialog"))
    paste(page, '<img src=x onerror="alert(1)">還付金があります<script>alert(2)</script>\n相手:"><svg onload=alert(3)>')
    assert page.locator(".said img, .said script, .said svg").count() == 0
    assert "<img src=x" in page.locator(".text").inner_text()


def test_a_token_is_asked_for_and_given_in_a_form(browser):
    server, address = served(SCAMTEXT_TOKEN="correct-horse-battery")
    tab = Tab(browser, address, viewport=DESK)
    try:
        page = tab.page
        assert page.url.endswith("/login")
        assert axe(page) == []
        page.get_by_label("トークン").fill("wrong-wrong-wrong-wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("#wrong")
        page.get_by_label("トークン").fill("correct-horse-battery")
        page.keyboard.press("Enter")
        page.wait_for_selector("#text")
        page.wait_for_load_state()  # the field is there before the script that hears what is pasted
        paste(page, CALL)
        page.get_by_role("button", name="通話中").click()
        page.fill("#utterance", "還付金があります")
        page.keyboard.press("Enter")
        page.wait_for_selector("#said li .state:not(:empty)")
        page.get_by_role("button", name="終了する").click()
        page.wait_for_selector("#token")
        assert "correct-horse" not in page.url
    finally:
        tab.context.close()
        server.terminate()
        server.communicate()
