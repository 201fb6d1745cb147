"""The words people label with: はい and いいえ, 1 and 0, names and ids of scam types and of honest domains."""

import re
import unicodedata
from functools import cache
from typing import Any, NamedTuple

from classifier.taxonomy import labels

SCAM = ["はい", "yes", "y", "true", "1", "1.0", "scam", "fraud", "詐欺", "該当", "有", "あり", "陽性", "黒", "○"]
BENIGN = [
    "いいえ",
    "no",
    "n",
    "false",
    "0",
    "0.0",
    "benign",
    "ham",
    "legit",
    "legitimate",
    "正常",
    "正規",
    "正当",
    "非詐欺",
    "詐欺ではない",
    "非該当",
    "無",
    "なし",
    "陰性",
    "白",
    "×",
]
_BRACKETS = re.compile(r"\([^)]*\)")


class Label(NamedTuple):
    """A side and, where the word tells it, the scam type or the domain."""

    label: str  # scam or benign
    scam_type: str | None = None
    domain: str | None = None


def read_label(cell: Any) -> Label | None:
    """What a cell of a label column says; None where it says nothing known. 「還付金詐欺」 is a scam of type refund."""
    return _known().get(fold(str(cell))) if cell is not None else None


def fold(word: str) -> str:
    """Width, case, spaces and bracketed remarks do not matter."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return re.sub(r"\s+", "", _BRACKETS.sub("", folded)).removesuffix("等")


@cache
def _known() -> dict[str, Label]:
    known: dict[str, Label] = {}
    shared: set[str] = set()
    named = [(Label("scam", name), name, japanese) for name, japanese in labels("scam_types").items()]
    named += [(Label("benign", None, name), name, japanese) for name, japanese in labels("benign_domains").items()]
    for label, name, japanese in named:
        for folded in map(fold, {name, japanese, *japanese.split("・")}):
            if known.setdefault(folded, label) != label:
                shared.add(folded)
    for word in shared:
        del known[word]
    known.update(dict.fromkeys(map(fold, SCAM), Label("scam")))
    known.update(dict.fromkeys(map(fold, BENIGN), Label("benign")))
    return known
