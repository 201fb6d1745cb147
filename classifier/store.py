"""The model folder: a JSON head and plain arrays. Nothing in it can run code.

model.json            format, name, labels, settings, thresholds, prior, versions, digests of the other files
vocabulary.txt        the tokens, one a line, in the order of their numbers
keys.npy              packed n-grams, sorted, uint64 (n_terms,)
displacements.npy     of the perfect hash table, uint32
frequencies.npy       records that hold each term, int32 (n_terms,); with n_records they give the idf
weights.npy           float64 (n_terms,)
cues.npy              numbers of the tokens that form cue pairs, int32
label_terms.npy       terms that the label heads read, int32
label_weights.npy     float32 (n_label_terms, n_scam_types + n_tactics)
metrics.json          what was measured on it; not read for scoring
history.json          what was accepted although it got worse, and why; only where that happened
"""

import hashlib
import json
import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from classifier import text as normalizer
from classifier.arrays import AnyArray
from classifier.cues import Cues
from classifier.errors import ModelError
from classifier.features import PAIRS, HashTable, NgramRange, Vocabulary
from classifier.linear import LabelHead, ScamHead, inverse_frequency

FORMAT = 1
ARRAYS: dict[str, np.dtype[Any]] = {
    "keys": np.dtype("<u8"),
    "displacements": np.dtype("<u4"),
    "frequencies": np.dtype("<i4"),
    "weights": np.dtype("<f8"),
    "cues": np.dtype("<i4"),
    "label_terms": np.dtype("<i4"),
    "label_weights": np.dtype("<f4"),
}
HISTORY = "history.json"
_FILES = ("vocabulary.txt", *(f"{name}.npy" for name in ARRAYS))
_LARGEST = 64 << 20  # bytes; a model folder is under 6 MB, anything far above is not one


class Model(NamedTuple):
    """What a model folder holds, ready to score."""

    meta: Mapping[str, Any]
    vocabulary: Vocabulary
    cues: Cues
    scam: ScamHead
    labels: LabelHead


def save(folder: Path, meta: Mapping[str, Any], tokens: list[str], arrays: Mapping[str, AnyArray]) -> None:
    """Writes a model folder; `model.json` comes last, so a folder that was cut short is not taken for a model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").unlink(missing_ok=True)
    digests = {}
    for name, content in _contents(tokens, arrays):
        (folder / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    _write_head(folder, {"format": FORMAT, **meta, "sha256": digests})


def read_history(folder: Path) -> list[dict[str, Any]]:
    """What was accepted although it got worse, the oldest first; empty where that never happened. Raises ModelError."""
    meta = _read_head(folder)
    if HISTORY not in meta["sha256"]:
        return []
    try:
        entries = json.loads(_read(folder, HISTORY, meta))
    except ValueError:
        entries = None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ModelError(f"{folder / HISTORY}: not a list of entries; copy the model again")
    return entries


def write_history(folder: Path, entries: list[dict[str, Any]]) -> None:
    """Puts a history beside a saved model, its digest into the head: it cannot be taken away or changed unseen."""
    meta = _read_head(folder)
    content = (json.dumps(entries, ensure_ascii=False, indent=1) + "\n").encode()
    (folder / HISTORY).write_bytes(content)
    _write_head(folder, {**meta, "sha256": {**meta["sha256"], HISTORY: hashlib.sha256(content).hexdigest()}})


def _write_head(folder: Path, head: Mapping[str, Any]) -> None:
    partial = folder / "model.json.part"
    partial.write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, folder / "model.json")


def _contents(tokens: list[str], arrays: Mapping[str, AnyArray]) -> list[tuple[str, bytes]]:
    contents = [("vocabulary.txt", "\n".join(tokens).encode())]
    for name, kind in ARRAYS.items():
        buffer = BytesIO()
        np.save(buffer, np.ascontiguousarray(arrays[name], kind), allow_pickle=False)
        contents.append((f"{name}.npy", buffer.getvalue()))
    return contents


def load(folder: Path) -> Model:
    """Reads and checks a model folder. Raises ModelError that says what is wrong and what to do."""
    meta = _read_head(folder)
    contents = {name: _read(folder, name, meta) for name in _FILES}
    if HISTORY in meta["sha256"]:
        _read(folder, HISTORY, meta)
    try:
        return _assemble(meta, contents)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{folder}: its parts do not fit together ({type(error).__name__}); train or copy it again"
        ) from None


def _read_head(folder: Path) -> dict[str, Any]:
    path = folder / "model.json"
    try:
        meta = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ModelError(f"{folder}: no model.json here; give the folder that `scamtext train` wrote") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read ({type(error).__name__}); copy the model again") from None
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        found = meta.get("format") if isinstance(meta, dict) else None
        raise ModelError(f"{path}: format {found!r}, this version reads {FORMAT}; update scamtext or train again")
    if meta.get("normalizer") != normalizer.VERSION:
        raise ModelError(
            f"{path}: made for normalizer {meta.get('normalizer')!r}, this version has {normalizer.VERSION}; train again"
        )
    if not isinstance(meta.get("sha256"), dict):
        raise ModelError(f"{path}: no digests; copy the model again")
    return meta


def _read(folder: Path, name: str, meta: Mapping[str, Any]) -> bytes:
    path = folder / name
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            raise ModelError(f"{path}: a link or over {_LARGEST >> 20} MB; not part of a model")
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or 'cannot be read'}; copy the model again") from None
    if hashlib.sha256(content).hexdigest() != meta["sha256"].get(name):
        raise ModelError(
            f"{path}: its digest is not the one in model.json; it was changed or damaged, copy the model again"
        )
    return content


def _assemble(meta: Mapping[str, Any], contents: Mapping[str, bytes]) -> Model:
    arrays = {name: np.load(BytesIO(contents[f"{name}.npy"]), allow_pickle=False) for name in ARRAYS}
    n_terms, n_label_terms = len(arrays["keys"]), len(arrays["label_terms"])
    types, tactics = tuple(meta["scam_types"]), tuple(meta["tactics"])
    shapes = {
        "keys": (n_terms,), "frequencies": (n_terms,), "weights": (n_terms,), "label_terms": (n_label_terms,),
        "label_weights": (n_label_terms, len(types) + len(tactics)), "displacements": (len(arrays["displacements"]),),
        "cues": (len(arrays["cues"]),),
    }  # fmt: skip
    for name, kind in ARRAYS.items():
        if arrays[name].shape != shapes[name] or arrays[name].dtype != kind or not np.isfinite(arrays[name]).all():
            raise ValueError(name)
    settings = meta["settings"]
    table = HashTable(
        (int(meta["hash"]["multipliers"][0]), int(meta["hash"]["multipliers"][1])),
        arrays["displacements"],
        int(meta["hash"]["size"]),
    )
    sizes = NgramRange(tuple(settings["token_ngrams"]), tuple(settings["character_ngrams"]))
    tokens = contents["vocabulary.txt"].decode("utf-8").split("\n")
    vocabulary = Vocabulary(tokens, arrays["keys"], sizes, table)
    first_token_term = int(settings["first_token_term"])
    first_pair = int(np.searchsorted(arrays["keys"], PAIRS))
    cues = Cues(arrays["cues"], arrays["keys"][first_pair:first_token_term], first_pair)
    scam = ScamHead(
        inverse_frequency(arrays["frequencies"], int(meta["n_records"])),
        arrays["weights"],
        float(meta["intercept"]),
        first_token_term,
    )
    position = np.full(n_terms, -1, np.int64)
    position[arrays["label_terms"]] = np.arange(n_label_terms)
    weights = arrays["label_weights"].astype(np.float64)
    intercepts = np.array(meta["label_intercepts"], np.float64)
    if intercepts.shape != (len(types) + len(tactics),):
        raise ValueError("label_intercepts")
    return Model(meta, vocabulary, cues, scam, LabelHead(types, tactics, position, weights, intercepts))
