"""More than the limits allow, or a part of the machine that is not there: one line that says so, never half a table."""

import builtins
import datetime
import io
import sys
from types import SimpleNamespace

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from batches import rows_of

from classifier import TranscriptError, batch
from classifier.batch import sources, worker
from classifier.cli import main
from classifier.errors import BatchError
from classifier.readers import Columns, delimited, read_content, read_file, records, table, workbook
from classifier.readers.clock import seconds
from classifier.readers.columns import find_column
from classifier.readers.results import read_scored

TEXTS = ["還付金があります", "夕飯は先に食べてて", "荷物を預かりました"]


def as_csv():
    return ("本文\n" + "\n".join(TEXTS)).encode()


def as_lines():
    return "\n".join(f'{{"text": "{text}"}}' for text in TEXTS).encode()


def as_workbook(rows=None):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows if rows is not None else [["本文"], *([text] for text in TEXTS)]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def as_parquet():
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"text": TEXTS}), out)
    return out.getvalue()


TABLES = [("a.csv", as_csv, delimited), ("a.jsonl", as_lines, records), ("a.parquet", as_parquet, records), ("a.xlsx", as_workbook, workbook)]


@pytest.mark.parametrize(("name", "content", "module"), TABLES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_table_of_more_rows_is_refused_not_cut(monkeypatch, name, content, module):
    header = name.endswith("xlsx")  # whose rows are counted with the header
    monkeypatch.setattr(module, "MOST_ROWS", len(TEXTS) + header)
    assert len(read_content(content(), name).transcripts) == len(TEXTS)
    monkeypatch.setattr(module, "MOST_ROWS", len(TEXTS) + header - 1)
    with pytest.raises(TranscriptError, match=f"^{name}: more than {len(TEXTS) + header - 1} rows; split it$"):
        read_content(content(), name)


def test_a_parquet_file_that_unpacks_to_far_more_is_refused(monkeypatch):
    monkeypatch.setattr(records, "MOST_UNPACKED", 10)
    with pytest.raises(TranscriptError, match="unpacks to more than"):
        read_content(as_parquet(), "a.parquet")


def test_a_long_cell_is_a_row_that_is_named(monkeypatch):
    monkeypatch.setattr(table, "MOST_CELL", 8)
    reading = read_content(as_lines(), "a.jsonl")
    assert [t.text for t in reading.transcripts] == TEXTS[:1]
    assert reading.problems == tuple(f"a.jsonl: row {n}: a cell of more than 8 characters" for n in (2, 3))


def test_an_empty_sheet_and_blank_rows():
    with pytest.raises(TranscriptError, match=r"^a\.xlsx: the first sheet is empty; nothing to score$"):
        read_content(as_workbook([]), "a.xlsx")
    reading = read_content(as_workbook([[None], ["本文", None, ""], [None, ""], [TEXTS[0]], ["", None]]), "a.xlsx")
    assert [t.text for t in reading.transcripts] == TEXTS[:1]
    assert reading.table.columns == ("本文",)


def test_a_row_with_a_cell_longer_than_the_csv_module_expects():
    words = "還付金" * 60_000
    assert delimited.cells_of(f'1,"{words}"', ",") == ["1", words]


def without(monkeypatch, *packages):
    """As if they had not been installed."""
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name.partition(".")[0] in packages:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
        return real(name, *rest, **more)

    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)


def test_a_missing_package_is_named_with_its_extra(monkeypatch, tmp_path, capsys):
    (tmp_path / "a.parquet").write_bytes(as_parquet())
    (tmp_path / "a.csv").write_bytes(as_csv())
    parquet = as_parquet()
    without(monkeypatch, "pyarrow", "fsspec", "uvicorn")
    with pytest.raises(TranscriptError, match=r"pip install 'scamtext\[tables\]'"):
        read_content(parquet, "a.parquet")
    with pytest.raises(BatchError, match=r"pip install 'scamtext\[cluster\]'"):
        batch.run(["s3://bucket/a.csv"], tmp_path / "out", format="csv")
    assert main(["serve", "--port", "1"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "'uvicorn'; install the extra: pip install 'scamtext[service]'" in told
    assert main(["batch", str(tmp_path / "a.parquet"), "--output", str(tmp_path / "out"), "--format", "csv", "--workers", "1"]) == 1
    told = capsys.readouterr().err
    assert "Parquet needs an extra" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"unit_rows": 0}, "a unit of 0 rows; at least 1"),
        ({"prior": 1.0}, "prior 1.0 is not between 0 and 1"),
        ({"workers": 0}, "0 workers; at least 1"),
        ({"workers": 2, "cluster": "tcp://127.0.0.1:1"}, "leave one of the two out"),
    ],
)
def test_options_of_a_batch_that_cannot_be(tmp_path, options, told):
    (tmp_path / "a.csv").write_bytes(as_csv())
    with pytest.raises(BatchError, match=told):
        batch.run([tmp_path / "a.csv"], tmp_path / "out", format="csv", **options)
    assert not list((tmp_path / "out").glob("parts/*"))


@pytest.mark.parametrize("address", ["nosuch://bucket/a.csv", "s3n4://x/*.csv"])
def test_an_address_of_no_known_kind(tmp_path, address):
    with pytest.raises(BatchError, match=address.partition(":")[0]) as told:
        batch.run([address], tmp_path / "out", format="csv")
    assert "\n" not in str(told.value)


BLANK = [
    ("a.csv", b"\n \n\n", "empty or blank; nothing to score"),
    ("a.csv", "sep=、\n本文、番号\n".encode(), "the separator '、' cannot be used; save it with commas"),
    ("a.csv", '本文,"番号\n'.encode(), "row 1: a quotation mark is not closed"),
]


@pytest.mark.parametrize(("name", "content", "told"), BLANK, ids=range(len(BLANK)))
def test_a_table_that_no_batch_can_cut_is_named(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "b.csv").write_bytes(b"\n\n" + as_csv() + b"\n\n")
    summary = batch.run([tmp_path / name, tmp_path / "b.csv"], tmp_path / "out", format="jsonl", workers=1)
    assert not summary.complete
    assert summary.rows_out == len(TEXTS)
    (problem,) = summary.problems
    assert problem.startswith(f"{tmp_path / name}: {told}")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_table_that_declares_its_separator(tmp_path, mark):
    (tmp_path / "a.csv").write_bytes(mark + "sep=;\n番号;本文\n1,5;還付金があります\n2;夕飯は先に食べてて\n".encode())
    batch.run([tmp_path / "a.csv"], tmp_path / "out", format="jsonl", workers=1)
    assert [(row["row"], row["番号"]) for row in rows_of(tmp_path / "out")] == [(3, "1,5"), (4, "2")]


def test_a_disk_almost_full_is_told_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(worker.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    (tmp_path / "a.csv").write_bytes(as_csv())
    summary = batch.run([tmp_path / "a.csv"], tmp_path / "out", format="csv", workers=1)
    assert not summary.complete
    assert "No space left" in summary.problems[0]
    assert not list((tmp_path / "out" / "parts").iterdir())


def test_a_pattern_that_matches_nothing(tmp_path):
    found = sources._local(str(tmp_path / "nothing" / "*.csv"))
    assert list(found) == []


TIMES = [
    (True, None), (datetime.timedelta(minutes=2), 120.0), (datetime.time(1, 2, 3, 500_000), 3723.5), ("1:02:03.5", 3723.5), ("０：０５", 5.0),
    (12, 12.0), ("12.5", 12.5), ("nan", None), (float("inf"), None), (10**400, None), ("1970-01-01T00:01:00", 60.0), ("1970/01/02 00:00", 86_400.0),
    ("9999-99-99", None), ("明日", None), (None, None), ([], None),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), TIMES, ids=lambda v: str(v)[:20])
def test_times_become_seconds_or_nothing(value, expected):
    assert seconds(value) == expected


def test_a_column_is_found_by_its_name_however_wide():
    header = ["本文", "ＩＤ", "id"]
    assert find_column(header, "id", "a") == 2  # as it stands
    assert find_column(header, " Ｉｄ ", "a") == 1  # as it is meant
    with pytest.raises(TranscriptError, match="no column 'x'; columns: 本文, ＩＤ, id"):
        find_column(header, "x", "a")


def test_a_file_of_whisper_that_holds_the_text_alone():
    assert read_content('{"text": "もしもし、市役所です"}'.encode(), "a.json").transcripts[0].text == "もしもし、市役所です"


def test_a_table_is_no_transcript(tmp_path):
    (tmp_path / "a.csv").write_bytes(as_csv())
    with pytest.raises(TranscriptError, match="a table"):
        read_file(tmp_path / "a.csv")


def test_a_table_without_texts_is_read_as_verdicts_only_where_it_is_one(tmp_path):
    (tmp_path / "a.csv").write_text("name,memo\nx.txt,はい\n", encoding="utf-8")
    with pytest.raises(TranscriptError, match="which column is the text"):
        read_scored(tmp_path / "a.csv")


CALL = "[LINE] 佐藤とのトーク履歴\n保存日時：2026/01/02 10:00\n\n2026/01/01(木)\n10:00\t佐藤\tもしもし\n2026/13/40(木)\n10:01\t佐藤\t今日中に振り込んで\n"


def test_a_day_that_is_none_belongs_to_the_words():
    transcript = read_content(CALL.encode(), "a.txt").transcripts[0]
    assert [u.text for u in transcript.utterances] == ["もしもし\n2026/13/40(木)", "今日中に振り込んで"]
    assert [u.start for u in transcript.utterances] == [0.0, 60.0]


def test_a_line_break_in_html_ends_a_line():
    mail = "Content-Type: text/html; charset=utf-8\n\n<p>口座の<br>確認<hr>です</p>"
    assert read_content(mail.encode(), "a.eml").transcripts[0].text.split() == ["口座の", "確認", "です"]


def test_rows_without_a_time_keep_their_order():
    content = "text,t\nはい,00:20\nもしもし,\nどうも,00:10\n".encode()
    (transcript,) = read_content(content, "a.csv", Columns(text="text", time="t")).transcripts
    assert [(u.text, u.start) for u in transcript.utterances] == [("はい", 20.0), ("もしもし", None), ("どうも", 10.0)]


def test_problems_of_a_workbook_in_a_batch_name_the_row(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(as_workbook([["本文"], [TEXTS[0]], [None], [TEXTS[1]], [" "]]))
    rejects = []
    summary = batch.run([tmp_path / "a.xlsx"], tmp_path / "out", format="jsonl", workers=1)
    for file in (tmp_path / "out" / "rejects").iterdir():
        rejects += file.read_text(encoding="utf-8").splitlines()
    assert summary.rows_out == 2
    assert len(rejects) == 1
    assert '"row": 5' in rejects[0]
    assert '"reason": "no text"' in rejects[0]


