"""Scam types, tactics and benign domains: their ids and Japanese names, in the order of the reference file."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from classifier.errors import UnknownLabelError, shown
from classifier.packaged import read_yaml

GROUPS = ("scam_types", "tactics", "benign_domains")
CHANNELS = ("phone", "sms", "email", "sns", "web", "postal", "visit")  # by which a text came


@cache
def labels(group: str) -> Mapping[str, str]:
    """Japanese name by id of one group: `scam_types` (22), `tactics` (15) or `benign_domains` (21)."""
    if group not in GROUPS:
        raise UnknownLabelError(f"unknown group {group!r}. Known: {', '.join(GROUPS)}")
    return MappingProxyType({entry["id"]: entry["ja"] for entry in _document()[group]})


@cache
def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = read_yaml("reference/taxonomy.yaml")
    return document


def japanese_name(group: str, label: str) -> str:
    """The name a Japanese reader sees: 還付金詐欺 for refund."""
    known = labels(group)
    if label not in known:
        raise UnknownLabelError(f"unknown label {shown(label)} in {group}. Known: {', '.join(known)}")
    return known[label]
