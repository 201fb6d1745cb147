"""Tables: a text a row or an utterance a row; what cannot be read is named with its row."""

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from classifier import TranscriptError
from classifier.cli import main
from classifier.readers import Columns, read, read_content

FORMATS = Path(__file__).parent / "cases" / "formats"
CALLS = ["--call-column", "通話ID", "--speaker-column", "話者", "--time-column", "開始秒"]
UTTERANCES = Columns(None, "通話ID", "話者", "開始秒")


def run(capsys, *arguments):
    status = main(list(map(str, arguments)))
    out, err = capsys.readouterr()
    return status, out, err


MESSAGES = [
    ("messages_cp932.csv", 4),
    ("messages_unicode.tsv", 4),
    ("messages.xlsx", 4),
    ("messages.jsonl", 3),
    ("messages.parquet", 3),
]


@pytest.mark.parametrize(("name", "empty_row"), MESSAGES)
def test_messages_in_every_kind_of_table(name, empty_row):
    reading = read(FORMATS / name)
    assert reading.table.columns == ("管理番号", "受信日", "本文")
    assert [t.text[:3] for t in reading.transcripts] == ["還付金", "夕飯は", reading.transcripts[2].text[:3]]
    assert reading.transcripts[2].text.endswith("㈱みどり設備　髙橋")
    assert reading.problems == (f"{FORMATS / name}: row {empty_row}: no text",)
    assert reading.members == ((0,), (1,), (3,))


@pytest.mark.parametrize("name", ["calls.csv", "calls.xlsx"])
def test_rows_become_calls_in_the_order_of_time(name):
    reading = read(FORMATS / name, UTTERANCES)
    calls = {t.utterances[0].text[:7]: t for t in reading.transcripts}
    assert len(calls) == 2
    assert [(u.speaker, u.start) for u in calls["もしもし、元気"].utterances] == [("母", 0.0), ("娘", 2.5), ("母", 5.0)]
    for call in reading.transcripts:
        assert [u.start for u in call.utterances] == sorted(u.start for u in call.utterances)
    assert sorted(len(m) for m in reading.members) == [3, 5]


DELIMITED = [  # content, texts
    ("本文,x\nはい,1", ["はい"]),
    ("番号;本文\n1;還付金の件、です", ["還付金の件、です"]),
    ("sep=;\n番号;本文\n1;はい", ["はい"]),
    ('本文\n"一行目\n二行目, ""引用"""\n', ['一行目\n二行目, "引用"']),
    ("Text\n相手:もしもし\n", ["もしもし"]),
    ("ｔｅｘｔ \n\n,\nはい\n", ["はい"]),
]


@pytest.mark.parametrize(("content", "texts"), DELIMITED)
def test_delimiters_quotes_and_headers(content, texts):
    assert [t.text for t in read_content(content.encode(), "x.csv").transcripts] == texts


TIMES = [
    (["0:05", "1:10", "1:00:00"], [5.0, 70.0, 3600.0]),
    (["1.5", "2", "3"], [1.5, 2.0, 3.0]),
    (["2026-11-01 10:00:00", "2026/11/01 10:00:07", "2026-11-01T10:01:00"], [0.0, 7.0, 60.0]),
]


@pytest.mark.parametrize(("written", "starts"), TIMES)
def test_times_as_people_write_them(written, starts):
    content = "本文,時刻\n" + "".join(f"はい,{time}\n" for time in written)
    (call,) = read_content(content.encode(), "x.csv", Columns(time="時刻")).transcripts
    assert [u.start for u in call.utterances] == starts


ROWS = [  # a row that cannot be read; the others are
    ("x.csv", "本文,a\nはい,1\n金を,振込,む\nええ,2\n", "row 3: more cells than"),
    ("x.csv", '本文,a\nはい,1\n"金"を,2\nええ,2\n', "row 3: quotation marks"),
    ("x.csv", '本文,a\nはい,1\nええ,2\n"金を,2\n', "row 4: a quotation mark is not closed"),
    ("x.csv", "本文,a\nはい,1\n" + "金" * 1_000_001 + ",1\nええ,2\n", "row 3: a cell of more than 1000000"),
    ("x.jsonl", '{"text": "はい"}\n金\n{"text": "ええ"}', "row 2: not JSON"),
    ("x.jsonl", '{"text": "はい"}\n["金"]\n{"text": "ええ"}', "row 2: not an object"),
    ("x.jsonl", '{"text": "はい"}\n{"text": ["金"]}\n{"text": "ええ"}', "row 2: the cell is no text"),
    ("x.jsonl", '{"text": "はい"}\n{"text": ' + "[" * 100_000 + '\n{"text": "ええ"}', "row 2: JSON nested"),
]


@pytest.mark.parametrize(("name", "content", "message"), ROWS)
def test_a_bad_row_is_named_and_the_rest_goes_on(name, content, message):
    reading = read_content(content.encode(), name)
    assert [t.text for t in reading.transcripts] == ["はい", "ええ"]
    assert len(reading.problems) == 1
    assert f"{name}: {message}" in reading.problems[0]
    assert "金" not in reading.problems[0]


def bomb():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as entry,
    ):
        for _ in range(600):
            entry.write(bytes(1024**2))
    return out.getvalue()


REFUSED = [
    ("x.csv", b"a,b\n1,2", "which column is the text.*columns: a, b"),
    (
        "x.csv",
        ("もしもし、還付金の件でお電話いたしました。本日が期限ですのでお急ぎください\nはい").encode(),
        "does not look like names",
    ),
    ("x.csv", b"a," * 1_000_000 + b"\n", "columns or more"),
    ("x.csv", b"", "empty"),
    ("x.jsonl", b"\n", "empty"),
    ("x.jsonl", ("{" + ",".join(f'"{n}":1' for n in range(3000)) + "}").encode(), "3000 columns"),
    ("x.xlsx", b"PK\x03\x04" + bytes(99), "not an Excel workbook"),
    ("x.xlsx", b"\xd0\xcf\x11\xe0" + bytes(99), "password"),
    ("x.parquet", b"PAR1" + bytes(99), "not a Parquet file"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED)
def test_a_table_that_cannot_be_read_is_one_line(name, content, message):
    with pytest.raises(TranscriptError, match=message) as caught:
        read_content(content, name)
    assert "\n" not in str(caught.value)
    assert "還付金" not in str(caught.value)


def test_an_archive_bomb_is_refused_unopened():
    with pytest.raises(TranscriptError, match="unpacks to more than"):
        read_content(bomb(), "x.xlsx")


def test_a_column_that_is_not_there_is_said_with_those_that_are(capsys):
    status, out, err = run(capsys, "score", FORMATS / "calls.csv", "--call-column", "通話")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "no column '通話'; columns: 通話ID, 話者, 開始秒, 発話" in err


@pytest.mark.parametrize("name", ["messages_cp932.csv", "messages.jsonl"])
def test_csv_keeps_the_columns_and_adds_ours(capsys, name):
    status, out, err = run(capsys, "score", FORMATS / name, "--format", "csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0][:5] == ["管理番号", "受信日", "本文", "level", "probability"]
    assert [row[0] for row in rows[1:]] == ["M-1", "M-2", "M-3", "'=cmd|'/c calc'!A0"]
    assert rows[1][3] in ("caution", "high")
    assert set(rows[3][3:]) == {""}
    assert status == 1
    assert "1 of 4 texts could not be read" in err


def test_a_workbook_keeps_words_as_words(capsys, tmp_path):
    out = tmp_path / "scores.xlsx"
    status, _, _ = run(capsys, "score", FORMATS / "messages_cp932.csv", "--output", out)
    rows = list(openpyxl.load_workbook(out).active.iter_rows())
    assert status == 1
    assert [c.value for c in rows[0]][:4] == ["管理番号", "受信日", "本文", "level"]
    assert (rows[4][0].value, rows[4][0].data_type) == ("=cmd|'/c calc'!A0", "s")
    assert isinstance(rows[1][4].value, float)
    assert read(out).transcripts[0].text.startswith("還付金")


def test_a_workbook_needs_a_file(capsys):
    status, out, err = run(capsys, "score", FORMATS / "messages.xlsx", "--format", "xlsx")
    assert (status, out) == (1, "")
    assert "--output" in err


def test_jsonl_keeps_the_record_and_renames_what_is_taken(capsys, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 7, "text": "還付金があります", "level": "mine", "n": NaN}\n', encoding="utf-8")
    record = json.loads(run(capsys, "score", path, "--format", "jsonl")[1])
    assert list(record)[:4] == ["id", "text", "level", "n"]
    assert (record["id"], record["level"], record["n"]) == (7, "mine", None)
    assert record["scamtext_level"] in ("low", "caution", "high")
    assert isinstance(json.loads(run(capsys, "score", path, "--format", "json")[1]), list)


def test_a_call_has_one_object_and_its_rows_one_verdict(capsys):
    path = FORMATS / "calls.csv"
    scam, honest = json.loads(run(capsys, "score", path, *CALLS, "--format", "json")[1])
    assert (scam["通話ID"], honest["通話ID"]) == ("C-1", "C-2")
    assert [(m["speaker"], m["start"]) for m in honest["timeline"]] == [("母", 0.0), ("娘", 2.5), ("母", 5.0)]
    assert honest["level"] == "low"
    rows = list(csv.DictReader(io.StringIO(run(capsys, "score", path, *CALLS, "--format", "csv")[1])))
    assert [row["通話ID"] for row in rows] == ["C-1"] * 5 + ["C-2"] * 3
    assert len({row["probability"] for row in rows}) == 2


def test_tables_and_texts_share_one_result(capsys):
    out = run(capsys, "score", FORMATS / "messages.jsonl", FORMATS / "refund_call.srt", "--format", "csv")[1]
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0])[:5] == ["name", "管理番号", "受信日", "本文", "level"]
    assert [row["name"].rpartition("/")[2] for row in rows] == [
        *(f"messages.jsonl: row {n}" for n in (1, 2, 3, 4)),
        "refund_call.srt",
    ]


HOSTILE = "=cmd|'/c calc'!A0 \x1b[31m還付金\u202eがあります\x07 <script>alert(1)</script>"


@pytest.mark.parametrize("form", ["text", "csv", "html"])
def test_hostile_cells_stay_harmless(capsys, tmp_path, form):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"＝a": "＝1+1", "@b": "\t=1", "text": HOSTILE}) + "\n", encoding="utf-8")
    out = run(capsys, "score", path, "--format", form)[1]
    assert not set("\x1b\u202e\x07") & set(out)
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
        assert not any(cell.lstrip().startswith(tuple("=+@＝＋＠")) for cell in cells)
    if form == "html":
        assert "<script>alert" not in out


def test_numbers_below_zero_stay_numbers(capsys, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,n,m\nはい,-1.5,-\n", encoding="utf-8")
    assert run(capsys, "score", path, "--format", "csv")[1].split("\n")[1].startswith("はい,-1.5,-,low")
