"""Terms and their TF-IDF rows: token n-grams and character n-grams, without ever building an n-gram as a string.

A token has a 20-bit number and a character its 16-bit code, so an n-gram packs exactly into one uint64; bit 62 tells
token n-grams from character n-grams. All n-grams of a text are looked up at once in a perfect hash table.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate, repeat
from typing import NamedTuple

import numpy as np

from classifier.arrays import AnyArray, Floats, Ints, Keys

TOKEN_BITS, CHARACTER_BITS = 20, 16
UNKNOWN_TOKEN = (1 << TOKEN_BITS) - 1
TOKENS = np.uint64(1 << 62)  # the bit of a token n-gram
PAIRS = np.uint64(1 << 61)  # the bit of a cue pair
CHARACTERS = np.uint64(0)


class NgramRange(NamedTuple):
    """Lengths of the n-grams that are terms, both ends included: tokens up to 3, characters up to 3."""

    tokens: tuple[int, int]
    characters: tuple[int, int]


class Hits:
    """Every occurrence of a vocabulary term in a text: tokens first, then characters."""

    def __init__(
        self,
        numbers: Keys,
        terms: Ints,
        found: Ints,
        n_grams: Sequence[int],
        lengths: Sequence[int],
        n_token_blocks: int,
    ) -> None:
        """`found` are positions among the n-grams, of which there are `n_grams` of each of the `lengths`."""
        self.numbers = numbers  # of the tokens
        self.terms = terms  # number of the term
        self._found, self._n_grams, self._lengths, self._n_token_blocks = found, n_grams, lengths, n_token_blocks

    @cached_property
    def _edges(self) -> Ints:
        """Where the n-grams of each length begin, and the end."""
        return np.array([0, *accumulate(self._n_grams)])

    @cached_property
    def n_token_hits(self) -> int:
        return int(np.searchsorted(self._found, self._edges[self._n_token_blocks]))

    @cached_property
    def _blocks(self) -> Ints:
        return np.searchsorted(self._edges, self._found, "right") - 1

    def cells(self, token_edges: Ints, character_edges: Ints) -> tuple[Ints, Ints]:
        """The cell in which each occurrence begins, and the one in which it ends."""
        of_tokens, of_characters = (
            np.repeat(np.arange(len(edges) - 1), edges[1:] - edges[:-1]) for edges in (token_edges, character_edges)
        )
        begins, ends = [], []
        for block, (length, n_grams) in enumerate(zip(self._lengths, self._n_grams, strict=True)):
            cells = of_tokens if block < self._n_token_blocks else of_characters
            begins.append(cells[:n_grams])
            ends.append(cells[length - 1 : length - 1 + n_grams])
        return np.concatenate(begins)[self._found], np.concatenate(ends)[self._found]

    @cached_property
    def starts(self) -> Ints:
        """Where each begins: number of the first token, or of the first character."""
        return self._found - self._edges[self._blocks]

    @cached_property
    def lengths(self) -> Ints:
        """Tokens or characters of each."""
        return np.array(self._lengths)[self._blocks]


def pack(numbers: Keys, sizes: tuple[int, int], bits: int, mark: np.uint64) -> list[Keys]:
    """Keys of the n-grams of each length from `sizes`, each array in the order of the text."""
    packed, keys, shift = [], numbers, np.uint64(bits)
    for size in range(1, sizes[1] + 1):
        if size > 1:
            keys = (keys[:-1] << shift) | numbers[size - 1 :]
        if size >= sizes[0]:
            packed.append(keys | mark)
    return packed


def character_numbers(text: str) -> Keys:
    """The 16-bit codes of a normalized text, which holds no character above U+FFFF."""
    return np.frombuffer(text.encode("utf-16-le"), np.uint16).astype(np.uint64)


class Vocabulary:
    """The terms of a model, numbered in the order of their keys, and their look-up."""

    def __init__(self, tokens: Sequence[str], keys: Keys, sizes: NgramRange, table: "HashTable") -> None:
        """`tokens[i]` has the number i + 1. `keys` is sorted, shape (n_terms,)."""
        self.tokens, self.keys, self.sizes = tokens, keys, sizes
        self._number = dict(zip(tokens, range(1, len(tokens) + 1), strict=True)).get
        self._lengths = [n for first, last in (sizes.tokens, sizes.characters) for n in range(first, last + 1)]
        self._table = table
        ngrams = (keys & PAIRS) == 0  # pairs are found by their cues
        keys = keys[ngrams]
        slots = table.slots(keys)
        self._keys = np.zeros(table.size, np.uint64)
        self._terms = np.zeros(table.size, np.int32)
        self._keys[slots], self._terms[slots] = keys, np.flatnonzero(ngrams)
        if not np.array_equal(self._keys[slots], keys):
            raise ValueError("the hash table was made for other keys")

    def __len__(self) -> int:
        return len(self.keys)

    def numbers(self, tokens: Sequence[str]) -> Keys:
        """Token numbers, shape (len(tokens),); tokens outside the vocabulary share one number."""
        return np.fromiter(map(self._number, tokens, repeat(UNKNOWN_TOKEN)), np.uint64, len(tokens))

    def look_up(self, keys: Keys) -> tuple[Ints, Ints]:
        """Which of the keys are terms (positions) and which terms they are."""
        slots = self._table.slots(keys)
        found = np.flatnonzero(self._keys[slots] == keys)
        return found, self._terms[slots[found]].astype(np.int64)

    def hits(self, text: str, tokens: Sequence[str]) -> Hits:
        """All terms in a normalized text and its tokens."""
        numbers = self.numbers(tokens)
        blocks = pack(numbers, self.sizes.tokens, TOKEN_BITS, TOKENS)
        n_token_blocks = len(blocks)
        blocks += pack(character_numbers(text), self.sizes.characters, CHARACTER_BITS, CHARACTERS)
        found, terms = self.look_up(np.concatenate(blocks))
        return Hits(numbers, terms, found, [len(block) for block in blocks], self._lengths, n_token_blocks)


class HashTable:
    """A perfect hash: every key of a known set has a slot of its own (hash and displace, Czech et al. 1997)."""

    def __init__(self, multipliers: tuple[int, int], displacements: AnyArray, size: int) -> None:
        """`size` slots, a power of 2, as is the number of displacements."""
        self.multipliers, self.displacements, self.size = multipliers, displacements, size
        self._first, self._second = (np.uint64(m) for m in multipliers)
        self._bucket_shift = np.uint64(65 - len(displacements).bit_length())
        self._slot_shift = np.uint64(65 - size.bit_length())
        self._displacements = displacements.astype(np.uint64)
        self._mask = np.uint64(size - 1)

    def buckets(self, keys: Keys) -> Ints:
        """Which displacement each key uses, shape (len(keys),)."""
        return ((keys * self._first) >> self._bucket_shift).view(np.int64)

    def slots(self, keys: Keys) -> Ints:
        """The slot of each key, shape (len(keys),); a key outside the set gets the slot of another."""
        slots = (keys * self._second) >> self._slot_shift
        slots += self._displacements[self.buckets(keys)]
        slots &= self._mask
        return slots.view(np.int64)


_DAMPED = np.concatenate([[0.0], 1.0 + np.log(np.arange(1, 512))])  # more often a term hardly stands in a window


def damp(counts: Ints) -> Floats:
    """Sublinear term frequency, 1 + ln(count), as scikit-learn's `sublinear_tf`."""
    try:
        damped: Floats = _DAMPED.take(counts)
    except IndexError:
        damped = 1.0 + np.log(counts)
    return damped


def read_terms(vocabulary: Mapping[str, int], token_numbers: dict[str, int] | None) -> Keys:
    """Keys of a fitted scikit-learn vocabulary, in the order of its columns.

    `token_numbers` is filled with a number for each token; None for a vocabulary of character n-grams.
    """
    keys = np.zeros(len(vocabulary), np.uint64)
    for term, column in sorted(vocabulary.items()):
        key = 0
        if token_numbers is None:
            for character in term:
                key = key << CHARACTER_BITS | ord(character)
        else:
            for token in term.split(" "):
                key = key << TOKEN_BITS | token_numbers.setdefault(token, len(token_numbers) + 1)
            key |= int(TOKENS)
        keys[column] = key
    return keys
