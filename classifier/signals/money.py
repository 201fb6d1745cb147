"""Amounts and means of payment in a text."""

import re

from classifier.verdict import Signal

_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "壱": 1, "弐": 2, "参": 3}
_SMALL = {"十": 10, "百": 100, "千": 1_000, "拾": 10}
_LARGE = {"万": 10_000, "億": 100_000_000, "兆": 1_000_000_000_000}
_NUMERAL = r"\d一二三四五六七八九〇零壱弐参十百千拾"
_NUMBER = rf"[{_NUMERAL}](?:[{_NUMERAL}万億兆,.]*[{_NUMERAL}万億兆])?"
# 「三百万いる」 is money, 「三百万人」 is not
_COUNTERS = "人件回個台票部枚本歩年月日時分秒点字語株通匹頭種社店ページkm%m"
_AMOUNT = re.compile(
    rf"(?<![{_NUMERAL}万億兆.,第数何幾])(?:{_NUMBER}円(?!周|形|卓|安|高|筒|盤|柱)"
    r"|¥\d[\d,]*"
    rf"|(?:{_NUMBER})(?<=[万億])(?![{_NUMERAL}{_COUNTERS}]|[ァ-ヺ]))"
)
# 「被害額数百万」 is money, 「利用者数百万」 and 「何円ですか」 are not
_VAGUE = re.compile(
    r"(?:(?<![人回件点個者口総複多少無手字])数|何(?=[十百千万億]))"
    rf"(?:[十百千]{{0,2}}[万億]?円(?!周|形|卓|安|高|筒|盤|柱)|[十百千]{{0,2}}[万億](?![{_NUMERAL}{_COUNTERS}世再円]|[ァ-ヺ]))"
)
_ATM = re.compile(r"(?<![a-z])ATM(?![a-z])|エ-ティ-エム|現金自動預(?:け)?払(?:い)?機", re.IGNORECASE)
_EMONEY = re.compile(
    r"電子マネ-|プリペイドカ-ド|ギフト(?:カ-ド|券|コ-ド)|ビットキャッシュ|ウェブマネ-|iTunesカ-ド|"
    r"(?:グ-グルプレイ|Google ?Play|アップル|Apple|Amazon|アマゾン)(?:ギフト)?(?:カ-ド|コ-ド)|"
    r"(?<![a-z])(?:WebMoney|BitCash|Vプリカ)(?![a-z])",
    re.IGNORECASE,
)
_CRYPTO = re.compile(
    r"暗号資産|仮想通貨|ビットコイン|イ-サリアム|テザ-|(?<![a-z])(?:USDT|BTC|ETH|Bitcoin|Ethereum)(?![a-z])",
    re.IGNORECASE,
)

# (what must stand in the text in small letters for the pattern to match, pattern, kind, meaning, source, date)
_MEANS = (
    (
        ("atm", "エ-ティ-エム", "現金自動"),
        _ATM,
        "atm",
        "ATMの話。役所や税務署が、還付や給付のためにATMの操作を求めることはない",
        ("国税庁「不審なメールや電話にご注意ください」", "2026-11-21"),
    ),
    (
        ("マネ-", "カ-ド", "コ-ド", "ギフト", "キャッシュ", "プリカ", "money", "bitcash"),
        _EMONEY,
        "emoney",
        "電子マネー・ギフトカードの話。番号を人に伝えると取り戻せない。料金をこれで払わせる請求は疑ってよい",
        ("警察庁「架空料金請求詐欺」", "2026-11-21"),
    ),
    (
        ("暗号資産", "仮想通貨", "コイン", "イ-サリアム", "テザ-", "usdt", "btc", "eth", "bitcoin"),
        _CRYPTO,
        "crypto",
        "暗号資産の話。送ると取り戻しにくい。業者の登録を金融庁の一覧で調べる",
        (
            "金融庁「SNS・マッチングアプリ等で知り合った者や著名人を騙る者からの投資勧誘等にご注意ください!」",
            "2026-11-21",
        ),
    ),
)
_UNITS = "円万億¥"
_SUMS = ("神奈川県警察「自動音声ガイダンスのサギ電話に注意!」", "2026-01-29")


def find_money(text: str) -> list[Signal]:
    """Amounts, ATM, electronic money and crypto-assets in a plain text."""
    small = text.lower()
    found = [
        Signal(kind, match.start(), match.end(), meaning, *told)
        for needed, pattern, kind, meaning, told in _MEANS
        if any(word in small for word in needed)
        for match in pattern.finditer(text)
    ]
    if not any(unit in text for unit in _UNITS):
        return found
    for match in _AMOUNT.finditer(text):
        yen = amount(match[0])
        if yen:
            meaning = f"金額 {spoken(yen)}。電話や文面だけでお金の話が出たら、切って家族や警察に相談する"
            found.append(Signal("amount", match.start(), match.end(), meaning, *_SUMS))
    for match in _VAGUE.finditer(text):
        meaning = (
            f"金額 {match[0]}。額がはっきりしなくても、電話や文面だけでお金の話が出たら、切って家族や警察に相談する"
        )
        found.append(Signal("amount", match.start(), match.end(), meaning, *_SUMS))
    return found


def amount(words: str) -> int:
    """Yen: 「三百万」, 「1,280円」, 「2億3千万円」 and 「1.5万円」 as numbers; 0 where they make none."""
    total, section, run = 0.0, 0.0, ""
    for character in words.replace(",", ""):
        if character.isdecimal() or character == ".":
            run += character
        elif character in _DIGITS:
            run += str(_DIGITS[character])
        elif character in _SMALL:
            section, run = section + (_float(run) or 1.0) * _SMALL[character], ""
        elif character in _LARGE:
            total, section, run = total + (section + _float(run) or 1.0) * _LARGE[character], 0.0, ""
    return round(total + section + _float(run))


def spoken(yen: int) -> str:
    """2,3000,0000 → 「2億3,000万円」."""
    parts = []
    for name, unit in (("兆", 10**12), ("億", 10**8), ("万", 10**4)):
        if yen >= unit:
            parts.append(f"{yen // unit:,}{name}")
            yen %= unit
    return "".join(parts) + (f"{yen:,}" if yen or not parts else "") + "円"


def _float(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        return 0.0
