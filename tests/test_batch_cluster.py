"""A batch on a real Dask scheduler with worker processes that die, come back and are replaced."""

import json
import sys
from functools import partial

import pytest
from batches import content, kill, rows_of, run, start, text, wait_for_parts

from classifier import batch
from classifier.batch.processes import Cluster, patiently
from classifier.errors import BatchError

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
from deadly import deadly  # noqa: E402
from loopback import Loopback  # noqa: E402

N_ROWS = 4_000
COMMON = ("--unit-rows", "40", "--format", "csv")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("in") / "a.jsonl"
    rows = ({"id": n, "text": "\n".join(text(n + k) for k in range(8))} for n in range(N_ROWS))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory):
    """The output of processes of this machine that nobody disturbed."""
    output = tmp_path_factory.mktemp("whole") / "out"
    batch.run([source], output, format="csv", workers=2, unit_rows=40)
    return content(output)


def test_every_row_is_there_once_whatever_is_killed(source, expected, tmp_path):
    output = tmp_path / "out"
    with Loopback(2) as cluster:
        arguments = [source, "--output", output, "--cluster", cluster.address, *COMMON]
        driver = start(*arguments)
        wait_for_parts(output, 10, driver)
        cluster.kill_worker()
        wait_for_parts(output, 20, driver)  # the other one goes on
        cluster.start_worker()
        cluster.restart()
        wait_for_parts(output, 35, driver)
        kill(driver)
        assert len(list((output / "parts").iterdir())) < N_ROWS / 40
        done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert [int(row["id"]) for row in rows_of(output)] == list(range(N_ROWS))
    assert content(output) == expected


def test_a_task_that_kills_its_workers_is_given_up_alone():
    with Loopback(2, nanny=True) as cluster:
        found = sorted(patiently(Cluster(cluster.address), deadly, list(range(8)), str), key=str)
    assert found == sorted(["3", *(n * n for n in range(8) if n != 3)], key=str)


def test_no_scheduler_is_said_in_one_line(source, tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.batch.processes._PATIENCE", 0.0)
    with pytest.raises(BatchError, match="no Dask scheduler answers there"):
        batch.run([source], tmp_path / "out", cluster="tcp://127.0.0.1:9")
    with pytest.raises(BatchError, match="leave one of the two out"):
        batch.run([source], tmp_path / "out", cluster="tcp://127.0.0.1:9", workers=2)


def test_frames_of_dask(source):
    pandas = pytest.importorskip("pandas")
    frames = pytest.importorskip("dask.dataframe")
    rows = pandas.read_json(source, lines=True).head(50)
    rows.loc[7, "text"] = ""
    rows.loc[8, "text"] = None
    lazy = frames.from_pandas(rows, npartitions=3)
    meta = batch.score_frame(lazy._meta)
    scored = lazy.map_partitions(batch.score_frame, meta=meta).compute(scheduler="sync")
    assert list(scored.dtypes) == list(meta.dtypes)
    assert list(scored.columns[:4]) == ["id", "text", "level", "probability"]
    assert scored.index.tolist() == rows.index.tolist()
    assert scored.level.isna().sum() == 2
    pandas.testing.assert_frame_equal(scored, batch.score_frame(rows), check_dtype=False)


def test_frames_of_spark(source, monkeypatch):
    spark_sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    pandas = pytest.importorskip("pandas")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = spark_sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    try:
        rows = pandas.read_json(source, lines=True).head(30).astype({"text": object})
        rows.loc[7, "text"] = None
        frame = session.createDataFrame(rows).repartition(2)
        lazy = frame.mapInPandas(partial(batch.score_frames, text="text"), batch.spark_schema(frame.schema))
        scored = lazy.toPandas().sort_values("id", ignore_index=True)
    finally:
        session.stop()
    alone = batch.score_frame(rows)
    assert list(scored.columns) == list(alone.columns)
    for column in ("id", "level", "probability", "scam_type", "cleaned"):
        assert scored[column].dropna().tolist() == alone[column].dropna().tolist()
    assert scored.level.isna().sum() == 1
