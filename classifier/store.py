"""The model folder: a JSON head and plain arrays. Nothing in it can run code.

model.json            format, name, labels, settings, thresholds, prior, versions, digests of the other files
vocabulary.txt        the tokens, one a line, in the order of their numbers
keys.npy              packed n-grams, sorted, uint64 (n_terms,)
displacements.npy     of the perfect hash table, uint32
frequencies.npy       training texts that hold each term, int32 (n_terms,); with n_documents they give the idf
weights.npy           float32 (n_terms,)
everyday_weights.npy  of the head that tells scams from everyday talk, float32 (n_character_terms,)
cues.npy              numbers of the tokens that form cue pairs, int32
label_terms.npy       terms that the label heads read, int32
label_weights.npy     float16 (n_label_terms, n_scam_types + n_tactics)
script_edges.npy      where the entries of each documented script begin, and the end, int32 (n_scripts + 1,)
script_terms.npy      which label terms they are, uint16
script_weights.npy    float32, l2 norm 1 for each script
metrics.json          what was measured on it; not read for scoring
history.json          what was accepted although it got worse, and why; only where that happened
"""

import hashlib
import json
import math
import os
import stat
from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.format import read_array_header_1_0, read_magic

from classifier import text as normalizer
from classifier.arrays import AnyArray
from classifier.cues import Cues
from classifier.errors import ModelError
from classifier.features import PAIRS, UNKNOWN_TOKEN, HashTable, NgramRange, Vocabulary
from classifier.linear import LabelHead, ScamHead, Scripts, inverse_frequency
from classifier.soundness import ARRAYS, check, ngram_sizes

if TYPE_CHECKING:
    from pathlib import Path  # its import takes half as long as reading the files of a model

FORMAT = 3
HISTORY, METRICS = "history.json", "metrics.json"
_FILES = ("vocabulary.txt", *(f"{name}.npy" for name in ARRAYS))
_LARGEST = 64 << 20  # bytes; a model folder is under 6 MB, anything far above is not one
_LARGEST_JSON = 4 << 20  # which takes twenty times its size when it is read


class Model:
    """What a model folder holds, ready to score; the heads beside the scam head are made ready when first asked for."""

    def __init__(
        self,
        meta: Mapping[str, Any],
        vocabulary: Vocabulary,
        cues: Cues,
        scam: ScamHead,
        arrays: Mapping[str, AnyArray],
    ) -> None:
        self.meta, self.vocabulary, self.cues, self.scam = meta, vocabulary, cues, scam
        self._arrays = arrays

    @cached_property
    def labels(self) -> LabelHead:
        position = np.full(len(self._arrays["keys"]), -1, np.int64)
        position[self._arrays["label_terms"]] = np.arange(len(self._arrays["label_terms"]))
        return LabelHead(
            tuple(self.meta["scam_types"]),
            tuple(self.meta["tactics"]),
            position,
            self._arrays["label_weights"].astype(np.float64),
            np.array(self.meta["label_intercepts"], np.float64),
        )

    @cached_property
    def scripts(self) -> Scripts:
        described = tuple(self.meta["scripts"])
        columns = np.zeros((len(self._arrays["label_terms"]), len(described)), np.float32)
        numbers = np.repeat(np.arange(len(described)), np.diff(self._arrays["script_edges"]))
        columns[self._arrays["script_terms"], numbers] = self._arrays["script_weights"]
        of_types = [
            tuple(n for n, script in enumerate(described) if script["scam_type"] == scam_type)
            for scam_type in self.meta["scam_types"]
        ]
        return Scripts(described, tuple(of_types), columns)


def save(folder: "Path", meta: Mapping[str, Any], tokens: list[str], arrays: Mapping[str, AnyArray]) -> None:
    """Writes a model folder; `model.json` comes last, so a folder that was cut short is not taken for a model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").unlink(missing_ok=True)
    digests = {}
    for name, content in _contents(tokens, arrays):
        (folder / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    _write_head(folder, {"format": FORMAT, **meta, "sha256": digests})


def read_history(folder: "Path") -> list[dict[str, Any]]:
    """What was accepted although it got worse, the oldest first; empty where that never happened. Raises ModelError."""
    meta = _read_head(folder)
    if HISTORY not in meta["sha256"]:
        return []
    try:
        entries = json.loads(_read(folder, HISTORY, meta, _LARGEST_JSON))
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ModelError(f"{folder / HISTORY}: not a list of entries; copy the model again")
    return entries


def read_metrics(folder: "Path") -> dict[str, Any] | None:
    """What was measured on a model, as it stands there (its digest is not in the head); None where nothing does.

    Raises ModelError where it is no such file: a link, too large, not JSON.
    """
    path = os.path.join(folder, METRICS)
    if not os.path.lexists(path):
        return None
    try:
        metrics = json.loads(_content(path, _LARGEST_JSON))
    except (ValueError, RecursionError):
        metrics = None
    if not isinstance(metrics, dict):
        raise ModelError(f"{path}: not what `scamtext train` wrote; copy the model again")
    return metrics


def write_history(folder: "Path", entries: list[dict[str, Any]]) -> None:
    """Puts a history beside a saved model, its digest into the head: it cannot be taken away or changed unseen."""
    meta = _read_head(folder)
    content = (json.dumps(entries, ensure_ascii=False, indent=1) + "\n").encode()
    (folder / HISTORY).write_bytes(content)
    _write_head(folder, {**meta, "sha256": {**meta["sha256"], HISTORY: hashlib.sha256(content).hexdigest()}})


def _write_head(folder: "Path", head: Mapping[str, Any]) -> None:
    from classifier.whole import whole  # scoring reads heads and never writes one

    with whole(folder / "model.json") as file:
        file.write((json.dumps(head, ensure_ascii=False, indent=1) + "\n").encode())


def _contents(tokens: list[str], arrays: Mapping[str, AnyArray]) -> list[tuple[str, bytes]]:
    contents = [("vocabulary.txt", "\n".join(tokens).encode())]
    for name, kind in ARRAYS.items():
        buffer = BytesIO()
        np.save(buffer, np.ascontiguousarray(arrays[name], kind), allow_pickle=False)
        contents.append((f"{name}.npy", buffer.getvalue()))
    return contents


def load(folder: "str | Path") -> Model:
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


def _read_head(folder: "str | Path") -> dict[str, Any]:
    path = os.path.join(folder, "model.json")
    if not os.path.lexists(path):
        raise ModelError(f"{folder}: no model.json here; give the folder that `scamtext train` wrote")
    try:
        meta = json.loads(_content(path, _LARGEST_JSON))
    except (ValueError, RecursionError) as error:
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


def _read(folder: "str | Path", name: str, meta: Mapping[str, Any], most: int | None = None) -> bytes:
    path = os.path.join(folder, name)
    content = _content(path, most or _LARGEST)
    if hashlib.sha256(content).hexdigest() != meta["sha256"].get(name):
        raise ModelError(
            f"{path}: its digest is not the one in model.json; it was changed or damaged, copy the model again"
        )
    return content


def _content(path: str, most: int) -> bytes:
    """The bytes of a plain file; what a link, a pipe or a device leads to is no part of a model."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            raise ModelError(f"{path}: a link, no file, or over {most >> 20} MB; not part of a model")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or 'cannot be read'}; copy the model again") from None


def _assemble(meta: Mapping[str, Any], contents: Mapping[str, bytes]) -> Model:
    arrays = {name: _array(contents[f"{name}.npy"]) for name in ARRAYS}
    check(meta, arrays)
    settings = meta["settings"]
    table = HashTable(
        (int(meta["hash"]["multipliers"][0]), int(meta["hash"]["multipliers"][1])),
        arrays["displacements"],
        int(meta["hash"]["size"]),
    )
    sizes = NgramRange(*(ngram_sizes(settings[name]) for name in ("token_ngrams", "character_ngrams")))
    if contents["vocabulary.txt"].count(b"\n") + 1 >= UNKNOWN_TOKEN:  # a number would not fit a key
        raise ValueError("vocabulary")
    tokens = contents["vocabulary.txt"].decode("utf-8").split("\n")
    vocabulary = Vocabulary(tokens, arrays["keys"], sizes, table)
    first_token_term = int(settings["first_token_term"])
    pairs = slice(int(np.searchsorted(arrays["keys"], PAIRS)), first_token_term)
    of_characters, of_pairs, of_tokens = map(float, meta["least_norms"])
    columns = np.zeros((len(arrays["keys"]), 3))
    columns[:, 0] = inverse_frequency(arrays["frequencies"], int(meta["n_documents"]))
    columns[:, 1] = arrays["weights"]
    columns[: len(arrays["everyday_weights"]), 2] = arrays["everyday_weights"]
    cues = Cues(arrays["cues"], arrays["keys"][pairs], columns[pairs, 0], columns[pairs, 1], of_pairs)
    scam = ScamHead(
        columns, float(meta["intercept"]), float(meta["everyday_intercept"]), first_token_term, (of_characters, of_tokens)
    )
    return Model(meta, vocabulary, cues, scam, arrays)


def _array(content: bytes) -> AnyArray:
    """The array of an .npy file, not copied; one of objects is refused, as its bytes could run code."""
    file = BytesIO(content)
    if read_magic(file) != (1, 0):
        raise ValueError("version")
    try:
        shape, columns_first, kind = read_array_header_1_0(file)
    except (SyntaxError, TokenError, MemoryError, RecursionError):  # it is read as a literal of Python; nothing is run
        raise ValueError("header") from None
    if kind.hasobject or columns_first:
        raise ValueError("kind")
    array: AnyArray = np.frombuffer(content, kind, math.prod(shape), file.tell()).reshape(shape)
    return array
