"""Windows: a long text is read piece by piece, so that a short demand is not drowned in a long harmless call.

A text is cut into cells at utterance ends; a window is two neighbouring cells, so windows overlap by half and every
term is in one or two of them. A text of up to `WINDOW` characters is one cell and one window.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from classifier.arrays import Ints
from classifier.features import Hits

WINDOW = 300  # characters of normalized text
_CELL = WINDOW // 2
_SEPARATOR = "\n"  # normalized text has blanks only, so no term of the vocabulary reaches across


class Layout(NamedTuple):
    """Several normalized texts joined into one, and where their cells and windows lie in it."""

    text: str
    tokens: list[str]
    character_edges: Ints  # where each cell begins, and the end: shape (n_cells + 1,)
    token_edges: Ints
    opens: Ints  # for each cell the window that begins with it, -1 for none
    closes: Ints  # for each cell the window that ends with it, -1 for none
    first_windows: Ints  # number of the first window of each text, and the number of windows: shape (n_texts + 1,)
    spans: Ints  # first and last cell of each window: shape (n_windows, 2)

    @property
    def token_ranges(self) -> list[tuple[int, int]]:
        """First token of each window and the one behind its last; separators count as tokens."""
        first, last = self.spans.T
        return list(zip(self.token_edges[first].tolist(), self.token_edges[last + 1].tolist(), strict=True))

    @property
    def n_windows(self) -> int:
        return len(self.spans)

    def extent(self, window: int, end: int) -> tuple[int, int]:
        """First character of a window of the text that ends at `end`, and the one behind its last."""
        first, last = self.spans[window].tolist()
        return int(self.character_edges[first]), min(int(self.character_edges[last + 1]), end)

    def spread(self, hits: Hits) -> tuple[Ints, Ints]:
        """(window, index of the hit) for every hit that lies wholly in a window; a hit may be in two."""
        if self.n_windows == 1:
            return np.zeros(len(hits.terms), np.int64), np.arange(len(hits.terms))
        begin, end = hits.cells(self.token_edges, self.character_edges)
        opened = self.opens[begin]
        opened[end - begin > 1] = -1
        closed = np.where(begin == end, self.closes[begin], -1)
        inside = np.flatnonzero(opened >= 0)
        also = np.flatnonzero(closed >= 0)
        return np.concatenate([opened[inside], closed[also]]), np.concatenate([inside, also])


def lay_out(texts: Sequence[str], tokens: Sequence[list[str]]) -> Layout:
    """Joins normalized texts and cuts them into cells and windows."""
    joined: list[str] = []
    character_edges, token_edges, first_windows = [0], [0], [0]
    opens: list[int] = []
    closes: list[int] = []
    spans: list[tuple[int, int]] = []
    for text, words in zip(texts, tokens, strict=True):
        characters, words_at = _cell_edges(text, words)
        cell, window, n_cells = len(opens), len(spans), len(characters) - 1
        n_windows = max(1, n_cells - 1)
        opens += [window + k if k < n_windows else -1 for k in range(n_cells)]
        closes += [window + k - 1 if k else -1 for k in range(n_cells)]
        spans += [(cell + k, cell + min(k + 1, n_cells - 1)) for k in range(n_windows)]
        first_windows.append(len(spans))
        offset, token_offset = character_edges[-1], token_edges[-1]
        character_edges += [offset + edge for edge in characters[1:]]
        token_edges += [token_offset + edge for edge in words_at[1:]]
        character_edges[-1] += 1  # the separator
        token_edges[-1] += 1
        joined += words
        joined.append(_SEPARATOR)
    return Layout(
        _SEPARATOR.join(texts), joined[:-1], np.array(character_edges), np.array(token_edges),
        np.array(opens), np.array(closes), np.array(first_windows), np.array(spans),
    )  # fmt: skip


def _cell_edges(text: str, tokens: list[str]) -> tuple[list[int], list[int]]:
    """Where the cells of one text begin, in characters and in tokens, and its end.

    A cell begins at a token, after a blank (the end of an utterance) where one is near.
    """
    if len(text) <= WINDOW:
        return [0, len(text)], [0, len(tokens)]
    starts = token_starts(text, tokens)
    edges, token_edges = [0], [0]
    while len(text) - edges[-1] > _CELL * 3 // 2:
        target = edges[-1] + _CELL
        blank = text.rfind(" ", edges[-1] + _CELL // 2, target + _CELL // 2)
        token = int(np.searchsorted(starts, blank + 1 if blank >= 0 else target))
        if token == len(tokens):
            break
        edges.append(int(starts[token]))
        token_edges.append(token)
    return [*edges, len(text)], [*token_edges, len(tokens)]


def token_starts(text: str, tokens: Sequence[str]) -> Ints:
    """Where each token begins in its text; between tokens there are only blanks. A separator is a token of its own."""
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    first = np.cumsum(lengths) - lengths
    if " " not in text:
        return first
    codes = np.frombuffer(text.encode("utf-16-le"), np.uint16)
    starts: Ints = np.flatnonzero(codes != ord(" "))[first]
    return starts
