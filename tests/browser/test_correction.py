"""Corrections on the page: what a reader sends, what the file then holds, and how it is taken back."""

import json
import re
import shutil

import pytest
from tab import CALL, CHROMIUM, DESK, HONEST, PHONE, Tab, axe, launched, opening, paste, served

from classifier.cli import main
from classifier.feedback import FeedbackStore
from classifier.taxonomy import labels

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install 'scamtext[browser]'")
pytest.importorskip("axe_playwright_python", reason="needs axe: pip install 'scamtext[browser]'")
pytest.importorskip("fastapi", reason="needs the extra: pip install 'scamtext[service]'")
pytestmark = pytest.mark.skipif(not shutil.which(CHROMIUM), reason="needs Chromium: apt-get install chromium")

expect = playwright.expect


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    path = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    server, address = served("--feedback", str(path))
    yield address, path
    server.terminate()
    told = server.communicate()[1].decode()
    assert str(path) in told
    assert "坂口" not in told
    assert told.count("nothing was stored") == 1  # the file that could not be used, once
    assert "1 errors" in told


@pytest.fixture
def open_page(browser, service):
    with opening(browser, service[0], borne=("503",)) as opened:  # and nothing of the content security policy
        yield opened


@pytest.fixture
def stored(service):
    """The corrections that a test adds; taken away after it."""
    store = FeedbackStore(service[1])
    yield lambda: list(store.corrections())
    for correction in store.corrections():
        store.withdraw(correction.id)


def receipt(page):
    page.wait_for_selector(".receipt:visible")
    return page.locator(".receipt code").inner_text()


def test_without_consent_the_answers_are_stored_and_no_text_from_the_keyboard_alone(open_page, stored, service):
    page = open_page()
    assert "文面は同意したときだけ保存されます" in page.locator("#verdict").inner_text()
    paste(page, CALL)
    page.get_by_role("link", name="正誤を伝える").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "判定の正誤を伝える"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("違う：詐欺ではなかった").is_checked()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "domain"
    for _ in range(list(labels("benign_domains")).index("police") + 1):
        page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert not page.get_by_label("文面も保存してよい").is_checked()
    page.keyboard.press("Enter")
    number = receipt(page)
    assert page.evaluate("document.activeElement.className") == "receipt"
    told = page.locator(".receipt").inner_text()
    assert "詐欺ではなかった、警察の正規連絡・相談対応" in told
    assert "文面は保存していません" in told
    (correction,) = stored()
    assert (correction.id, correction.label, correction.domain) == (number, "benign", "police")
    assert (correction.text, correction.channel, correction.level) == (None, None, "high")
    assert correction.log_odds == float(page.locator(".hero").get_attribute("data-log-odds"))
    assert all("坂口".encode() not in file.read_bytes() for file in service[1].parent.iterdir())
    page.locator(".receipt").get_by_role("button", name="取り消す").click()
    expect(page.locator("#correction .told")).to_contain_text("取り消しました")
    assert stored() == []


def test_with_consent_what_is_shown_is_stored_and_becomes_a_record(open_page, stored, service, tmp_path, capsys):
    page = open_page()
    paste(page, CALL.strip() + "\n相手:折り返しは090-1234-5678までお願いします")
    page.get_by_label("合っている：詐欺だった").check()
    page.get_by_label("詐欺の種類").select_option("fake_police")
    page.get_by_label("届いた経路").select_option("phone")
    assert not page.locator("#stored-text").is_visible()
    page.get_by_label("文面も保存してよい").check()
    area = page.locator("#stored-text")
    expect(area).to_have_value(re.compile("●●様のお電話"))
    assert "090" not in area.input_value()
    assert "坂口" not in area.input_value()
    shown = area.input_value().replace("西尾", "●●")
    area.fill(shown)
    page.get_by_role("button", name="送る", exact=True).click()
    receipt(page)
    assert "伏せ字にした文面" in page.locator(".receipt").inner_text()
    page.get_by_role("button", name="別の文面").click()
    paste(page, HONEST)
    page.get_by_label("合っている：詐欺ではなかった").check()
    page.get_by_label("何の文面だったか").select_option("bank")
    page.get_by_label("文面も保存してよい").check()
    page.get_by_label("そのまま保存する").check()
    page.get_by_role("button", name="送る", exact=True).click()
    receipt(page)
    call, notice = stored()
    assert (call.text, call.redacted, call.scam_type, call.channel) == (shown, True, "fake_police", "phone")
    assert (notice.text.split(), notice.redacted, notice.domain) == (HONEST.split(), False, "bank")
    assert main(["review", str(service[1]), "--export", str(tmp_path / "out.jsonl")]) == 0
    assert "2 records, 1 scam" in capsys.readouterr().out
    scam, honest = (json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert (scam["scam_type"], scam["unit"], scam["channel"], len(scam["turns"])) == (
        "fake_police",
        "transcript",
        "phone",
        8,
    )
    assert not scam["text"].startswith("相手")
    assert (honest["label"], honest["domain"]) == ("benign", "bank")


def test_consent_that_is_taken_back_before_sending_counts_for_nothing(open_page, stored):
    page = open_page()
    paste(page, CALL)
    page.get_by_label("合っている：詐欺だった").check()
    page.get_by_label("文面も保存してよい").check()
    page.get_by_label("そのまま保存する").check()
    expect(page.locator("#stored-text")).to_have_value(re.compile("坂口"))
    page.get_by_label("文面も保存してよい").uncheck()
    page.get_by_role("button", name="送る", exact=True).click()
    receipt(page)
    assert [correction.text for correction in stored()] == [None]


def test_an_answer_is_needed_and_a_number_that_was_noted_down_withdraws(open_page, stored):
    page = open_page()
    paste(page, CALL)
    page.get_by_role("button", name="送る", exact=True).click()
    assert page.locator(".receipt").is_hidden()
    page.get_by_label("合っている：詐欺だった").check()
    page.get_by_role("button", name="送る", exact=True).click()
    number = receipt(page)
    page.get_by_role("button", name="別の文面").click()
    page.get_by_text("送った正誤を取り消す").click()
    page.get_by_label("控えの番号").fill(f" {number} ")
    page.get_by_role("button", name="取り消す").click()
    expect(page.locator("#withdraw .told")).to_contain_text("取り消しました")
    assert stored() == []
    assert axe(page) == []


def test_a_text_that_is_too_long_cannot_be_consented_to(open_page):
    page = open_page()
    paste(page, CALL + "夕飯は先に食べてて。" * 10_500)
    assert page.get_by_label("文面も保存してよい").is_disabled()
    assert "100,000 文字まで" in page.locator("[data-too-long]").inner_text()


def test_a_file_that_cannot_be_used_is_told_and_the_answers_stay(open_page, stored, service):
    page = open_page()
    paste(page, CALL)
    page.get_by_label("違う：詐欺ではなかった").check()
    aside = service[1].rename(service[1].with_suffix(".aside"))
    try:
        page.get_by_role("button", name="送る", exact=True).click()
        expect(page.locator("#correction form .problem")).to_contain_text("保存先のファイル")
    finally:
        aside.rename(service[1])
    page.get_by_role("button", name="送る", exact=True).click()
    receipt(page)
    assert [correction.label for correction in stored()] == ["benign"]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_fits_and_is_accessible(open_page, stored, viewport, scheme):
    page = open_page(viewport=viewport, color_scheme=scheme)
    paste(page, CALL)
    page.get_by_label("違う：詐欺ではなかった").check()
    page.get_by_label("文面も保存してよい").check()
    expect(page.locator("#stored-text")).to_have_value(re.compile("●"))
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.get_by_role("button", name="送る", exact=True).click()
    receipt(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_in_english(open_page, stored):
    page = open_page()
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("html[lang=en]")
    paste(page, CALL)
    page.get_by_label("wrong: it was not a scam").check()
    page.get_by_label("What it was").select_option(label="The real police")
    page.get_by_role("button", name="Send", exact=True).click()
    receipt(page)
    assert "The text was not stored" in page.locator(".receipt").inner_text()
    assert [correction.domain for correction in stored()] == ["police"]


def test_without_a_file_there_is_no_form_and_nothing_is_stored(browser):
    server, address = served()
    tab = Tab(browser, address, viewport=DESK)
    try:
        assert "保存も記録もされません" in tab.page.locator("#verdict").inner_text()
        paste(tab.page, CALL)
        assert tab.page.locator("#correction *, #withdraw, [href='#correction']").count() == 0
    finally:
        tab.context.close()
        server.terminate()
        server.communicate()
