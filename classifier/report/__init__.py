"""Verdicts for people and machines. Nothing here computes; every renderer reads the same frozen verdict."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.report.data import as_csv, as_json, as_jsonl
    from classifier.report.html import Listed, as_html, as_html_index
    from classifier.report.terminal import as_text

_HOMES = {
    "Listed": "html",
    "as_csv": "data",
    "as_html": "html",
    "as_html_index": "html",
    "as_json": "data",
    "as_jsonl": "data",
    "as_text": "terminal",
}

__all__ = ["Listed", "as_csv", "as_html", "as_html_index", "as_json", "as_jsonl", "as_text"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
