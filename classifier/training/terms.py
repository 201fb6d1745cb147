"""The terms of a model by name, and which of them speak most for each scam type."""

import numpy as np
import pandas as pd

from classifier.features import CHARACTER_BITS, PAIRS, TOKEN_BITS, TOKENS
from classifier.store import Model
from classifier.training.export import unpack


def term_name(model: Model, term: int) -> str:
    """A token n-gram as written, a character n-gram in 「」, a cue pair as A…B."""
    key = int(model.vocabulary.keys[term])
    tokens = model.vocabulary.tokens
    if key & int(TOKENS) == int(TOKENS):
        return "".join(tokens[number - 1] for number in unpack(key ^ int(TOKENS), TOKEN_BITS))
    if key & int(PAIRS):
        return "…".join(tokens[number - 1] for number in unpack(key ^ int(PAIRS), TOKEN_BITS))
    return "「" + "".join(map(chr, unpack(key, CHARACTER_BITS))) + "」"


def top_terms(model: Model, n: int = 8) -> pd.Series:
    """For each scam type the `n` token terms with the largest weight times idf, joined by spaces."""
    labels = model.labels
    terms = np.flatnonzero(labels.position >= 0)
    words = terms[terms >= model.scam.first_token_term]
    strength = labels.weights[labels.position[words]] * model.scam.idf[words][:, None]
    named = {}
    for column, scam_type in enumerate(labels.scam_types):
        strongest = words[np.argsort(-strength[:, column], kind="stable")[:n]]
        named[scam_type] = "、".join(term_name(model, int(term)) for term in strongest)
    return pd.Series(named, name="terms")
