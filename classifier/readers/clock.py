"""Times of utterances, however they are written, as seconds."""

import datetime
import math
import re
import unicodedata
from typing import Any

STAMP = r"\d{1,3}[:：][0-5０-５]\d(?:[:：][0-5０-５]\d)?(?:[.,]\d{1,6})?"  # 「1:02:03.5」, 「００：１２」
_STAMP = re.compile(STAMP)


def seconds(value: Any) -> float | None:
    """Seconds of a number, of 「[分]:[秒]」, 「[時]:[分]:[秒]」, of a duration or a date with time; None if it is no time.

    >>> seconds("1:02:03.5")
    3723.5

    A date with time counts from 1970; only differences of such values mean something.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=value.tzinfo or datetime.UTC).timestamp()
    if isinstance(value, datetime.time):
        return value.hour * 3600.0 + value.minute * 60 + value.second + value.microsecond / 1e6
    if isinstance(value, str):
        return _written(unicodedata.normalize("NFKC", value).strip())
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _written(value: str) -> float | None:
    if _STAMP.fullmatch(value):
        total = 0.0
        for part in value.replace(",", ".").split(":"):
            total = total * 60 + float(part)
        return total
    try:
        number = float(value)
        return number if math.isfinite(number) else None
    except ValueError:
        pass
    try:
        return seconds(datetime.datetime.fromisoformat(value.replace("/", "-")))
    except (ValueError, OverflowError):
        return None
