"""Telephone numbers in a text."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from classifier.verdict import Signal

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_KANJI = str.maketrans("〇零一二三四五六七八九", "00123456789")
_ANY_DIGITS = re.compile(r"\d{2}|[〇零一二三四五六七八九]{2}|\d[- .()の]+\d")  # what a number must have; cheap
_D = r"[\d〇零一二三四五六七八九]"
_GAP = r"(?:[-./() ]|の)"
# recognisers write 「プラス1の202の…」 and 「090の1234の5678」
_INTERNATIONAL = re.compile(rf"(?:\+|プラス){_GAP}{{0,2}}(?:{_D}{_GAP}{{0,2}}){{6,16}}(?<={_D})(?!{_D})")
_DIALLED = re.compile(rf"(?<!{_D})(?:010|〇一〇){_GAP}{{0,2}}(?:{_D}{_GAP}{{0,2}}){{7,15}}(?<={_D})(?!{_D})")
_DOMESTIC = re.compile(rf"(?<![\d+.,-])(?:\(?[0〇零](?:{_D}{_GAP}{{0,2}}){{8,10}})(?<={_D})(?!{_D})")
_SHORT = re.compile(r"(?<![\d#])#9110(?!\d)|(?<![\d.,-])(?:110|188)(?=番|に(?:電話|相談|かけ|掛け)|へ(?:電話|相談))")

_FORGED = "番号の表示は偽装できるので、番号が本物に見えても安心の理由にはならない"
_KANAGAWA = ("神奈川県警察「流行している手口」", "2026-01-29")
_SHARE = "特殊詐欺に使われた番号のうち国際電話番号は75.5％（2025年）"
_NPA = ("警察庁の集計（みんとめ）", "2025")
_PLAN = ("国際電気通信連合の番号計画（phonenumbers による）", "2026-11-21")
_TOBILA = ("トビラシステムズの公表、警察庁の集計", "2025")
_REGIONS = {
    "US": "アメリカ", "CA": "カナダ", "GB": "イギリス", "CN": "中国", "HK": "香港", "TW": "台湾", "KR": "韓国",
    "PH": "フィリピン", "TH": "タイ", "VN": "ベトナム", "MY": "マレーシア", "KH": "カンボジア", "MM": "ミャンマー",
    "ID": "インドネシア", "SG": "シンガポール", "IN": "インド", "RU": "ロシア", "AU": "オーストラリア", "DE": "ドイツ",
    "FR": "フランス", "IT": "イタリア", "NG": "ナイジェリア", "JM": "ジャマイカ", "LA": "ラオス",
}  # fmt: skip


def find_phones(text: str) -> list[Signal]:
    """The telephone numbers of a plain text. The library of numbers is loaded only where something looks like one."""
    found = [_short(match) for match in _SHORT.finditer(text)] if "110" in text or "188" in text else []
    if not _ANY_DIGITS.search(text):
        return found
    end = 0
    for match in _candidates(text):
        if match.start() < end:
            continue
        signal = _japanese(match, _digits(match)) if match.re is _DOMESTIC else _abroad(match)
        if signal:
            found.append(signal)
            end = match.end()
    return found


def _candidates(text: str) -> Iterator[re.Match[str]]:
    abroad = _INTERNATIONAL if "+" in text or "プラス" in text else None
    dialled = _DIALLED if "010" in text or "〇一〇" in text else None
    patterns = [pattern for pattern in (abroad, dialled, _DOMESTIC) if pattern]
    yield from sorted((m for pattern in patterns for m in pattern.finditer(text)), key=lambda m: m.start())


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", match[0].translate(_KANJI))


def _abroad(match: re.Match[str]) -> Signal | None:
    import phonenumbers

    digits = _digits(match)
    if match.re is _DIALLED:
        digits = digits[3:]
    if digits.startswith("81"):
        return _japanese(match, "0" + digits[2:].removeprefix("0"))
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        if _assigned(digits):
            return None
        meaning = f"+{digits[:3]} はどの国にも割り当てられていない国番号。正規の電話はこの番号からは掛からない"
        return _signal("phone_unassigned", match, meaning, _PLAN)
    region = phonenumbers.region_code_for_number(number)
    name = f"国際電話番号（{_country(number, region)}）"
    if digits.endswith("0110"):
        meaning = (
            f"末尾が0110の{name}。警察署の番号に似せた表示に使われる。日本の警察が国際電話番号から掛けることはない"
        )
        return _signal("phone_international_0110", match, meaning, _TOBILA)
    if region is None or not phonenumbers.is_valid_number_for_region(number, region):
        meaning = f"{name}の形だが、番号計画にない番号。偽装された表示に見られる"
        return _signal("phone_unassigned", match, meaning, _PLAN)
    meaning = f"{name}。{_SHARE}。日本の役所・警察・企業がこの番号から掛けることは通常ない"
    return _signal("phone_international", match, meaning, _NPA)


def _japanese(match: re.Match[str], digits: str) -> Signal | None:
    import phonenumbers

    from classifier.consult import official_numbers

    owner = official_numbers().get(digits)
    if owner:
        return _official(match, owner)
    if digits.startswith(("00", "010")):  # the codes of carriers and of calls abroad are for the library to take off
        try:
            number = phonenumbers.parse(digits, "JP")
        except phonenumbers.NumberParseException:
            return None
    else:  # what it would give, at a quarter of the time
        number = phonenumbers.PhoneNumber(country_code=81, national_number=int(digits[1:]))
    line = phonenumbers.number_type(number)
    if line == phonenumbers.PhoneNumberType.UNKNOWN:
        return None
    kinds = {
        phonenumbers.PhoneNumberType.MOBILE: "携帯電話",
        phonenumbers.PhoneNumberType.TOLL_FREE: "着信者払い",
        phonenumbers.PhoneNumberType.VOIP: "IP電話（050）",
    }
    kind = kinds.get(line, "固定電話など")
    return _signal("phone_domestic", match, f"国内の番号（{kind}）。{_FORGED}", _KANAGAWA)


def _short(match: re.Match[str]) -> Signal:
    from classifier.consult import official_numbers

    return _official(match, official_numbers()[match[0]])


def _official(match: re.Match[str], owner: str) -> Signal:
    return _signal(
        "phone_official",
        match,
        f"公表されている番号：{owner}。{_FORGED}。確かめるときは、切ってから自分で掛け直す",
        _KANAGAWA,
    )


def _assigned(digits: str) -> bool:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return any(int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE for length in (1, 2, 3))


def _country(number: "PhoneNumber", region: str | None) -> str:
    code = f"+{number.country_code}"
    if region in _REGIONS:
        return f"{code} {_REGIONS[region]}"
    return f"{code} 北米地域" if number.country_code == 1 else code


def _signal(kind: str, match: re.Match[str], meaning: str, told: tuple[str, str]) -> Signal:
    return Signal(kind, match.start(), match.end(), meaning, *told)
