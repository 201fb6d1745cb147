"""From texts to log-odds: all windows of a batch at once."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from classifier.arrays import Floats, Ints
from classifier.cues import Present
from classifier.features import Hits
from classifier.linear import Rows
from classifier.store import Model
from classifier.windows import Layout, lay_out


class Scored(NamedTuple):
    """A batch of texts with the rows of all their windows; `best` is the deciding window of each text."""

    layout: Layout
    hits: Hits
    windows: Ints  # window of each entry of `taken`
    taken: Ints  # index of a hit
    rows: Rows
    present: Present
    log_odds: Floats  # of each window
    everyday: Floats  # 0 or below: what of it is taken off, as the window is like everyday talk
    best: Ints


def score(model: Model, normalized: Sequence[str], tokens: Sequence[list[str]]) -> Scored:
    """Rows and log-odds of all windows of a batch of normalized texts and their tokens."""
    layout = lay_out(normalized, tokens)
    hits = model.vocabulary.hits(layout.text, layout.tokens)
    windows, taken = layout.spread(hits)
    rows = model.scam.rows(windows, hits.terms[taken], layout.n_windows)
    present = model.cues.present(hits.numbers, layout.token_ranges)
    alike = model.scam.log_odds(rows) + present.log_odds
    log_odds = np.minimum(alike, model.scam.everyday_log_odds(rows))
    first = layout.first_windows
    if layout.n_windows == len(normalized):
        best = first[:-1]
    else:
        best = np.array([a + int(np.argmax(log_odds[a:b])) for a, b in itertools.pairwise(first)])
    return Scored(layout, hits, windows, taken, rows, present, log_odds, log_odds - alike, best)
