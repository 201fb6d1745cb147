"""Verdicts for people and machines. Nothing here computes; every renderer reads the same frozen verdict."""

from classifier.report.data import as_csv, as_json, as_jsonl
from classifier.report.html import Listed, as_html, as_html_index
from classifier.report.terminal import as_text

__all__ = ["Listed", "as_csv", "as_html", "as_html_index", "as_json", "as_jsonl", "as_text"]
