"""Who speaks and when, where the lines of a text say so: 「相手:…」, 「A「…」」, 「[00:12] 話者1: …」."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from classifier.readers.clock import STAMP, seconds

MOST = 0.5  # share of lines that must carry a label or a stamp
FIRST = 600.0  # seconds; a stamp later than this is a time of day, no place in a call
TURNS_EACH = 2  # speakers come again; the labels of a notice (日時:, 場所:) do not

_OPEN, _CLOSE = r"[\[［(（<＜【]", r"[\]］)）>＞】]"
_TIME = rf"(?:{_OPEN}\s*)?(?P<start>{STAMP})(?:\s*(?:-->|[-–~〜～→])\s*(?P<end>{STAMP}))?(?:\s*{_CLOSE})?(?![\d０-９:：])[\s-]*"
_WORD = r"[^\s:：「」『』、。，．,.!?！？()（）<>＜＞\[\]［］【】/]"
_NAME = rf"(?=[^:：「]{{0,26}}[^\W\d])(?P<name>{_WORD}{{1,16}}(?:[ 　](?!{STAMP}){_WORD}{{1,8}})?)"
_LATER = rf"{_OPEN}?(?P<later>{STAMP}){_CLOSE}?"  # 「話者1 00:05」, the words follow
_SPOKEN = re.compile(
    rf"\s*(?:{_TIME})?{_OPEN}?{_NAME}{_CLOSE}?(?:\s*[:：](?!//)|(?=「)|\s+{_LATER}\s*(?:[:：]|$))\s*(?P<text>.*)",
    re.DOTALL,
)
_STAMPED = re.compile(rf"\s*{_TIME}(?P<text>.*)", re.DOTALL)
_KNOWN = re.compile(
    r"[a-z]|話者.{0,3}|speaker.{0,4}|参加者.{0,3}|相手方?|本人|自分|私|発信者?|受信者?|着信者?|電話の(?:相手|声)|男性?|女性?|犯人"
    r"|被害者|相談者|相談員|お?客様?|顧客|担当者?|係員?|職員|警察官?|店員|オペレー?ター|母|父|息子|娘|孫|祖母|祖父|家族|友人"
    r"|caller|callee|agent|customer|operator",
    re.IGNORECASE,
)


class Turn(NamedTuple):
    """A line taken apart; without speaker and start it goes on with the line before."""

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


def take_apart(lines: Sequence[str]) -> list[Turn] | None:
    """A turn for each line, none of them blank; None where most lines carry neither a label nor a stamp."""
    spoken = [_spoken(line) for line in lines]
    if any(spoken) and _speakers_in(spoken):
        return [turn or Turn(line.strip()) for turn, line in zip(spoken, lines, strict=True)]
    stamped = [_stamped(line) for line in lines]
    if any(stamped) and _clock_in(stamped):
        return [turn or Turn(line.strip()) for turn, line in zip(stamped, lines, strict=True)]
    return None


def _spoken(line: str) -> Turn | None:
    match = _SPOKEN.match(line.strip())
    if match is None:
        return None
    start, end = seconds(match["start"] or match["later"] or ""), seconds(match["end"] or "")
    name = unicodedata.normalize("NFKC", match["name"]).strip()
    return Turn(match["text"].strip(), name, start, end)


def _stamped(line: str) -> Turn | None:
    match = _STAMPED.match(line.strip())
    return match and Turn(match["text"].strip(), None, seconds(match["start"]), seconds(match["end"] or ""))


def _speakers_in(turns: Sequence[Turn | None]) -> bool:
    names = Counter(turn.speaker for turn in turns if turn and turn.speaker)
    n_spoken = names.total()
    n_known = sum(count for name, count in names.items() if name and _KNOWN.fullmatch(name))
    # a name alone on its line speaks the line below, too
    n_below = sum(bool(turn and not turn.text and below is None) for turn, below in itertools.pairwise(turns))
    plausible = n_known >= MOST * n_spoken or n_spoken >= TURNS_EACH * len(names)
    return plausible and n_spoken + n_below >= MOST * len(turns)


def _clock_in(turns: Sequence[Turn | None]) -> bool:
    starts = [turn.start for turn in turns if turn and turn.start is not None]
    in_order = len(starts) > 1 and starts[0] <= FIRST and starts == sorted(starts)
    return in_order and len(starts) >= MOST * len(turns)
