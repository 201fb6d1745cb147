"""What in the corpus could be cheated on: `python -m classifier.training.audit datasets [--ordinary FILE…]`.

A set that length, one token or punctuation can separate teaches length, one token or punctuation. Every number is a
balanced accuracy: 0.5 is chance.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.errors import ClassifierError
from classifier.text import LABEL
from classifier.training import dataset

MOST_BY_LENGTH = MOST_BY_TOKEN = 0.62
MOST_BY_STYLE = 0.66
MOST_SIMILAR = 0.5  # Jaccard of character 5-grams between families
RATES = {
    "「": re.compile("「"),
    "。": re.compile("。"),
    "url": re.compile(r"https?://|\.(?:example|test|invalid|xx|zz|qq)\b"),
    "mask": re.compile("[〇○●×✕＊*]{2,}|X{2,}"),
    "label": LABEL,
    "件名": re.compile("件名|Subject"),
}
_STYLE = {
    "length": re.compile("."),
    "line": re.compile("\n"),
    "digit": re.compile(r"\d"),
    "hiragana": re.compile("[ぁ-ん]"),
    "katakana": re.compile("[ァ-ヺー]"),
    "kanji": re.compile("[一-鿿]"),
    "latin": re.compile("[A-Za-zＡ-Ｚａ-ｚ]"),
    "label": LABEL,
    **{mark: re.compile(re.escape(mark)) for mark in "。、「」!！?？…・【】()（）:：/〇　 ー～"},
}  # fmt: skip
_PERMUTATIONS = 64


def by_length(frame: pd.DataFrame) -> dict[str, float]:
    """Best threshold on the number of characters, within each unit."""
    return {
        str(unit): _best_threshold(part.text.str.len().to_numpy(), _scam(part)) for unit, part in frame.groupby("unit")
    }


def by_token(frame: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """The token whose presence tells most, within each unit."""
    from sklearn.feature_extraction.text import CountVectorizer

    from classifier.training.documents import read_documents, same, tokens_of

    best = {}
    for unit, part in frame.groupby("unit"):
        counter = CountVectorizer(
            preprocessor=same, tokenizer=tokens_of, token_pattern=None, lowercase=False, binary=True
        )
        rows = counter.fit_transform(read_documents(part.text.tolist()))
        scam = _scam(part)
        gap = np.asarray(rows[scam].mean(axis=0) - rows[~scam].mean(axis=0)).ravel()
        k = int(np.abs(gap).argmax())
        best[str(unit)] = (str(counter.get_feature_names_out()[k]), float(0.5 + abs(gap[k]) / 2))
    return best


def by_style(frame: pd.DataFrame) -> dict[str, float]:
    """A classifier that sees only punctuation, digits, line breaks, labels and scripts, on grouped folds, within each unit."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    accuracy = {}
    for unit, part in frame.groupby("unit"):
        features = np.array([style(text) for text in part.text])
        model = HistGradientBoostingClassifier(max_iter=100, class_weight="balanced", random_state=0)
        with threadpool_limits(1, "openmp"):  # so small trees: where cores are busy, threads that wait cost twenty times more
            guessed = cross_val_predict(model, features, _scam(part), groups=dataset.groups(part), cv=GroupKFold(5))
        accuracy[str(unit)] = float(balanced_accuracy_score(_scam(part), guessed))
    return accuracy


def style(text: str) -> list[float]:
    """Marks and scripts of a text, each a share of its characters; without its length."""
    counts = [len(pattern.findall(text)) for pattern in _STYLE.values()]
    return [count / max(1, counts[0]) for count in counts[1:]]


def rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Share of texts with each mark, by side; `ratio` is the smaller over the larger."""
    scam = _scam(frame)
    rows = []
    for name, pattern in RATES.items():
        has = frame.text.map(lambda text, p=pattern: bool(p.search(text))).to_numpy()
        a, b = float(has[scam].mean()), float(has[~scam].mean())
        rows.append({"mark": name, "scam": a, "benign": b, "ratio": min(a, b) / max(a, b, 1e-9)})
    return pd.DataFrame(rows).set_index("mark")


def near_copies(frame: pd.DataFrame, similar: float = MOST_SIMILAR) -> list[tuple[str, str, float]]:
    """(id, id, Jaccard) of texts of different families that share character 5-grams; pairs are meant to be alike."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=similar - 0.1, num_perm=_PERMUTATIONS)
    grams: dict[str, tuple[str, str | None, set[str]]] = {}
    found = []
    for record in frame.itertuples():
        own = shingles(record.text)
        if len(own) < 8:  # shorter texts are alike by nature
            continue
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([gram.encode("utf-8", "replace") for gram in own])
        for other in index.query(sketch):
            family, pair, theirs = grams[other]
            jaccard = len(own & theirs) / len(own | theirs)
            if family != record.family and (pair is None or pair != record.pair) and jaccard >= similar:
                found.append((record.id, other, jaccard))
        index.insert(record.id, sketch)
        grams[record.id] = (record.family, record.pair, own)
    return found


def shingles(text: str) -> set[str]:
    """Character 5-grams of the words of a text."""
    words = re.sub(r"\W", "", LABEL.sub("", text))
    return {words[k : k + 5] for k in range(max(1, len(words) - 4))}


def ours_or_not(frame: pd.DataFrame, ordinary: Sequence[str]) -> tuple[float, list[str], list[str]]:
    """How well a linear model tells our ordinary honest texts from others' (balanced accuracy), and by which terms."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    ours = frame[(frame.label == "benign") & (frame.kind == "ordinary")].text.tolist()
    terms = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=5, sublinear_tf=True, max_features=50_000)
    rows = terms.fit_transform([*ours, *ordinary])
    labels = np.r_[np.ones(len(ours)), np.zeros(len(ordinary))]
    model = LogisticRegression(class_weight="balanced", solver="liblinear", random_state=0)
    accuracy = float(cross_val_score(model, rows, labels, cv=5, scoring="balanced_accuracy").mean())
    order = np.argsort(model.fit(rows, labels).coef_[0])
    names = terms.get_feature_names_out()
    return accuracy, [repr(names[k]) for k in order[::-1][:15]], [repr(names[k]) for k in order[:15]]


def counts(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Records by every label that the data card counts."""
    scam = frame[frame.label == "scam"]
    honest = frame[frame.label == "benign"]
    return {
        "label": frame.label.value_counts(),
        "families": frame.groupby("label").family.nunique(),
        "scam_type": scam.scam_type.value_counts(),
        "domain": honest.domain.value_counts(),
        "kind": honest.kind.value_counts(),
        "phase of scams": scam.phase.value_counts(),
        "unit": frame.groupby(["label", "unit"]).size(),
        "channel": frame.groupby(["label", "channel"]).size(),
        "length": frame.groupby(
            ["label", pd.cut(frame.text.str.len(), [0, 39, 119, 249, 10**9])], observed=True
        ).size(),
    }


def n_pairs(frame: pd.DataFrame) -> int:
    """Pairs that hold both a scam and an honest text."""
    return int((frame.dropna(subset="pair").groupby("pair").label.nunique() == 2).sum())


def _scam(frame: pd.DataFrame) -> NDArray[np.bool_]:
    scam: NDArray[np.bool_] = (frame.label == "scam").to_numpy()
    return scam


def _best_threshold(values: NDArray[np.int64], scam: NDArray[np.bool_]) -> float:
    """Balanced accuracy of the best single cut, whichever side is called a scam."""
    cuts = np.unique(values)
    above = np.searchsorted(np.sort(values[scam]), cuts) / scam.sum()
    below = np.searchsorted(np.sort(values[~scam]), cuts) / (~scam).sum()
    return float(0.5 + np.abs(above - below).max() / 2)


def report(frame: pd.DataFrame, ordinary: Sequence[str] = ()) -> str:
    """All of it as text."""
    lines = [
        f"{len(frame)} records, {frame.family.nunique()} families, {n_pairs(frame)} pairs, digest {dataset.digest(frame)}"
    ]
    for name, table in counts(frame).items():
        lines += ["", f"[{name}]", table.to_string()]
    lines += ["", f"[length alone, at most {MOST_BY_LENGTH}] {_rounded(by_length(frame))}"]
    lines.append(
        f"[best single token, at most {MOST_BY_TOKEN}] { {u: (t, round(a, 3)) for u, (t, a) in by_token(frame).items()} }"
    )
    lines.append(f"[style alone, at most {MOST_BY_STYLE}] {_rounded(by_style(frame))}")
    lines += ["", "[rates of marks, ratio at least 0.67]", rates(frame).round(3).to_string()]
    copies = near_copies(frame)
    lines += ["", f"[near-copies between families] {len(copies)}", *(f"{a} {b} {j:.2f}" for a, b, j in copies[:20])]
    if ordinary:
        accuracy, ours, theirs = ours_or_not(frame, ordinary)
        lines += [
            "",
            f"[ours or not] balanced accuracy {accuracy:.3f}",
            "ours: " + " ".join(ours),
            "theirs: " + " ".join(theirs),
        ]
    return "\n".join(lines) + "\n"


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; exit 1 for a corpus that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m classifier.training.audit", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="the datasets folder")
    parser.add_argument(
        "--ordinary", type=Path, nargs="*", default=[], help="JSONL of others' ordinary texts to compare with"
    )
    options = parser.parse_args(arguments)
    try:
        ordinary = [record["text"] for path in options.ordinary for _, record in dataset.read_lines(path)]
        sys.stdout.write(report(dataset.load(options.folder), ordinary))
    except ClassifierError as error:
        print(f"audit: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
