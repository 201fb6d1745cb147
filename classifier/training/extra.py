"""Own texts beside the corpus: what is new, what is there already, and what contradicts itself."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from classifier.readers import Columns
from classifier.text import normalize
from classifier.training.audit import MOST_SIMILAR, shingles
from classifier.training.labelled import read_labelled

FEWEST_SHINGLES = 8  # shorter texts are alike by nature
_PERMUTATIONS = 64
KINDS = {
    "duplicate": "the same text and label once more; used once",
    "in_corpus": "the corpus has this text with this label; not used again",
    "contradiction": "the same text under both labels; not used, decide and run again",
    "in_evaluation": "the evaluation set has this text or one very like it; not used, or the evaluation would lie",
    "near_duplicate": "much like another text; used, on the same side of every split",
    "near_contradiction": "much like a text of the other label; used, read it again",
}
UNUSED = ("duplicate", "in_corpus", "contradiction", "in_evaluation")


class Extra(NamedTuple):
    """Own records to train on, in the fields of the corpus, and all that a person should know of the others.

    `listing` has a row for each finding: `row` of the file, `kind` (of `KINDS`), `other` (id it is like), `similarity`.
    """

    frame: pd.DataFrame
    listing: pd.DataFrame
    problems: tuple[str, ...]  # rows that could not be used, one line each
    n_rows: int  # with a text and a known label

    def summary(self) -> str:
        """What came of the rows, in a few lines."""
        scam = int((self.frame.label == "scam").sum())
        lines = [f"own table: {self.n_rows} labelled texts, {len(self.frame)} used ({scam} scam)"]
        for kind, meaning in KINDS.items():
            rows = self.listing.row[self.listing.kind == kind].unique()
            if len(rows):
                lines.append(f"  {len(rows)} {kind} (rows {_some(rows)}): {meaning}")
        if self.problems:
            lines.append(f"  {len(self.problems)} remarks on rows that could not be read or not fully")
        return "\n".join(lines) + "\n"


def read_extra(
    path: Path,
    corpus: pd.DataFrame,
    evaluation: pd.DataFrame | None = None,
    columns: Columns | None = None,
    label_column: str | None = None,
) -> Extra:
    """Reads an own table and holds it against itself, the corpus and the evaluation set. Errors as `read_labelled`."""
    labelled = read_labelled(path, columns, label_column)
    found = labelled.frame.assign(id=[f"{path.stem}:{row}" for row in labelled.frame.row])
    listing: list[dict[str, object]] = []
    used = _without_copies(found, corpus, evaluation, listing)
    families = _families(used, corpus, evaluation, listing)
    used = used[used.id.isin(families)]
    frame = used.assign(
        family=[families[i] for i in used.id], pair=None, unit="message", phase="whole", variant=None, turns=None,
        kind=["awareness" if domain == "scam_awareness" else None for domain in used.domain],
        tactics=None, sources=[["own table"]] * len(used), path=path.name,
    )  # fmt: skip
    table = pd.DataFrame(listing, columns=["row", "id", "kind", "other", "similarity"])
    frame = frame.reindex(columns=corpus.columns).astype(object)
    return Extra(frame.where(frame.notna(), None), table, labelled.problems, len(found))


def joined(corpus: pd.DataFrame, extra: Extra) -> pd.DataFrame:
    """The corpus with the own records, sorted by id as the corpus is."""
    both = pd.concat([corpus, extra.frame], ignore_index=True).astype(object)
    return both.where(both.notna(), None).sort_values("id", ignore_index=True)


def _without_copies(
    found: pd.DataFrame, corpus: pd.DataFrame, evaluation: pd.DataFrame | None, listing: list[dict[str, object]]
) -> pd.DataFrame:
    """One record of each text that is new and not at odds with itself or the corpus."""
    known = {normalize(t): (i, label) for t, i, label in zip(corpus.text, corpus.id, corpus.label, strict=True)}
    measured = (
        {} if evaluation is None else {normalize(t): i for t, i in zip(evaluation.text, _ids(evaluation), strict=True)}
    )
    kept = []
    for text, part in found.groupby(found.text.map(normalize), sort=False):
        first = part.id.iloc[0]
        own, (other, label) = part.label.iloc[0], known.get(text, (None, None))
        if text in measured:
            _note(listing, part, "in_evaluation", measured[text])
        elif part.label.nunique() > 1:
            _note(listing, part, "contradiction", first)
        elif other is not None:
            _note(listing, part, "in_corpus" if label == own else "contradiction", other)
        else:
            _note(listing, part.iloc[1:], "duplicate", first)
            kept.append(part.index[0])
    return found.loc[kept]


def _families(
    used: pd.DataFrame, corpus: pd.DataFrame, evaluation: pd.DataFrame | None, listing: list[dict[str, object]]
) -> dict[str, str]:
    """The family of each record that may be trained on: that of what it is much like, else its own."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=MOST_SIMILAR - 0.1, num_perm=_PERMUTATIONS)
    grams: dict[str, tuple[str | None, str, set[str]]] = {}  # family (None in the evaluation set), label

    def enter(key: str, text: str, family: str | None, label: str) -> list[tuple[float, str]]:
        """What is much like a text, most alike first; then it is entered itself."""
        own = shingles(text)
        if len(own) < FEWEST_SHINGLES:
            return []
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([gram.encode("utf-8", "replace") for gram in own])
        alike = [(len(own & grams[k][2]) / len(own | grams[k][2]), k) for k in index.query(sketch)]
        index.insert(key, sketch)
        grams[key] = (family, label, own)
        return sorted((a for a in alike if a[0] >= MOST_SIMILAR), reverse=True)

    for text, key, family, label in zip(corpus.text, corpus.id, corpus.family, corpus.label, strict=True):
        enter(key, text, family, label)
    if evaluation is not None:
        for text, key, label in zip(evaluation.text, _ids(evaluation), evaluation.label, strict=True):
            enter(f"evaluation {key}", text, None, label)
    families: dict[str, str] = {}
    for record in used.itertuples():
        alike = enter(record.id, record.text, record.id, record.label)
        measured = [(jaccard, key) for jaccard, key in alike if grams[key][0] is None]
        part = used[used.id == record.id]
        if measured:
            _note(listing, part, "in_evaluation", measured[0][1].removeprefix("evaluation "), measured[0][0])
            index.remove(record.id)
            continue
        for jaccard, key in alike:
            same = grams[key][1] == record.label
            _note(listing, part, "near_duplicate" if same else "near_contradiction", key, jaccard)
        families[record.id] = str(grams[alike[0][1]][0]) if alike else record.id
        if alike:
            grams[record.id] = (families[record.id], *grams[record.id][1:])
    return families


def _ids(evaluation: pd.DataFrame) -> list[str]:
    return [str(name) for name in (evaluation.id if "id" in evaluation else evaluation.group)]


def _note(
    listing: list[dict[str, object]], part: pd.DataFrame, kind: str, other: object, similarity: float = 1.0
) -> None:
    for row, own in zip(part.row, part.id, strict=True):
        listing.append({"row": row, "id": own, "kind": kind, "other": other, "similarity": round(similarity, 3)})


def _some(rows: Iterable[object]) -> str:
    listed = [str(row) for row in rows]
    return ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "")
