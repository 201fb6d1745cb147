import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.cues import Cues, pair_key
from classifier.features import UNKNOWN_TOKEN, NgramRange, Vocabulary, read_terms
from classifier.training.hashing import build


@pytest.fixture
def vocabulary():
    numbers = {}
    keys = np.sort(
        np.concatenate(
            [read_terms({"振込": 0, "込を": 1, "振込を": 2}, None), read_terms({"振込": 0, "振込 を": 1}, numbers)]
        )
    )
    return Vocabulary(list(numbers), keys, NgramRange((1, 2), (2, 3)), build(keys))


def test_finds_every_occurrence_and_nothing_else(vocabulary):
    hits = vocabulary.hits("振込を急ぐ振込", ["振込", "を", "急ぐ", "振込"])
    found = sorted(zip(hits.lengths.tolist(), hits.starts.tolist(), strict=True))
    assert hits.n_token_hits == 3
    assert sorted(zip(hits.lengths[:3].tolist(), hits.starts[:3].tolist(), strict=True)) == [(1, 0), (1, 3), (2, 0)]
    assert found == [(1, 0), (1, 3), (2, 0), (2, 0), (2, 1), (2, 5), (3, 0)]


@pytest.mark.parametrize("text", ["", "振", "を急"])
def test_short_and_unknown_texts_have_no_terms(vocabulary, text):
    assert len(vocabulary.hits(text, [text] if text else []).terms) == 0


@given(st.sets(st.integers(1, 2**63 - 1), min_size=1, max_size=300))
def test_no_two_keys_share_a_slot(keys):
    keys = np.array(sorted(keys), np.uint64)
    assert len(set(build(keys).slots(keys).tolist())) == len(keys)


ONE, TWO, THREE = np.array([1, 2, 3], np.uint64)[:, None]


def test_cue_pairs_add_up_once_in_each_window():
    keys = np.concatenate([pair_key(ONE, TWO), pair_key(TWO, THREE)])
    cues = Cues(np.array([1, 2, 3]), keys, np.array([3.0, 4.0]), np.array([1.0, -2.0]), 3.5)
    tokens = np.array([2, UNKNOWN_TOKEN, 1, 2, 3, 1], np.uint64)
    ranges = [(0, 4), (4, 6), (0, 6)]
    present = cues.present(tokens, ranges)
    assert [found.tolist() for found in present.in_windows] == [[0, 1], [0, 2], [0, 1, 2]]
    assert present.log_odds.tolist() == [3.0 / 3.5, 0.0, (3.0 - 8.0) / 5.0]  # 3.5 is the least norm
    places, shares = cues.shares(present, np.array([2]), ranges)
    assert dict(zip(places.tolist(), shares.tolist(), strict=True)) == pytest.approx(
        {0: -0.25, 2: 0.15, 3: -0.25, 4: -0.8, 5: 0.15}
    )


def test_a_pair_of_tokens_that_are_no_cues_is_refused():
    with pytest.raises(ValueError, match="no cues"):
        Cues(np.array([1]), pair_key(ONE, TWO), np.ones(1), np.ones(1), 1.0)
