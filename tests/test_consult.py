"""Whom to ring: every row of the list as it was published, found by any name."""

import json
import re

import pytest
from conftest import ROOT

from classifier.cli import main
from classifier.consult import contacts, contacts_for, desk_notes, desks, find_desk, official_numbers
from classifier.errors import UnknownPrefectureError

SEED = (ROOT / "tests" / "seeds" / "prefectural_cybercrime_desks.txt").read_text(encoding="utf-8")
ROW = re.compile(
    r"^(\S+) ([0-9-]+)\((総|代|専)\) (\S+)\n(?:(http\S+?|上記ページから|-)(?:\(([^)]*)\))?\n)?", re.MULTILINE
)
PUBLISHED = [match.groups() for match in ROW.finditer(SEED)]


def test_the_list_has_all_prefectures():
    assert len(PUBLISHED) == len(desks()) == 47
    assert [desk.jis_code for desk in desks()] == [f"{n:02}" for n in range(1, 48)]


@pytest.mark.parametrize(("name", "phone", "line", "site", "contact", "kind"), PUBLISHED, ids=lambda v: str(v)[:12])
def test_every_row_is_as_published(name, phone, line, site, contact, kind):
    desk = find_desk(name)
    assert (desk.phone, desk.line, desk.site) == (phone, line, site)
    expected = {"上記ページから": site, "-": "", None: ""}.get(contact, contact)
    assert desk.contact == expected
    assert desk.contact_kind == (kind or "").removeprefix("情報・")
    assert ("掲載ページから" in desk.remark) == (contact == "上記ページから")
    assert ("受理専用" in desk.remark) == (kind == "情報・専")
    assert desk.line_meaning
    assert bool(desk.contact_meaning) == bool(kind)


NAMES = [
    ("神奈川", "神奈川県"),
    ("神奈川県", "神奈川県"),
    ("神奈川県警察", "神奈川県"),
    ("かながわ", "神奈川県"),
    ("カナガワケン", "神奈川県"),
    ("ｶﾅｶﾞﾜ", "神奈川県"),
    ("Kanagawa", "神奈川県"),
    ("kanagawa-ken", "神奈川県"),
    (" １４ ", "神奈川県"),
    ("1", "北海道"),
    ("01", "北海道"),
    ("北海道", "北海道"),
    ("Hokkaidō", "北海道"),
    ("東京", "東京都"),
    ("警視庁", "東京都"),
    ("とうきょうと", "東京都"),
    ("京都", "京都府"),
    ("きょうと", "京都府"),
    ("きょうとふ", "京都府"),
    ("Ōsaka-fu", "大阪府"),
    ("ŌITA", "大分県"),
    ("三重", "三重県"),
]


@pytest.mark.parametrize(("name", "prefecture"), NAMES)
def test_a_desk_is_found_by_any_name(name, prefecture):
    assert find_desk(name).prefecture == prefecture


@pytest.mark.parametrize("name", ["", "北", "横浜", "48", "0", "atlantis", "県"])
def test_an_unknown_prefecture_says_what_is_possible(name):
    with pytest.raises(UnknownPrefectureError, match=r"北海道、青森.*沖縄"):
        find_desk(name)


def test_contacts_have_a_number_a_purpose_a_source_and_a_date():
    assert {c.phone for c in contacts()} >= {"110", "#9110", "188", "0120-210-364", "045-323-9653"}
    for contact in contacts():
        assert contact.purpose
        assert contact.hours
        assert contact.source.title
        assert contact.source.publisher
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", contact.date)


def test_the_kanagawa_centre_is_named_only_to_kanagawa_and_with_what_it_never_asks():
    assert "045-323-9653" not in {c.phone for c in contacts_for()}
    centre = next(c for c in contacts_for("神奈川県") if c.phone == "045-323-9653")
    assert not centre.call
    assert len(centre.never_asks) == 3
    assert "9時〜17時" in centre.hours


def test_official_numbers_hold_desks_and_contacts():
    assert "神奈川県警察" in official_numbers()["0456649110"]
    assert "#9110" in official_numbers()
    assert len(official_numbers()) == 47 + len(contacts())


def test_the_command_prints_the_desk_and_that_the_list_is_old(capsys):
    from wcwidth import wcswidth

    assert main(["consult", "神奈川"]) == 0
    out = capsys.readouterr().out
    for expected in ("045-664-9110", "総合相談電話", "受理専用", "#9110", "188", "0120-210-364", "暗証番号"):
        assert expected in out
    assert desk_notes().caution[:10] in out
    assert max(wcswidth(line) for line in out.splitlines()) <= 80


def test_the_command_without_a_prefecture_gives_the_numbers_for_all(capsys):
    assert main(["consult"]) == 0
    out = capsys.readouterr().out
    assert "#9110" in out
    assert "神奈川県警察 特殊詐欺" not in out


def test_the_command_as_json(capsys):
    assert main(["consult", "13", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["desk"]["police"] == "警視庁"
    assert plain["desk"]["line_meaning"].startswith("サイバー犯罪相談")
    assert plain["desk"]["caution"]
    assert {c["phone"] for c in plain["contacts"]} == {"110", "#9110", "188", "0120-210-364"}
    main(["consult", "--json"])
    assert json.loads(capsys.readouterr().out)["desk"] is None


def test_an_unknown_prefecture_is_one_line_and_exit_one(capsys):
    assert main(["consult", "\x1b[31m横浜"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert "沖縄" in err
