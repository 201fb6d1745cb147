"""Numbers, addresses and amounts in real spellings; what is none of them beside it."""

import subprocess
import sys

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.packaged import read_yaml
from classifier.signals import find_signals, with_signals
from classifier.signals.addresses import _LONG_PART, _MOST_LABELS, _PIECES, registrable
from classifier.signals.money import amount, spoken

PHONES = [
    ("+1 202-555-0123 から着信", "phone_international", "+1 202-555-0123"),
    ("＋４４　２０　７９４６　０９５８です", "phone_international", "＋４４　２０　７９４６　０９５８"),
    ("010-1-202-555-0123", "phone_international", "010-1-202-555-0123"),
    ("プラス1の202の555の0199へ", "phone_international", "プラス1の202の555の0199"),
    ("+1 202 555 0110", "phone_international_0110", "+1 202 555 0110"),
    ("+442079460110", "phone_international_0110", "+442079460110"),
    ("+295 123 4567 890", "phone_unassigned", "+295 123 4567 890"),
    ("+804 1234 5678", "phone_unassigned", "+804 1234 5678"),
    ("+1(811)555-1234", "phone_unassigned", "+1(811)555-1234"),
    ("+180-075(451)9111", "phone_unassigned", "+180-075(451)9111"),
    ("03-3581-4321です", "phone_domestic", "03-3581-4321"),
    ("０９０ー１２３４ー５６７８", "phone_domestic", "０９０ー１２３４ー５６７８"),
    ("〇九〇の一二三四の五六七八", "phone_domestic", "〇九〇の一二三四の五六七八"),
    ("090\u200b12345678", "phone_domestic", "090\u200b12345678"),
    ("+81 90-1234-5678", "phone_domestic", "+81 90-1234-5678"),
    ("050-1234-5678", "phone_domestic", "050-1234-5678"),
    ("中央署の番号は06-6222-0110", "phone_domestic", "06-6222-0110"),
    ("０４５‐３２３‐９６５３", "phone_official", "０４５‐３２３‐９６５３"),
    ("+81-120-210-364", "phone_official", "+81-120-210-364"),
    ("0456649110に", "phone_official", "0456649110"),
    ("♯ではなく#9110へ", "phone_official", "#9110"),
    ("110番して", "phone_official", "110"),
    ("188に相談", "phone_official", "188"),
]
ADDRESSES = [
    ("https://smbc-card.login-x.top/a?b=1 です", "url_lookalike", "https://smbc-card.login-x.top/a?b=1"),
    ("http://nta.go.jp.refund-x.com/", "url_lookalike", "http://nta.go.jp.refund-x.com/"),
    ("差出人 info@rakuten-card.xyz", "url_lookalike", "info@rakuten-card.xyz"),
    ("www.keishicho-police.info へ", "url_lookalike", "www.keishicho-police.info"),
    ("ｗｗｗ．ｎｐａ．ｇｏ．ｊｐ", "url_official", "ｗｗｗ．ｎｐａ．ｇｏ．ｊｐ"),
    ("https://www.police.pref.kanagawa.jp/", "url_official", "https://www.police.pref.kanagawa.jp/"),
    ("https://npa.go.jp@evil.xyz/x", "url_hidden", "https://npa.go.jp@evil.xyz/x"),
    ("bit.ly/3abc", "url_hidden", "bit.ly/3abc"),
    ("http://192.168.0.1/pay", "url_hidden", "http://192.168.0.1/pay"),
    ("https://xn--mgbh0fb.com/", "url_hidden", "https://xn--mgbh0fb.com/"),
    ("詳細はhttps://example.com/a。", "url", "https://example.com/a"),
    ("example.co.jpまで", "url", "example.co.jp"),
]
MONEY = [
    ("五十万円を", "amount", "五十万円"),
    ("1,280円です", "amount", "1,280円"),
    ("今日中に三百万いるんだ", "amount", "三百万"),
    ("￥3,000", "amount", "￥3,000"),
    ("数十万円で済みます", "amount", "数十万円"),
    ("被害額は数百万にのぼり", "amount", "数百万"),
    ("何百万も損した", "amount", "何百万"),
    ("手数料数千円だけ", "amount", "数千円"),
    ("ＡＴＭに行って", "atm", "ＡＴＭ"),
    ("エーティーエムの前", "atm", "エーティーエム"),
    ("電子マネーカード", "emoney", "電子マネー"),
    ("iTunesカードを3枚", "emoney", "iTunesカード"),
    ("ビットコインで", "crypto", "ビットコイン"),
    ("USDTを送る", "crypto", "USDT"),
]


@pytest.mark.parametrize(("text", "kind", "words"), PHONES + ADDRESSES + MONEY)
def test_a_signal_is_found_with_its_span(text, kind, words):
    found = find_signals(text)
    assert [(s.kind, text[s.start : s.end]) for s in found] == [(kind, words)]
    assert found[0].meaning
    assert found[0].source
    assert found[0].date


NOTHING = [
    "",
    "もしもし、夕飯は先に食べてて",
    "受付番号は12345です",
    "2026-01-29 09:00に集合",
    "数百万人が視聴、数万回、数十万部、利用者数百万、何円ですか、数円周期、手数料、何万件、数万再生",
    "三百万人の読者、1万2千人、万が一、10万ポイント",
    "1,000,000回再生",
    "数字の110と188",
    "Node.jsの明細.pdf、Ver.2.10",
    "taro@example.com",
    "1+1202は5",
    "ATMOS",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_signal(text):
    assert find_signals(text) == ()


@pytest.mark.parametrize("text", ["045-323-9653", "045-211-1212", "03-3431-8109", "#9110", "https://www.npa.go.jp/"])
def test_official_numbers_and_domains_never_reassure(text):
    (signal,) = find_signals(text)
    assert signal.kind in ("phone_official", "url_official")
    assert "安心の理由にはならない" in signal.meaning


def test_an_official_number_is_named():
    assert "特殊詐欺等被害防止コールセンター" in find_signals("045-323-9653")[0].meaning
    assert "神奈川県警察（総合相談電話）" in find_signals("045-664-9110")[0].meaning


def test_signals_change_nothing_else_in_a_verdict(classifier):
    text = "還付金の件です。+1 202-555-0110 に掛けてATMへ"
    before = classifier.classify(text)
    after = with_signals(before, text)
    assert [s.kind for s in after.signals] == ["phone_international_0110", "atm"]
    assert {**after.to_dict(), "signals": []} == before.to_dict()


@pytest.mark.parametrize(
    ("words", "yen"),
    [
        ("三百万", 3_000_000),
        ("2億3千万円", 230_000_000),
        ("1.5万円", 15_000),
        ("1,280円", 1_280),
        ("二万五千円", 25_000),
        ("百五十円", 150),
        ("10万5000円", 105_000),
        ("千円", 1_000),
        ("1.2.3円", 0),
    ],
)
def test_amounts_are_read(words, yen):
    assert amount(words) == yen


def test_amounts_are_spoken_in_units():
    assert spoken(230_000_000) == "2億3,000万円"
    assert spoken(1_280) == "1,280円"
    assert spoken(0) == "0円"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("login.example.co.jp", "example.co.jp"),
        ("a.b.example.com", "example.com"),
        ("x.example.co.uk", "example.co.uk"),
        ("example.jp", "example.jp"),
    ],
)
def test_registrable_domains(host, domain):
    assert registrable(host) == domain


pieces = st.sampled_from(
    [
        "+",
        "0",
        "1",
        "44",
        "090",
        "-",
        "の",
        "〇",
        "三",
        "万",
        "円",
        "億",
        "。",
        "http://",
        "a.jp",
        "npa",
        ".",
        "@",
        "ＡＴＭ",
        "\u200b",
        "\ud800",
        "\n",
        "#9110",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=40).map("".join))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    at = 0
    for signal in find_signals(text):
        assert at <= signal.start < signal.end <= len(text)
        at = signal.end


def test_the_library_of_numbers_loads_only_for_a_number():
    check = (
        "import sys; from classifier.signals import find_signals; find_signals('還付金があります。三日に二十個');"
        "first = 'phonenumbers' in sys.modules; find_signals('090-1234-5678'); print(first, 'phonenumbers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_long_texts_take_no_time():
    import time

    text = "お電話番号は0が9で1と2の3、+1の" * 30_000 + "0" * 100_000 + "a." * 50_000 + "一" * 50_000
    start = time.perf_counter()
    find_signals(text)
    assert time.perf_counter() - start < 10


def test_every_name_of_the_reference_file_is_looked_for():
    officials = read_yaml("reference/official_domains.yaml")["official_domains"]
    parts = [part for official in officials for part in official["parts"]]
    domains = [domain for official in officials for domain in official["domains"]]
    assert max(map(len, parts)) in _LONG_PART
    assert max(part.count("-") + 1 for part in parts) == max(_PIECES)
    assert max(domain.count(".") + 1 for domain in domains) == _MOST_LABELS
    assert not any(domain.startswith("*") for domain in domains)
