"""What to expect and what to do, by scam type."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from classifier.consult import Source
from classifier.errors import UnknownLabelError
from classifier.packaged import read_yaml


@dataclass(frozen=True, slots=True)
class Advice:
    """What official pages say about one scam type, in our words."""

    next_asks: tuple[str, ...]  # what the caller is likely to ask next
    never_asks: tuple[str, ...]  # what a real institution never asks
    do_now: tuple[str, ...]
    sources: tuple[Source, ...]
    read: str  # the day the sources were read


def advice_on(scam_type: str) -> Advice:
    """The advice on one scam type of the taxonomy. Raises UnknownLabelError."""
    known = all_advice()
    if scam_type not in known:
        raise UnknownLabelError(f"unknown scam type {scam_type!r}. Known: {', '.join(known)}")
    return known[scam_type]


@cache
def all_advice() -> Mapping[str, Advice]:
    """The advice by scam type, in the order of the taxonomy."""
    document = read_yaml("reference/advice.yaml")
    return MappingProxyType(
        {
            scam_type: Advice(
                tuple(entry["next_asks"]),
                tuple(entry["never_asks"]),
                tuple(entry["do_now"]),
                tuple(Source(**source) for source in entry["sources"]),
                document["read"],
            )
            for scam_type, entry in document["advice"].items()
        }
    )
