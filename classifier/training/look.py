"""What an analyst looks at before training: tables for a notebook. The drawings are in `plots`."""

import os
from pathlib import Path

import pandas as pd

from classifier.errors import DatasetError
from classifier.taxonomy import labels
from classifier.training import dataset
from classifier.training.slices import length_band

SAMPLE = "SCAMTEXT_SAMPLE"  # environment variable: so many records of each type and domain, for a quick run


def load_corpus(folder: Path) -> pd.DataFrame:
    """The corpus, or of each scam type and honest domain the first records by id where `SCAMTEXT_SAMPLE` gives a number."""
    frame = dataset.load(folder)
    wanted = os.environ.get(SAMPLE)
    if not wanted:
        return frame
    if not wanted.isdecimal() or int(wanted) < 1:
        raise DatasetError(f"{SAMPLE}: {wanted!r}, expected a number of records from 1")
    return frame.groupby(_kind(frame), group_keys=False).head(int(wanted)).reset_index(drop=True)


def overview(frame: pd.DataFrame) -> pd.DataFrame:
    """Records, families and median length of each scam type and honest domain, most first; index: id and Japanese name."""
    named = {**labels("benign_domains"), **labels("scam_types")}
    kind = _kind(frame)
    table = frame.assign(length=frame.text.str.len()).groupby([frame.label, kind])
    rows = table.agg(records=("id", "size"), families=("family", "nunique"), median_length=("length", "median"))
    rows.index = pd.MultiIndex.from_tuples(
        [(label, name, named.get(name, "")) for label, name in rows.index], names=["label", "id", "名前"]
    )
    return rows.sort_values("records", ascending=False)


def lengths(frame: pd.DataFrame) -> pd.DataFrame:
    """Records by length band and label."""
    return pd.crosstab(length_band(frame.text), frame.label).rename_axis(index="文字数", columns=None)


def with_texts(listed: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """A list of ids with the texts beside them, for reading on the screen; not for sending anywhere."""
    return listed.merge(frame[["id", "text"]], on="id", how="left")


def _kind(frame: pd.DataFrame) -> pd.Series:
    return frame.scam_type.fillna(frame.domain).fillna("(不明)")
