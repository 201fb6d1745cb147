"""Verdicts for people and machines. Nothing here computes; every renderer reads the same frozen verdict."""

from classifier.report.data import as_csv, as_json, as_jsonl
from classifier.report.terminal import as_text

__all__ = ["as_csv", "as_json", "as_jsonl", "as_text"]
