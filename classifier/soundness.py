"""Whether the parts of a model folder can be scored with: digests tell damage, this tells nonsense."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from classifier.arrays import AnyArray
from classifier.features import PAIRS, UNKNOWN_TOKEN

ARRAYS: dict[str, np.dtype[Any]] = {
    "keys": np.dtype("<u8"),
    "displacements": np.dtype("<u4"),
    "frequencies": np.dtype("<i4"),
    "weights": np.dtype("<f4"),
    "everyday_weights": np.dtype("<f4"),
    "cues": np.dtype("<i4"),
    "label_terms": np.dtype("<i4"),
    "label_weights": np.dtype("<f2"),
    "script_edges": np.dtype("<i4"),
    "script_terms": np.dtype("<u2"),
    "script_weights": np.dtype("<f4"),
}
_SCRIPT = {"scam_type", "script", "source", "url"}
_NOT_FINITE = np.uint16(0x7C00)  # the exponent of infinities and NaN
_STEEPEST = 1e6  # of weights and log-odds; beyond it sums overflow
_LONGEST_NAME = 100  # characters of what a signature is made of
_MOST_CUES = 4_096  # the table of their pairs grows with the square
_MOST = 64 << 20  # slots of the hash table, and cells of the table of scripts


def check(meta: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> None:
    """Raises ValueError, KeyError or TypeError where the parts of a folder contradict each other, or cannot be scored with."""
    _check_head(meta)
    n_terms, n_label_terms, n_scripts = len(arrays["keys"]), len(arrays["label_terms"]), len(meta["scripts"])
    n_labels, n_entries = len(meta["scam_types"]) + len(meta["tactics"]), len(arrays["script_terms"])
    shapes = {
        "keys": (n_terms,), "everyday_weights": (int(np.searchsorted(arrays["keys"], PAIRS)),), "frequencies": (n_terms,), "weights": (n_terms,), "label_terms": (n_label_terms,),
        "label_weights": (n_label_terms, n_labels), "displacements": (len(arrays["displacements"]),),
        "cues": (len(arrays["cues"]),), "script_edges": (n_scripts + 1,), "script_terms": (n_entries,),
        "script_weights": (n_entries,),
    }  # fmt: skip
    for name, kind in ARRAYS.items():
        if arrays[name].shape != shapes[name] or arrays[name].dtype != kind:
            raise ValueError(name)
        if kind.kind == "f" and not _moderate(arrays[name]):
            raise ValueError(name)
    if not n_terms or (arrays["keys"][1:] <= arrays["keys"][:-1]).any():
        raise ValueError("keys")
    if arrays["frequencies"].min() < 0 or arrays["frequencies"].max() > meta["n_documents"]:
        raise ValueError("frequencies")
    if n_label_terms * n_scripts > _MOST:
        raise ValueError("scripts")
    edges = arrays["script_edges"]
    if (np.diff(edges) < 0).any() or edges[0] != 0 or edges[-1] != n_entries:
        raise ValueError("script_edges")
    for name, most in (("label_terms", n_terms), ("script_terms", n_label_terms), ("cues", UNKNOWN_TOKEN)):
        if len(arrays[name]) and (arrays[name].min() < 0 or arrays[name].max() >= most):
            raise ValueError(name)
    if len(arrays["cues"]) > _MOST_CUES or (np.diff(arrays["cues"]) <= 0).any():
        raise ValueError("cues")
    intercepts = np.array(meta["label_intercepts"], np.float64)
    if intercepts.shape != (n_labels,) or not (np.abs(intercepts) <= _STEEPEST).all():
        raise ValueError("label_intercepts")
    n_buckets = len(arrays["displacements"])
    if not _is_power(n_buckets) or not _is_power(meta["hash"]["size"]) or meta["hash"]["size"] > _MOST:
        raise ValueError("hash")


def _moderate(values: AnyArray) -> bool:
    """No weight is too steep, and none is no number. Half precision ends at 65,504, so its bits tell, 20 times as fast."""
    if values.dtype.itemsize == 2:
        return bool(((values.view(np.uint16) & _NOT_FINITE) != _NOT_FINITE).all())
    return bool((np.abs(values) <= _STEEPEST).all())


def _check_head(meta: Mapping[str, Any]) -> None:
    """Raises ValueError, KeyError or TypeError where a value of the head could not be scored with, or shown."""
    thresholds = (float(meta["thresholds"]["caution"]), float(meta["thresholds"]["high"]))
    steep = (float(meta["intercept"]), float(meta["everyday_intercept"]), *thresholds)
    if not all(abs(value) <= _STEEPEST for value in steep) or thresholds[0] > thresholds[1]:
        raise ValueError("intercept, thresholds")
    if len(meta["least_norms"]) != 3 or not all(0.0 < float(norm) <= _STEEPEST for norm in meta["least_norms"]):
        raise ValueError("least_norms")
    if not 0.0 < float(meta["prior"]) < 1.0:
        raise ValueError("prior")
    for name in ("name", "version", "data"):
        if not isinstance(meta[name], str) or not meta[name].isprintable() or len(meta[name]) > _LONGEST_NAME:
            raise ValueError(name)
    for group in ("scam_types", "tactics"):  # names are looked up when they are shown; the taxonomy is slow to read
        names = meta[group]
        if not isinstance(names, list) or not names or len(set(names)) < len(names):
            raise ValueError(group)
        if not all(isinstance(name, str) and name.isidentifier() for name in names):
            raise ValueError(group)
    for script in meta["scripts"]:
        if set(script) != _SCRIPT or script["scam_type"] not in meta["scam_types"]:
            raise ValueError("scripts")
        if not all(isinstance(value, str) for value in script.values()):
            raise TypeError("scripts")


def ngram_sizes(given: Any) -> tuple[int, int]:
    """Lengths of n-grams, both ends included; longer ones do not fit a key. Raises ValueError, TypeError."""
    first, last = given
    if not (type(first) is type(last) is int and 1 <= first <= last <= 3):
        raise ValueError("ngrams")
    return first, last


def _is_power(number: Any) -> bool:
    """1, 2, 4, 8 …"""
    return type(number) is int and number > 0 and number & (number - 1) == 0
