"""What a worker process runs; in a module of its own, so that it is sent by name and the model is loaded once a process."""

from functools import cache

from classifier import ScamClassifier


@cache
def classifier() -> ScamClassifier:
    return ScamClassifier.load()


def score_part(texts: list[str]) -> float:
    return float(classifier().predict_proba(texts)[:, 1].sum())
