"""TF-IDF rows of texts under a model, for comparing texts with each other."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.scam import ScamClassifier
from classifier.store import Model
from classifier.training import dataset
from classifier.training.documents import read_documents
from classifier.training.export import as_union


def rows_of(model: Model, texts: Sequence[str]) -> csr_matrix:
    """Rows of whole texts, shape (n_texts, n_terms)."""
    return csr_matrix(as_union(model).transform(read_documents(texts)))


def labelled_rows(data: Path, model: Model, classifier: ScamClassifier) -> tuple[csr_matrix, NDArray[np.float64]]:
    """Rows and log-odds of the records of a corpus."""
    texts = dataset.load(data).text.tolist()
    return rows_of(model, texts), classifier.log_odds(texts)
