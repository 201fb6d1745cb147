"""What a model is trained on: the records, their variants, and the single utterances of ordinary texts."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.training.augment import Variants, variants_of
from classifier.training.documents import Document, read_documents

_UTTERANCE_END = re.compile(r"\n|(?<=[。！？!?])")
_SHORTEST = 6  # characters of an utterance that says anything


class Sample(NamedTuple):
    """Texts to fit on: records with their variants, and utterances of the ordinary ones among them."""

    documents: list[Document]
    scam: NDArray[np.bool_]  # of each document
    ordinary: NDArray[np.bool_]
    utterances: list[Document]


class Material(NamedTuple):
    """All texts of a corpus. Whatever is made from a record goes where the record goes."""

    documents: list[Document]  # the records
    scam: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]
    variants: Variants
    utterances: Variants

    @classmethod
    def of(cls, frame: pd.DataFrame, kinds: Sequence[str] = (), share: float = 0.0) -> "Material":
        """Reads the records of `frame`; `share` of them come with a variant of one of the `kinds`."""
        documents = read_documents(frame.text.tolist())
        ordinary = (frame.kind == "ordinary").to_numpy()
        return cls(
            documents,
            (frame.label == "scam").to_numpy(),
            ordinary,
            variants_of(frame, kinds, share),
            utterances_of(frame.text.tolist(), ordinary),
        )

    def sample(self, rows: NDArray[np.int64]) -> Sample:
        """What belongs to the records at `rows`, the records first."""
        owners = np.concatenate([rows, self.variants.owners[self.variants.of(rows)]])
        return Sample(
            [self.documents[k] for k in rows.tolist()] + self.variants.documents_of(rows),
            self.scam[owners],
            self.ordinary[owners],
            self.utterances.documents_of(rows),
        )


def utterances_of(texts: Sequence[str], ordinary: NDArray[np.bool_]) -> Variants:
    """The utterances and sentences of the ordinary texts, each once: everyday talk as a recogniser cuts it.

    Any piece of an ordinary text is ordinary; of scams and their look-alikes that cannot be said.
    """
    owner_of: dict[str, int] = {}
    for owner in np.flatnonzero(ordinary).tolist():
        pieces = [piece.strip() for piece in _UTTERANCE_END.split(texts[owner])]
        for piece in pieces if len(pieces) > 1 else ():
            if len(piece) >= _SHORTEST:
                owner_of.setdefault(piece, owner)
    return Variants(np.array(list(owner_of.values()), np.int64), read_documents(list(owner_of)))
