"""The heads against the formulas of their docstrings, written out term by term."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.linear import LabelHead, ScamHead, Scripts, inverse_frequency, logistic, softmax

IDF, WEIGHTS = np.array([1.0, 2.0, 1.5, 3.0, 1.2]), np.array([0.5, -1.0, 2.0, 1.5, -0.25])
EVERYDAY, LEAST = np.array([-0.5, 1.0, 0.25, 0.0, 0.0]), (1.6, 2.5)
HEAD = ScamHead(np.stack([IDF, WEIGHTS, EVERYDAY], axis=1), -0.75, 0.3, 3, LEAST)  # terms 0 to 2 are character n-grams, 3 and 4 tokens
N_WINDOWS = 4


def by_hand(hits):
    """Log-odds of each window, and what each hit adds."""
    log_odds, everyday, added = [], [], {}
    for window in range(N_WINDOWS):
        counts = Counter(term for where, term in hits if where == window)
        total, other = HEAD.intercept, HEAD.everyday_intercept
        for block, least in ((range(3), LEAST[0]), (range(3, 5), LEAST[1])):
            values = {term: (1 + math.log(counts[term])) * IDF[term] for term in block if counts[term]}
            norm = max(least, math.sqrt(sum(value**2 for value in values.values())))
            for term, value in values.items():
                total += value / norm * WEIGHTS[term]
                other += value / norm * EVERYDAY[term]
                added[window, term] = value / norm * WEIGHTS[term] / counts[term]
        log_odds.append(total)
        everyday.append(other)
    return log_odds, everyday, [added[hit] for hit in hits]


@given(st.lists(st.tuples(st.integers(0, N_WINDOWS - 1), st.integers(0, 4)), max_size=30))
def test_log_odds_are_the_normed_blocks_times_the_weights(hits):
    windows, terms = np.array(hits, np.int64).reshape(-1, 2).T
    rows = HEAD.rows(windows, terms, N_WINDOWS)
    log_odds, everyday, added = by_hand(hits)
    assert HEAD.log_odds(rows) == pytest.approx(log_odds)
    assert HEAD.everyday_log_odds(rows) == pytest.approx(everyday)
    assert HEAD.contributions(rows, windows, terms) == pytest.approx(added)


@given(st.lists(st.integers(0, 4), max_size=12))
def test_one_window_is_scored_as_among_others(terms):
    terms = np.array(terms, np.int64)
    alone, among = HEAD.rows(np.zeros_like(terms), terms, 1), HEAD.rows(np.zeros_like(terms), terms, 2)
    for name in ("rows", "terms", "counts", "values", "blocks", "keys"):
        assert getattr(alone, name).tolist() == getattr(among, name).tolist(), name
    assert alone.norms.tolist() == among.norms[:2].tolist()


def test_rows_hold_each_term_once_sorted_with_its_count():
    windows, terms = np.array([1, 0, 1, 1, 0]), np.array([4, 2, 4, 0, 3])
    rows = HEAD.rows(windows, terms, 2)
    assert rows.rows.tolist() == [0, 0, 1, 1]
    assert rows.terms.tolist() == [2, 3, 0, 4]
    assert rows.counts.tolist() == [1, 1, 1, 2]
    assert rows.blocks.tolist() == [0, 1, 2, 3]
    assert rows.keys.tolist() == [2, 3, 5, 9]
    assert rows.values == pytest.approx([1.5, 3.0, 1.0, 1.2 * (1 + math.log(2))])
    assert rows.norms == pytest.approx([1.6, 3.0, 1.6, 2.5])  # the value of its one term, or the least norm
    assert rows.normed(slice(0, 4)) == pytest.approx([1.5 / 1.6, 1.0, 1.0 / 1.6, 1.2 * (1 + math.log(2)) / 2.5])


def test_a_normed_block_has_length_one_or_less():
    rows = HEAD.rows(np.zeros(3, np.int64), np.array([0, 1, 4]), 1)
    assert rows.normed(slice(0, 2)) == pytest.approx(np.array([1.0, 2.0]) / math.sqrt(5))
    assert rows.normed(slice(2, 3)) == pytest.approx([1.2 / 2.5])


def test_more_windows_than_32_bits_can_number():
    head = ScamHead(np.tile([1.0, 1.0, 0.0], (1 << 16, 1)), 0.0, 0.0, 1 << 15, (1.0, 1.0))
    rows = head.rows(np.array([0, 0xFFFF]), np.array([1, 0xFFFF]), 1 << 16)
    assert rows.rows.tolist() == [0, 0xFFFF]
    assert rows.terms.tolist() == [1, 0xFFFF]
    assert rows.blocks.tolist() == [0, 2 * 0xFFFF + 1]


LABELS = LabelHead(
    ("refund", "phishing"), ("urgency", "authority", "secrecy"), np.array([-1, 0, -1, 1]),
    np.array([[1.0, -1.0, 2.0, 0.0, 50.0], [0.5, 0.25, -3.0, 0.0, 0.0]]), np.array([0.1, -0.1, 0.0, -2.0, 0.0]),
)  # fmt: skip


def test_label_heads_read_the_terms_that_have_weights():
    positions, values = LABELS.known(np.array([0, 1, 2, 3]), np.array([9.0, 0.5, 9.0, 2.0]))
    assert positions.tolist() == [0, 1]
    assert values.tolist() == [0.5, 2.0]
    types, tactics = LABELS.probabilities(positions, values)
    a, b = math.exp(0.5 + 1.0 + 0.1), math.exp(-0.5 + 0.5 - 0.1)
    assert types == pytest.approx([a / (a + b), b / (a + b)])
    assert tactics == pytest.approx([1 / (1 + math.exp(5.0)), 1 / (1 + math.exp(2.0)), 1.0])


def test_the_nearest_script_is_of_the_type_and_has_the_largest_cosine():
    columns = np.array([[1.0, 0.0, 0.6, 0.8], [0.0, 1.0, 0.8, 0.6]], np.float32)
    scripts = Scripts(({}, {}, {}, {}), ((0, 1), (2, 3), ()), columns)
    found = scripts.nearest(np.array([0, 1]), np.array([3.0, 4.0]), 5.0, np.array([1, 0, 2]))
    assert [script for script, _ in found] == [2, 1]
    assert [cosine for _, cosine in found] == pytest.approx([1.0, 0.8])
    assert scripts.nearest(np.array([], np.int64), np.array([]), 0.0, np.array([0])) == [(0, 0.0)]
    (found,) = scripts.nearest(np.array([0]), np.array([0.5]), 0.5, np.array([1]))
    assert found == (3, pytest.approx(0.8))


def test_rare_terms_weigh_more():
    assert inverse_frequency(np.array([0, 1, 9]), 9) == pytest.approx([np.log(10) + 1, np.log(5) + 1, 1.0])


def test_probabilities_of_extreme_log_odds_are_no_overflow():
    assert logistic(np.array([-1e6, -2.0, 0.0, 2.0, 1e6])) == pytest.approx(
        [0, 1 / (1 + math.e**2), 0.5, 1 / (1 + math.e**-2), 1]
    )
    assert softmax(np.array([1e6, 1e6 - 1.0, -1e6])) == pytest.approx([math.e / (math.e + 1), 1 / (math.e + 1), 0.0])
