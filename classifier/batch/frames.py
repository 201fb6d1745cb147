"""Tables in memory, for engines that cut and hand out by themselves: a pandas DataFrame in, a DataFrame out.

Dask::

    from classifier.batch import score_frame
    scored = frame.map_partitions(score_frame, text="本文", meta=score_frame(frame._meta, text="本文"))

Spark (`mapInPandas` hands each partition over as an iterator of frames)::

    from classifier.batch import score_frames, spark_schema
    scored = frame.mapInPandas(partial(score_frames, text="本文"), spark_schema(frame.schema))

The model is loaded once in each worker process, from its path; it is never sent.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from classifier.batch.parts import KINDS
from classifier.batch.worker import classifier_at, digest_of_model
from classifier.errors import TranscriptError
from classifier.readers.columns import Columns, text_column
from classifier.readers.grid import Line
from classifier.readers.plain import read_plain
from classifier.readers.table import words_of
from classifier.report.table import COLUMNS, renamed, values

if TYPE_CHECKING:
    import pandas

_DTYPES = {"double": "float64", "bool": "boolean", "int64": "Int64", "string": "object"}


def score_frame(
    frame: "pandas.DataFrame", text: str | None = None, *, model: str | None = None, prior: float | None = None
) -> "pandas.DataFrame":
    """The rows and index of `frame` with our columns behind its own, as `scamtext score --format csv` names them.

    `text` names the column of the texts; None recognises it. Every row stays: one without text has empty cells. Dtypes
    do not depend on the rows, so the result for an empty frame is Dask's `meta`.

    Raises TranscriptError where there is no such column, ModelError for the model.
    """
    import pandas

    header = [str(name) for name in frame.columns]
    texts = frame.iloc[:, text_column(header, Columns(text), "this table")]
    at, transcripts = [], []
    for position, cell in enumerate(texts.tolist()):
        try:
            missing = pandas.api.types.is_scalar(cell) and pandas.isna(cell)
            words = words_of(Line(position, (None if missing else cell,)), 0)
        except TranscriptError:
            continue
        at.append(position)
        transcripts.append(read_plain(words, None))
    scored: list[Any] = [None] * len(frame)
    if transcripts:
        verdicts = classifier_at(model, digest_of_model(model)).classify_many(transcripts, prior)
        for position, transcript, verdict in zip(at, transcripts, verdicts, strict=True):
            scored[position] = values(transcript.text, verdict)
    ours = {
        name: pandas.Series(
            [None if row is None else row[k] for row in scored],
            index=frame.index,
            dtype=_DTYPES[KINDS.get(plain, "string")],
        )
        for k, (plain, name) in enumerate(zip(COLUMNS, renamed(COLUMNS, header), strict=True))
    }
    return pandas.concat([frame, pandas.DataFrame(ours, index=frame.index)], axis=1)


def score_frames(
    frames: "Iterable[pandas.DataFrame]",
    text: str | None = None,
    *,
    model: str | None = None,
    prior: float | None = None,
) -> "Iterator[pandas.DataFrame]":
    """`score_frame` for one frame after another, as Spark's `mapInPandas` wants it."""
    for frame in frames:
        yield score_frame(frame, text, model=model, prior=prior)


def spark_schema(schema: Any) -> Any:
    """The schema of what `score_frames` returns for a table with the Spark `schema`."""
    from pyspark.sql import types

    kinds = {"double": types.DoubleType(), "bool": types.BooleanType(), "int64": types.LongType()}
    fields: Sequence[Any] = [
        types.StructField(name, kinds.get(KINDS.get(plain, "string"), types.StringType()))
        for plain, name in zip(COLUMNS, renamed(COLUMNS, schema.names), strict=True)
    ]
    return types.StructType([*schema.fields, *fields])
