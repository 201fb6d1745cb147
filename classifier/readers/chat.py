"""Chats as LINE exports them: lines of days, and under each day lines of time, name and message."""

import datetime
import re

from classifier.transcript import Transcript, Utterance

_DAY = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:\([月火水木金土日]\)| [月火水木金土日]曜日)[ \t]*")
_TIME = r"(午前|午後)?(\d{1,2}):([0-5]\d)"
_SAID = re.compile(rf"{_TIME}\t(?:([^\t]{{1,60}})\t)?(.*)")
_SAID_ON_PC = re.compile(rf"{_TIME} (\S{{1,60}}) (.*)")  # blanks instead of tabs, under 「2026.11.22 日曜日」
# a picture or a call, in the place of words
_NO_WORDS = re.compile(r"\[?(?:スタンプ|写真|動画|ファイル|ボイスメッセージ|アルバム|ノート|連絡先|位置情報)\]?|☎.*")
_HEAD = 40  # lines in which the first day stands


def is_chat(text: str) -> bool:
    """Whether a text is such an export: a day near its top, and below it a line with a time."""
    lines = text.removeprefix("\ufeff").split("\n", _HEAD)
    days = [at for at, line in enumerate(lines[:_HEAD]) if _DAY.fullmatch(line)]
    return bool(days) and any(
        _SAID.fullmatch(line) or _SAID_ON_PC.fullmatch(line) for line in lines[days[0] + 1 :][:_HEAD]
    )


def read_chat(text: str, name: str) -> Transcript:
    """An utterance for each message that has words, with its sender and its seconds since the first message.

    What the program itself says (who joined, who took back a message) is left out, as are pictures and stickers.
    """
    said: list[tuple[datetime.datetime, str | None, list[str]]] = []
    day = None
    for line in text.removeprefix("\ufeff").split("\n"):
        found = _DAY.fullmatch(line)
        begun = found and _date(found)
        if begun:
            day, pattern = begun, _SAID_ON_PC if "曜日" in line else _SAID
            continue
        if day is None:
            continue  # the title and the time of saving
        message = pattern.fullmatch(line) or _SAID.fullmatch(line)
        if message:
            said.append((day + _time(message), message[4], [message[5]]))
        elif said:
            said[-1][2].append(line)
    worded = [(when, who, _words(lines)) for when, who, lines in said if who]
    worded = [(when, who, words) for when, who, words in worded if words and not _NO_WORDS.fullmatch(words)]
    first = worded[0][0] if worded else None
    return Transcript(
        tuple(
            Utterance(words, who.strip(), (when - (first or when)).total_seconds())
            for when, who, words in worded
            if who
        ),
        name,
    )


def _date(found: re.Match[str]) -> datetime.datetime | None:
    try:
        return datetime.datetime(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:  # 2026/13/40
        return None


def _time(message: re.Match[str]) -> datetime.timedelta:
    hours = int(message[2])
    if message[1]:
        hours = hours % 12 + (12 if message[1] == "午後" else 0)
    return datetime.timedelta(hours=hours, minutes=int(message[3]))


def _words(lines: list[str]) -> str:
    """A message of several lines stands in quotation marks; those inside it are doubled."""
    words = "\n".join(lines).strip()
    if len(words) > 1 and words.startswith('"') and words.endswith('"') and "\n" in words:
        words = words[1:-1].replace('""', '"')
    return words.strip()
