"""The corpus: reading, checking and splitting its records.

One JSON object a line. `datasets/scam/<type>.jsonl` and `datasets/benign/<domain>.jsonl` train;
`datasets/evaluation/` never does.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.errors import DatasetError, UnknownLabelError, shown
from classifier.taxonomy import CHANNELS as CHANNELS
from classifier.taxonomy import labels

LABELS = ("scam", "benign")
UNITS = ("phrase", "message", "transcript")
PHASES = ("whole", "opening", "middle", "closing", "doubt", "small_talk", "role_change", "fragment")
KINDS = ("lookalike", "awareness", "ordinary", "blunt")  # honest records only
SPEAKERS = ("caller", "callee")
MOST_IN_FAMILY = 6

_REQUIRED = {"id": str, "family": str, "label": str, "unit": str, "channel": str, "phase": str, "text": str,
             "tactics": list, "sources": list}  # fmt: skip
_OPTIONAL = {"scam_type": str, "domain": str, "variant": str, "kind": str, "turns": list, "pair": str}


def load(folder: str | Path) -> pd.DataFrame:
    """All training records below `folder`, one a row, sorted by id; column `path` names the file.

    Raises DatasetError for a record that breaks the schema, for evaluation records, and for a family that is too large.
    """
    paths = sorted(p for part in ("scam", "benign") for p in Path(folder).glob(f"{part}/*.jsonl"))
    if not paths:
        raise DatasetError(f"{folder}: no scam/*.jsonl or benign/*.jsonl here; give the datasets folder")
    frame = pd.DataFrame([record for path in paths for record in read(path)])
    for column in _OPTIONAL:
        if column not in frame:
            frame[column] = None
    frame = frame.astype(object).where(frame.notna(), None).sort_values("id", ignore_index=True)
    twice = frame.id[frame.id.duplicated()]
    if len(twice):
        raise DatasetError(f"{folder}: id {shown(twice.iloc[0])} stands twice; ids are unique")
    sizes = frame.family.value_counts()
    if sizes.iloc[0] > MOST_IN_FAMILY:
        raise DatasetError(
            f"{folder}: family {shown(sizes.index[0])} has {sizes.iloc[0]} records, the most is {MOST_IN_FAMILY}"
        )
    return frame


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The checked records of one file. Refuses the evaluation set."""
    if "evaluation" in path.resolve().parts:
        raise DatasetError(f"{path}: evaluation texts are never trained on; use `scamtext evaluate`")
    for number, record in read_lines(path):
        check(record, f"{path}:{number}", path.parent.name, path.stem)
        yield {**record, "path": f"{path.parent.name}/{path.name}"}


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of each line of a JSONL file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read as UTF-8 ({type(error).__name__})") from None
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError:
            raise DatasetError(f"{path}:{number}: not JSON; each line is one object") from None
        if not isinstance(record, dict):
            raise DatasetError(f"{path}:{number}: {type(record).__name__}, expected an object")
        yield number, record


def check(record: Mapping[str, Any], where: str, side: str, name: str) -> None:
    """Raises DatasetError (file, line, field, allowed values) where the record breaks the schema."""
    for field, kind in _REQUIRED.items():
        if not isinstance(record.get(field), kind) or (kind is str and not record[field].strip()):
            raise DatasetError(f"{where}: {field}: {shown(record.get(field))}, expected a filled {kind.__name__}")
    for field, value in record.items():
        if field not in _REQUIRED and (field not in _OPTIONAL or not isinstance(value, _OPTIONAL[field])):
            raise DatasetError(
                f"{where}: {field}: unknown field or wrong kind. Known: {', '.join([*_REQUIRED, *_OPTIONAL])}"
            )
    _among(record, "label", LABELS, where)
    _among(record, "unit", UNITS, where)
    _among(record, "channel", CHANNELS, where)
    _among(record, "phase", PHASES, where)
    for tactic in record["tactics"]:
        _known(tactic, "tactics", where)
    if record["label"] == "scam":
        _known(record.get("scam_type"), "scam_types", where)
        if (side, name) != ("scam", record["scam_type"]):
            raise DatasetError(
                f"{where}: a {record['scam_type']} record in {side}/{name}; it belongs to scam/{record['scam_type']}"
            )
    else:
        _known(record.get("domain"), "benign_domains", where)
        _among(record, "kind", KINDS, where)
        if record["tactics"]:
            raise DatasetError(f"{where}: tactics: {shown(record['tactics'])}, an honest record has none")
        if (side, name) != ("benign", record["domain"]):
            raise DatasetError(
                f"{where}: a {record['domain']} record in {side}/{name}; it belongs to benign/{record['domain']}"
            )
    for turn in record.get("turns") or []:
        if set(turn) != {"speaker", "text"} or turn["speaker"] not in SPEAKERS or not turn["text"].strip():
            raise DatasetError(f"{where}: turns: each is a speaker ({', '.join(SPEAKERS)}) and a text")
    if record["unit"] == "transcript" and len(record.get("turns") or []) < 2:
        raise DatasetError(f"{where}: turns: a transcript has two or more; a single utterance is a phrase")


def _among(record: Mapping[str, Any], field: str, allowed: Collection[str], where: str) -> None:
    if record.get(field) not in allowed:
        raise DatasetError(f"{where}: {field}: {shown(record.get(field))}, allowed: {', '.join(allowed)}")


def _known(label: Any, group: str, where: str) -> None:
    if not isinstance(label, str) or label not in labels(group):
        raise UnknownLabelError(f"{where}: unknown label {shown(label)} in {group}. Known: {', '.join(labels(group))}")


def digest(frame: pd.DataFrame) -> str:
    """A short name of the data: the same records, the same digest, whatever their files."""
    fields = ["id", "family", "pair", "label", "scam_type", "domain", "unit", "tactics", "text"]
    ordered = frame.sort_values("id")[fields].to_dict("records")
    return hashlib.sha256(json.dumps(ordered, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def groups(frame: pd.DataFrame) -> NDArray[np.int64]:
    """A number for each record, equal for records tied by family or pair, directly or through others."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for family, pair in zip(frame.family, frame.pair, strict=True):
        if pair:
            parent[root("family " + family)] = root("pair " + pair)
    roots = [root("family " + family) for family in frame.family]
    number = {key: k for k, key in enumerate(dict.fromkeys(roots))}
    return np.array([number[key] for key in roots])


def folds(frame: pd.DataFrame, n_folds: int = 5, seed: int = 0) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(train, test) positions; families and pairs never cross, labels and types are spread evenly.

    A type with fewer records than folds counts as the commonest one: it cannot be in every fold.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    strata = frame.scam_type.fillna(frame.label)  # own scams may have no type
    scam = frame.label == "scam"
    rare = scam & (strata.map(strata.value_counts()) < n_folds)
    if rare.any():
        strata = strata.mask(rare, strata[scam].mode()[0])
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return list(splitter.split(frame, strata, groups(frame)))


def write(frame: pd.DataFrame, folder: Path) -> None:
    """Writes records to `scam/<type>.jsonl` and `benign/<domain>.jsonl`, sorted by id."""
    order = [*_REQUIRED, *_OPTIONAL]
    frame = frame.reindex(columns=[*frame.columns, *(column for column in _OPTIONAL if column not in frame)])
    frame = frame.astype(object).where(frame.notna(), None)
    keys = frame.scam_type.where(frame.label == "scam", frame.domain)
    for (label, name), part in frame.groupby([frame.label, keys]):
        path = folder / label / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            json.dumps({key: row[key] for key in order if row.get(key) is not None}, ensure_ascii=False)
            for row in part.sort_values("id").to_dict("records")
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
