from pathlib import Path

import pytest

from classifier import ScamClassifier

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="session")
def classifier() -> ScamClassifier:
    return ScamClassifier.load()
