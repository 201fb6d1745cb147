import os
from pathlib import Path

import pytest
from hypothesis import settings

from classifier import ScamClassifier

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "texts"

# without a deadline: a loaded machine is no error; the same examples each time, so that a failure comes again
settings.register_profile("tests", deadline=None, derandomize=True, database=None)
settings.load_profile("tests")
# of tests/fuzz.py: other examples each time, failures kept for the next run
settings.register_profile("night", deadline=None, print_blob=True, max_examples=int(os.environ.get("SCAMTEXT_EXAMPLES", "100")))


@pytest.fixture(scope="session")
def classifier() -> ScamClassifier:
    return ScamClassifier.load()
