"""What a user would take instead, as far as it is installed: `pip install '.[bench]'`. Only their speed compares:
all are trained on the same few records of our corpus.
"""

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from turns import ROOT

from classifier.training import dataset

N_TRAINED = 600


def peers(texts: list[str]) -> Iterator[tuple[str, Callable[[], object], int]]:
    """(name, scoring of the first `n` texts, n)."""
    records = dataset.load(ROOT / "datasets").sample(N_TRAINED, random_state=0)
    known, scam = records.text.tolist(), (records.label == "scam").to_numpy()
    if importlib.util.find_spec("fasttext"):
        yield "fastText, characters 2-5", _fasttext(known, scam.tolist(), texts), len(texts)
    if importlib.util.find_spec("sudachipy"):
        yield "SudachiPy + TF-IDF + logistic regression", _sudachi(known, scam, texts[:100]), 100
    if importlib.util.find_spec("janome"):
        yield "janome + TF-IDF + LinearSVC", _janome(known, scam, texts[:20]), 20


def _fasttext(known: list[str], scam: list[bool], texts: list[str]) -> Callable[[], object]:
    import fasttext

    lines = [f"__label__{int(label)} {' '.join(text.split())}" for text, label in zip(known, scam, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(str(path), minn=2, maxn=5, epoch=5, bucket=100_000, thread=1, verbose=0)
    flat = [" ".join(text.split()) for text in texts]
    return lambda: [model.f.predict(text + "\n", 1, 0.0, "strict") for text in flat]


def _sudachi(known: list[str], scam: object, texts: list[str]) -> Callable[[], object]:
    from sklearn.linear_model import LogisticRegression
    from sudachipy import Dictionary, SplitMode

    tokenizer = Dictionary().create()
    return _fitted(lambda t: [m.surface() for m in tokenizer.tokenize(t, SplitMode.C)], LogisticRegression(), known, scam, texts)


def _janome(known: list[str], scam: object, texts: list[str]) -> Callable[[], object]:
    from janome.tokenizer import Tokenizer
    from sklearn.svm import LinearSVC

    tokenizer = Tokenizer(wakati=True)
    return _fitted(lambda t: list(tokenizer.tokenize(t)), LinearSVC(), known[:100], scam[:100], texts)  # type: ignore[index]


def _fitted(
    tokens: Callable[[str], list[str]], head: object, known: list[str], scam: object, texts: list[str]
) -> Callable[[], object]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(tokenizer=tokens, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)
    pipeline = make_pipeline(vectorizer, head).fit(known, scam)
    return lambda: [pipeline.predict([text]) for text in texts]
