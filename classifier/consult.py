"""Whom to ring: the police desk of a prefecture and the numbers that serve all."""

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from classifier.errors import UnknownPrefectureError
from classifier.packaged import read_yaml

_ENDINGS = MappingProxyType({"都": ("と", "to"), "道": ("", ""), "府": ("ふ", "fu"), "県": ("けん", "ken")})


@dataclass(frozen=True, slots=True)
class Source:
    """A published page."""

    title: str
    publisher: str
    url: str | None  # None where the page was read without an address


@dataclass(frozen=True, slots=True)
class Contact:
    """A number that serves the country or one prefecture."""

    id: str
    name: str
    phone: str
    call: bool  # False: the number only rings out
    purpose: str
    hours: str
    area: str
    never_asks: tuple[str, ...]
    source: Source
    date: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A row of the list of prefectural police desks. The list is old; `desk_notes` says so."""

    jis_code: str
    prefecture: str
    reading: str
    romaji: str
    police: str
    phone: str
    line: str  # 総, 代 or 専
    site: str
    contact: str  # empty where the list names none
    contact_kind: str  # 全, 専 or empty
    remark: str

    @property
    def line_meaning(self) -> str:
        return desk_notes().line[self.line]

    @property
    def contact_meaning(self) -> str:
        return desk_notes().contact_kind.get(self.contact_kind, "")


@dataclass(frozen=True, slots=True)
class DeskNotes:
    """What the list of desks says about itself."""

    title: str
    caution: str
    line: MappingProxyType[str, str]
    contact_kind: MappingProxyType[str, str]
    remarks: tuple[str, ...]


def find_desk(prefecture: str) -> Desk:
    """The desk by name (神奈川 or 神奈川県), reading, romaji or JIS code. Raises UnknownPrefectureError.

    >>> find_desk("かながわ").phone
    '045-664-9110'
    """
    key = _key(prefecture)
    if key not in _index():
        names = "、".join(_short(desk.prefecture) for desk in desks())
        raise UnknownPrefectureError(
            f"unknown prefecture {prefecture!r}; give a name, reading, romaji or JIS code of one of {names}"
        )
    return _index()[key]


@cache
def desks() -> tuple[Desk, ...]:
    """All 47 desks by JIS code."""
    text = files("classifier").joinpath("reference/consultation_desks.csv").read_text(encoding="utf-8")
    return tuple(Desk(**row) for row in csv.DictReader(text.splitlines()))


@cache
def contacts() -> tuple[Contact, ...]:
    """All contacts, most urgent first."""
    return tuple(
        Contact(
            id=entry["id"],
            name=entry["name"],
            phone=entry["phone"],
            call=entry["call"],
            purpose=entry["for"],
            hours=entry["hours"],
            area=entry["area"],
            never_asks=tuple(entry.get("never_asks", ())),
            source=Source(**entry["source"]),
            date=entry["date"],
        )
        for entry in _document()["contacts"]
    )


def contacts_for(prefecture: str | None = None) -> tuple[Contact, ...]:
    """The contacts of the whole country and, where one is given, of a prefecture (神奈川県)."""
    return tuple(c for c in contacts() if c.area in ("全国", prefecture))


@cache
def desk_notes() -> DeskNotes:
    """The list's title, its age and what its marks mean."""
    notes = _document()["desks"]
    return DeskNotes(
        notes["title"],
        notes["caution"],
        MappingProxyType(notes["line"]),
        MappingProxyType(notes["contact_kind"]),
        tuple(notes["remarks"]),
    )


@cache
def official_numbers() -> MappingProxyType[str, str]:
    """Whose number it is, by its digits (# kept): the contacts and the desks."""
    named = {_digits(desk.phone): f"{desk.police}（{desk.line_meaning}）" for desk in desks()}
    return MappingProxyType(named | {_digits(contact.phone): contact.name for contact in contacts()})


def _digits(phone: str) -> str:
    return phone.replace("-", "")


@cache
def _index() -> MappingProxyType[str, Desk]:
    return MappingProxyType({name: desk for desk in desks() for name in _names(desk)})


def _names(desk: Desk) -> list[str]:
    kana, latin = _ENDINGS[desk.prefecture[-1]]
    return [
        desk.prefecture, _short(desk.prefecture), desk.police, desk.police + "本部", desk.reading, desk.reading + kana,
        desk.romaji, f"{desk.romaji}{latin}", f"{desk.romaji}-{latin}", f"{desk.romaji}prefecture",
        desk.jis_code, desk.jis_code.lstrip("0"),
    ]  # fmt: skip


def _key(name: str) -> str:
    """Full width, katakana, capitals, macrons and spaces make no difference: Ōsaka-fu, ｵｵｻｶ."""
    folded = "".join(unicodedata.normalize("NFKC", name).lower().split())
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if c not in "\u0304\u0302")
    return "".join(
        chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in unicodedata.normalize("NFC", plain)
    )  # katakana stand 0x60 above hiragana


def _short(prefecture: str) -> str:
    return prefecture if prefecture == "北海道" else prefecture[:-1]


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = read_yaml("reference/contacts.yaml")
    return document
