"""Edges of a batch: row groups, tables for Spark, another model, another version, a folder that lost its parts."""

import io
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from types import ModuleType, SimpleNamespace

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest
from batches import rejects_of, rows_of

from classifier import batch
from classifier.batch import blocks, parquet, parts, plan, worker
from classifier.batch.driver import told_rejects
from classifier.batch.worker import classifier_at, digest_of_model
from classifier.cli import main
from classifier.errors import BatchError, ModelError, TranscriptError
from classifier.scam import shipped_model

TEXTS = [f"{n}番の荷物を預かりましたのでご連絡ください" for n in range(40)]


def parquet_file(path, sizes):
    """Texts in row groups of these sizes."""
    schema = pyarrow.schema([("text", pyarrow.string()), ("n", pyarrow.int64())])
    at = 0
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for size in sizes:
            writer.write_table(pyarrow.table({"text": TEXTS[at : at + size], "n": list(range(at, at + size))}, schema))
            at += size
    return path


@pytest.mark.parametrize("sizes", [[40], [1] * 12, [3, 30, 2, 2], [2, 2, 2, 30], [0, 5], []])
@pytest.mark.parametrize("unit_rows", [1, 4, 100])
def test_every_row_of_every_row_group_is_there_once(tmp_path, sizes, unit_rows):
    path = parquet_file(tmp_path / "a.parquet", sizes)
    n_rows = sum(sizes)
    with path.open("rb") as file:
        header, ranges = parquet.plan_parquet(file, "a.parquet", unit_rows, 2)
        assert header == ("text", "n")
        assert [row for start, stop in ranges for row in range(start, stop)] == list(range(n_rows))
        for start, stop in ranges:
            found = [n for part in parquet.batches(file, "a.parquet", start, stop, 3) for n in part.column("n").to_pylist()]
            assert found == list(range(start, stop))


def test_a_part_of_several_groups_of_rows_is_one_table(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS), encoding="utf-8")
    batch.run([path], tmp_path / "one", format="parquet", workers=1)
    monkeypatch.setattr(parts, "_GROUP_ROWS", 7)
    monkeypatch.setattr(blocks, "ROWS_AT_ONCE", 5)
    batch.run([path], tmp_path / "many", format="parquet", workers=1)
    assert rows_of(tmp_path / "many") == rows_of(tmp_path / "one")
    assert len(rows_of(tmp_path / "one")) == len(TEXTS)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_an_input_without_a_row_gives_no_row(tmp_path, form):
    (tmp_path / "a.csv").write_text("本文\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("本文\n \n", encoding="utf-8")
    summary = batch.run([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out", format=form, workers=1)
    assert summary.rows_out == 0
    assert rows_of(tmp_path / "out") == []


def test_frames_one_after_another():
    frames = [pd.DataFrame({"本文": [TEXTS[0], None]}), pd.DataFrame({"本文": []}), pd.DataFrame({"本文": [TEXTS[1]]})]
    scored = list(batch.score_frames(iter(frames), "本文", prior=0.5))
    assert [len(frame) for frame in scored] == [2, 0, 1]
    assert scored[0].level.tolist()[1] is None
    pd.testing.assert_frame_equal(scored[2], batch.score_frame(frames[2], "本文", prior=0.5))
    with pytest.raises(TranscriptError, match="no column"):
        next(batch.score_frames(iter(frames), "text"))


def test_the_schema_for_spark_has_our_columns_behind_theirs(monkeypatch):
    """Without Spark: its types are named here, as its schema holds them."""
    kinds = ("DoubleType", "BooleanType", "LongType", "StringType")
    types = ModuleType("pyspark.sql.types")
    for kind in kinds:
        setattr(types, kind, lambda kind=kind: kind)
    types.StructField = lambda name, kind: SimpleNamespace(name=name, kind=kind)
    types.StructType = lambda fields: SimpleNamespace(names=[f.name for f in fields], fields=fields)
    for name, module in (("pyspark", ModuleType("pyspark")), ("pyspark.sql", ModuleType("pyspark.sql")), ("pyspark.sql.types", types)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys.modules["pyspark.sql"], "types", types, raising=False)
    theirs = types.StructType([types.StructField("text", "StringType"), types.StructField("level", "LongType")])
    schema = batch.spark_schema(theirs)
    scored = batch.score_frame(pd.DataFrame({"text": TEXTS[:1], "level": [1]}))
    assert schema.names == list(scored.columns)
    of_dtype = {"float64": "DoubleType", "boolean": "BooleanType", "Int64": "LongType", "object": "StringType"}
    for field, dtype in list(zip(schema.fields, scored.dtypes, strict=True))[2:]:
        assert field.kind == of_dtype[str(dtype)]


def test_a_worker_with_another_model_refuses_to_go_on(tmp_path):
    folder = shutil.copytree(shipped_model(), tmp_path / "m")
    assert classifier_at(str(folder), digest_of_model(str(folder))).signature
    classifier_at.cache_clear()
    with pytest.raises(BatchError, match="another model than the batch began with"):
        classifier_at(str(folder), "0" * 64)
    with pytest.raises(ModelError, match=r"no model\.json"):
        digest_of_model(str(tmp_path / "none"))
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "model.json").mkdir()
    with pytest.raises(ModelError):
        digest_of_model(str(tmp_path / "odd"))


@pytest.fixture
def done(tmp_path):
    (tmp_path / "a.csv").write_text("本文\n" + "\n".join(TEXTS) + "\n\"\"\n", encoding="utf-8")
    batch.run([tmp_path / "a.csv"], tmp_path / "out", format="csv", workers=1, unit_rows=10)
    return tmp_path


def again(done, **options):
    return batch.run([done / "a.csv"], done / "out", format="csv", workers=1, unit_rows=10, **options)


def test_a_folder_of_another_version_is_refused(done):
    with closing(sqlite3.connect(done / "out" / "manifest.sqlite")) as db, db:
        db.execute("update job set value = '0' where key = 'manifest'")
    with pytest.raises(BatchError, match="of another version of the package; choose another --output"):
        again(done)


def test_a_manifest_that_is_damaged_is_one_line(done):
    (done / "out" / "manifest.sqlite").write_bytes(b"SQLite format 3\x00" + b"\xff" * 4_000)
    with pytest.raises(BatchError, match=r"manifest\.sqlite") as told:
        again(done)
    assert "\n" not in str(told.value)


def test_an_input_that_went_away_is_named(done):
    (done / "a.csv").unlink()
    with pytest.raises((BatchError, TranscriptError), match=r"a\.csv"):
        again(done)


def test_parts_that_nobody_keeps_are_told(done, monkeypatch):
    """As where workers write into a folder of their own machine under the same name."""
    real = worker.score_unit

    def elsewhere(task, job):
        outcome = real(task, job)
        for path in (done / "out" / "parts").iterdir():
            path.unlink()
        return outcome

    monkeypatch.setattr("classifier.batch.driver.score_unit", elsewhere)
    next((done / "out" / "parts").iterdir()).unlink()
    with pytest.raises(BatchError, match="must share this folder under one path"):
        again(done)
    monkeypatch.undo()
    assert again(done).rows_out == len(TEXTS)


def test_the_first_rejects_are_told_and_the_rest_counted(tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in [*TEXTS[:2], *[" "] * 60]), encoding="utf-8")
    assert main(["batch", str(path), "--output", str(tmp_path / "out"), "--workers", "1"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"scamtext: {path}: row 3: no text"
    (more,) = [line for line in told if "more in" in line]
    n_told = sum("no text" in line for line in told)
    assert more.startswith(f"scamtext: … and {60 - n_told} more in ")
    assert list(told_rejects(tmp_path / "out", 2)) == [f"{path}: row {n}: no text" for n in (3, 4)]
    assert len(list(told_rejects(tmp_path / "out", 100))) == len(rejects_of(tmp_path / "out")) == 60


def test_texts_and_workbooks_over_the_limit_are_rejects(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("還付金" * 50, encoding="utf-8")
    (tmp_path / "b.txt").write_text("はい、そうです", encoding="utf-8")
    monkeypatch.setattr(blocks, "MOST_BYTES", 100)
    batch.run([tmp_path / "a.txt", tmp_path / "b.txt"], tmp_path / "out", format="jsonl", workers=1)
    assert [row["name"] for row in rows_of(tmp_path / "out")] == [str(tmp_path / "b.txt")]
    (reject,) = rejects_of(tmp_path / "out")
    assert reject["reason"].startswith("larger than")


def test_a_file_that_changes_while_it_is_planned_is_not_taken(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("本文\nはい\n", encoding="utf-8")
    states = iter([SimpleNamespace(size=1), SimpleNamespace(size=2)])
    monkeypatch.setattr(plan, "state_of", lambda *_: next(states))
    summary = batch.run([path], tmp_path / "out", format="jsonl", workers=1)
    assert summary.problems == (f"{path}: changed while it was read",)
    assert not summary.complete


def test_cells_that_a_strict_reader_refuses_come_back_as_rejects(tmp_path):
    (tmp_path / "a.csv").write_text('本文,番号\n"還付"金,1\nはいはい,2\n', encoding="utf-8")
    batch.run([tmp_path / "a.csv"], tmp_path / "out", format="jsonl", workers=1)
    assert [row["番号"] for row in rows_of(tmp_path / "out")] == ["2"]
    assert [(reject["row"], "quotation marks" in reject["reason"]) for reject in rejects_of(tmp_path / "out")] == [(2, True)]
    (tmp_path / "b.csv").write_text('"本"文,番号\nはい,1\n', encoding="utf-8")
    summary = batch.run([tmp_path / "b.csv"], tmp_path / "out2", format="jsonl", workers=1)
    assert "row 1: quotation marks inside a cell must be doubled" in summary.problems[0]


def test_a_file_that_ends_before_its_plan_does():
    from classifier.batch.pieces import pieces

    assert [piece.content for piece in pieces(io.BytesIO(b"a\nb\n"), 0, 100, b",")] == [b"a\n", b"b\n"]
