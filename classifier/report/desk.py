"""Whom to ring, on a terminal."""

from collections.abc import Sequence

from classifier.consult import Contact, Desk, desk_notes
from classifier.report.terminal import wrap


def as_desk(desk: Desk | None, contacts: Sequence[Contact]) -> str:
    """The desk of one prefecture, then the contacts, most urgent first."""
    lines = [*_desk_lines(desk), ""] if desk else []
    for contact in contacts:
        lines += _contact_lines(contact)
    return "\n".join(part for line in lines for part in wrap(line)) + "\n"


def _desk_lines(desk: Desk) -> list[str]:
    notes = desk_notes()
    lines = [f"{desk.prefecture}　{desk.police}", f"  電話  {desk.phone}（{desk.line}：{desk.line_meaning}）"]
    lines.append(f"  サイト  {desk.site}")
    if desk.contact:
        kind = f"（{desk.contact_kind}：{desk.contact_meaning}）" if desk.contact_kind else ""
        lines.append(f"  情報・相談メール  {desk.contact}{kind}")
    else:
        lines.append("  情報・相談メール  一覧に記載なし")
    if desk.remark:
        lines.append(f"  備考  {desk.remark}")
    return [
        *lines,
        f"  出典  {notes.title}",
        f"  注意  {notes.caution}",
        *(f"  　　  {remark}" for remark in notes.remarks),
    ]


def _contact_lines(contact: Contact) -> list[str]:
    mark = "" if contact.call else "（掛けてくる側の番号）"
    lines = [f"{contact.phone}  {contact.name}{mark}", f"  {contact.purpose}", f"  時間  {contact.hours}"]
    if contact.never_asks:
        lines.append(f"  決して聞かないこと  {'、'.join(contact.never_asks)}。聞かれたら、かたりを疑う")
    return [*lines, f"  出典  {contact.source.publisher}「{contact.source.title}」 {contact.date}"]
