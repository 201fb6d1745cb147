"""A batch gives the rows that score gives, in parts, each once; what cannot be read is named and the rest is done."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from batches import command, environment, rejects_of, rows_of, text, write_lines
from conftest import CASES, ROOT

from classifier import batch
from classifier.cli import main
from classifier.errors import BatchError
from classifier.readers import Columns
from classifier.report.table import COLUMNS
from classifier.taxonomy import japanese_name

FORMATS = Path(__file__).parent / "cases" / "formats"
ENDINGS = ["csv", "jsonl", "parquet"]
HEADER = ["管理番号", "本文"]
MESSAGES = [(f"A-{n}", text(n) + ("\n二行目、「引用」です" if n % 4 == 0 else "")) for n in range(23)]


def write_table(path: Path, rows=MESSAGES, encoding="utf-8") -> Path:
    match path.suffix:
        case ".csv" | ".tsv":
            out = io.StringIO()
            csv.writer(out, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([HEADER, *rows])
            path.write_bytes(out.getvalue().encode(encoding))
        case ".jsonl":
            lines = [json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in rows]
            path.write_bytes("\n".join(lines).encode(encoding))
        case ".xlsx":
            workbook = openpyxl.Workbook()
            for row in [HEADER, *rows]:
                workbook.active.append(row)
            workbook.save(path)
        case ".parquet":
            columns = {name: [row[k] for row in rows] for k, name in enumerate(HEADER)}
            pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=4)
    return path


def scored_alone(path: Path, capsys, *arguments: str) -> list[dict[str, str]]:
    main(["score", str(path), "--format", "csv", *arguments])
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize("name", ["m.csv", "m.tsv", "m.jsonl", "m.parquet", "m.xlsx"])
def test_rows_are_those_of_score(tmp_path, capsys, name, form):
    table = write_table(tmp_path / name)
    summary = batch.run([table], tmp_path / "out", format=form, workers=1, unit_rows=5)
    rows = rows_of(tmp_path / "out")
    alone = scored_alone(table, capsys)
    assert list(rows[0]) == ["name", "row", *HEADER, *COLUMNS]
    assert (summary.rows_in, summary.rows_out, summary.rejected, summary.complete) == (23, 23, 0, True)
    for row, expected in zip(rows, alone, strict=True):
        for column in (*HEADER, "level", "scam_type", "tactics", "evidence", "signature"):
            assert (row[column] or "") == expected[column]
        assert float(row["probability"]) == float(expected["probability"])
    assert len(list((tmp_path / "out" / "parts").iterdir())) == (1 if name == "m.xlsx" else 3 if "parquet" in name else 5)


@pytest.mark.parametrize(("name", "encoding"), [("m.csv", "cp932"), ("m.csv", "euc_jp"), ("m.csv", "utf-8-sig"), ("m.tsv", "utf-16"), ("m.jsonl", "utf-8-sig"), ("m.csv", "iso2022_jp")])  # fmt: skip
def test_encodings_of_japan_in_pieces(tmp_path, name, encoding):
    table = write_table(tmp_path / name, encoding=encoding)
    batch.run([table], tmp_path / "out", format="jsonl", workers=1, unit_rows=5)
    assert [(row["管理番号"], row["本文"]) for row in rows_of(tmp_path / "out")] == MESSAGES


def test_row_numbers_count_as_the_file_does(tmp_path):
    (tmp_path / "t.csv").write_text('本文\n還付金の件です\n\n"二行に\nわたる文です"\n口座の件です\n', encoding="utf-8")
    batch.run([tmp_path / "t.csv"], tmp_path / "out", format="jsonl", workers=1, unit_rows=1)
    assert [row["row"] for row in rows_of(tmp_path / "out")] == [2, 4, 5]


def test_folders_globs_texts_and_tables_together(tmp_path, monkeypatch):
    for n in range(5):
        (tmp_path / "in" / "deep").mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / "deep" / f"{n}.txt").write_text(text(n), encoding="utf-8")
    (tmp_path / "in" / ".hidden").write_text("x")
    write_lines(tmp_path / "in" / "a.jsonl", 3)
    write_lines(tmp_path / "b1.jsonl", 2)
    write_lines(tmp_path / "b2.jsonl", 2)
    monkeypatch.chdir(tmp_path)
    inputs = ["in", "b?.jsonl", "in/deep/0.txt", str(tmp_path / "b1.jsonl")]
    batch.run(inputs, "in/out", format="csv", workers=1)
    names = [row["name"] for row in rows_of(tmp_path / "in" / "out")]
    deep = [os.path.join("in", "deep", f"{n}.txt") for n in range(5)]
    assert names == [*[os.path.join("in", "a.jsonl")] * 3, *deep, "b1.jsonl", "b1.jsonl", "b2.jsonl", "b2.jsonl"]
    assert batch.run(inputs, "in/out", format="csv", workers=1).rows_out == 12  # its own output is no input


def test_calls_whose_utterances_lie_anywhere(tmp_path, capsys):
    columns = Columns(None, "通話ID", "話者", "開始秒")
    batch.run([FORMATS / "calls.csv"], tmp_path / "out", format="csv", workers=1, columns=columns, unit_rows=1)
    arguments = ["--call-column", "通話ID", "--speaker-column", "話者", "--time-column", "開始秒"]
    alone = scored_alone(FORMATS / "calls.csv", capsys, *arguments)
    assert [row["probability"] for row in rows_of(tmp_path / "out")] == [row["probability"] for row in alone]


def test_parquet_keeps_the_types_of_the_input(tmp_path):
    types = pyarrow.schema(
        [("text", pyarrow.large_string()), ("at", pyarrow.timestamp("ns")), ("tags", pyarrow.list_(pyarrow.int8()))]
    )
    table = pyarrow.table({"text": [text(1), "", text(2)], "at": [1, 2, 3], "tags": [[1], [], None]}, types)
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    batch.run([tmp_path / "t.parquet"], tmp_path / "out", workers=1)
    part = pyarrow.parquet.read_table(next((tmp_path / "out" / "parts").iterdir()))
    assert [part.schema.field(name).type for name in types.names] == types.types
    assert part.column("at").cast(pyarrow.int64()).to_pylist() == [1, 3]
    assert rejects_of(tmp_path / "out") == [{"name": str(tmp_path / "t.parquet"), "row": 2, "reason": "no text"}]


def test_wide_row_groups_are_cut_and_narrow_ones_joined(tmp_path):
    rows = [(str(n), text(n)) for n in range(100)]
    columns = {name: [row[k] for row in rows] for k, name in enumerate(HEADER)}
    table = pyarrow.table(columns)
    with pyarrow.parquet.ParquetWriter(tmp_path / "t.parquet", table.schema) as writer:
        for start, stop in [(0, 3), (3, 8), (8, 90), (90, 100)]:
            writer.write_table(table.slice(start, stop - start))
    batch.run([tmp_path / "t.parquet"], tmp_path / "out", workers=1, unit_rows=8)
    found = rows_of(tmp_path / "out")
    assert [row["管理番号"] for row in found] == [number for number, _ in rows]
    assert [row["row"] for row in found] == list(range(1, 101))
    parts = sorted((tmp_path / "out" / "parts").iterdir())
    assert [pyarrow.parquet.read_metadata(part).num_rows for part in parts] == [8, 32, 32, 18, 10]


def test_names_that_the_input_uses_already(tmp_path):
    (tmp_path / "t.jsonl").write_text(json.dumps({"name": "n", "row": 7, "level": "x", "text": text(0)}) + "\n")
    batch.run([tmp_path / "t.jsonl"], tmp_path / "out", format="jsonl", workers=1)
    (row,) = rows_of(tmp_path / "out")
    assert (row["name"], row["row"], row["level"]) == ("n", 7, "x")
    assert (row["scamtext_row"], row["scamtext_level"] in ("low", "caution", "high")) == (1, True)


def test_no_cell_is_a_formula(tmp_path):
    (tmp_path / "t.csv").write_text('=cmd,本文\n"=HYPERLINK(""http://x"")",+還付金の件でATMへ行ってください\n', encoding="utf-8")
    batch.run([tmp_path / "t.csv"], tmp_path / "out", format="csv", workers=1)
    (row,) = rows_of(tmp_path / "out")
    assert row["'=cmd"].startswith("'=")
    assert row["本文"].startswith("'+")


def test_bad_rows_are_named_and_the_rest_is_done(tmp_path, capsys):
    lines = [
        json.dumps({"text": text(0)}), "{broken 秘密の文", json.dumps(["list"]), json.dumps({"text": "  "}), "",
        json.dumps({"text": {"a": "秘密の文"}}), json.dumps({"text": text(1)}),
    ]  # fmt: skip
    content = "\n".join(lines).encode() + b'\n{"text": "\xff\xfe\x80"}\n' + json.dumps({"text": text(2)}).encode()
    (tmp_path / "t.jsonl").write_bytes(content)
    status = main(["batch", str(tmp_path / "t.jsonl"), "--output", str(tmp_path / "out"), "--format", "jsonl", "--unit-rows", "2", "--workers", "1"])  # fmt: skip
    out, err = capsys.readouterr()
    assert status == 1
    assert [row["row"] for row in rows_of(tmp_path / "out")] == [1, 7, 9]
    assert [(r["row"], r["reason"].split(" (")[0]) for r in rejects_of(tmp_path / "out")] == [
        (2, "not JSON"), (3, "not an object"), (4, "no text"), (6, "the cell is no text"), (8, "not utf-8 as the rows above it"),
    ]  # fmt: skip
    assert f"{tmp_path / 't.jsonl'}: row 3: not an object" in err
    everything = err + out + "".join(str(r) for r in rejects_of(tmp_path / "out"))
    everything += (tmp_path / "out" / "summary.html").read_text() + str((tmp_path / "out" / "manifest.sqlite").read_bytes().decode("latin-1"))  # fmt: skip
    assert "秘密" not in everything
    assert "秘密の文".encode().decode("latin-1") not in everything


def test_what_cannot_be_read_at_all_is_named_and_the_rest_is_done(tmp_path, capsys):
    whole = write_table(tmp_path / "1.parquet").read_bytes()
    (tmp_path / "2.parquet").write_bytes(b"PAR1 no such thing PAR1")
    (tmp_path / "3.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "4.parquet").write_bytes(whole[:40] + b"\xff" * 60 + whole[100:])  # the end is sound, a page is not
    (tmp_path / "5.xlsx").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "6.csv").write_text("a,b\n1,2\n")
    (tmp_path / "7.jsonl").write_bytes(b"")
    (tmp_path / "8.txt").write_bytes(bytes(range(256)) * 9)
    write_lines(tmp_path / "9.jsonl", 4)
    inputs = [*sorted(tmp_path.iterdir()), tmp_path / "missing.csv", tmp_path / "missing.txt"]
    status = main(["batch", *map(str, inputs), "--output", str(tmp_path / "out"), "--workers", "1"])
    err = capsys.readouterr().err.splitlines()
    assert status == 1
    told = {line.removeprefix("scamtext: ").split(":")[0]: line for line in err}
    assert sorted(Path(name).name for name in told) == ["2.parquet", "3.parquet", "4.parquet", "5.xlsx", "6.csv", "7.jsonl", "8.txt", "missing.csv", "missing.txt"]  # fmt: skip
    assert len(rows_of(tmp_path / "out")) == 23 + 4
    (tmp_path / "2.parquet").write_bytes(whole)
    (tmp_path / "missing.txt").write_text(text(1))
    assert main(["batch", *map(str, inputs), "--output", str(tmp_path / "out"), "--workers", "1"]) == 1
    assert len(rows_of(tmp_path / "out")) == 23 + 4 + 23 + 1  # what can be read now is read now
    assert [reject["name"] for reject in rejects_of(tmp_path / "out")] == [str(tmp_path / "8.txt")]


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_one_row_of_50_mb(tmp_path, name):
    huge = ("あ" * 99 + "\n") * (50 * 1024**2 // 298)
    path = write_table(tmp_path / name, [("1", text(0)), ("2", huge), ("3", text(1))])
    summary = batch.run([path], tmp_path / "out", format="jsonl", workers=1)
    assert [row["管理番号"] for row in rows_of(tmp_path / "out")] == ["1", "3"]
    number = 3 if name == "t.csv" else 2
    assert rejects_of(tmp_path / "out") == [{"name": str(path), "row": number, "reason": "a row of more than 16 MiB"}]
    assert not summary.complete


# everything is loaded before the rights go: Python itself may lie where only root can read
DROP = """
import os, sys
from classifier.cli import main
output = sys.argv[-1]
main([*sys.argv[1:-1], output + '-before'])
print('-----', file=sys.stderr)
os.setegid(65534)
os.seteuid(65534)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can become somebody without rights")
def test_files_and_folders_without_permission(tmp_path):
    os.chmod(tmp_path, 0o755)
    for above in tmp_path.parents:
        if above.stat().st_uid == 0 and above != Path("/") and str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o055)
    (tmp_path / "in" / "closed").mkdir(parents=True)
    write_lines(tmp_path / "in" / "a.jsonl", 3)
    write_lines(tmp_path / "in" / "b.jsonl", 3).chmod(0)
    write_lines(tmp_path / "in" / "closed" / "c.jsonl", 3)
    (tmp_path / "in" / "closed").chmod(0)
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o777)
    (tmp_path / "shut").mkdir(mode=0o700)
    arguments = ["batch", str(tmp_path / "in"), "--workers", "1", "--format", "jsonl", "--output"]
    unmeasured = {name: value for name, value in environment().items() if not name.startswith("COVERAGE")}  # who has no rights could not write it
    drop = lambda output: subprocess.run([sys.executable, "-c", DROP, *arguments, str(output)], env=unmeasured, capture_output=True, text=True, check=False)  # noqa: E731  # fmt: skip
    done = drop(tmp_path / "out")
    told = done.stderr.split("-----")[1]
    assert done.returncode == 1, done.stderr
    assert f"{tmp_path / 'in' / 'b.jsonl'}: Permission denied" in told
    assert f"{tmp_path / 'in' / 'closed'}: Permission denied" in told
    assert len(rows_of(tmp_path / "out")) == 3
    refused = drop(tmp_path / "shut" / "out")
    assert refused.returncode == 1
    (line,) = refused.stderr.split("-----")[1].strip().splitlines()
    assert "Permission denied" in line


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_disk_that_is_full(tmp_path):
    write_lines(tmp_path / "a.jsonl", 400)
    write_lines(tmp_path / "b.jsonl", 20)
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); from classifier.cli import main; sys.exit(main(sys.argv[1:]))"  # fmt: skip
    arguments = ["batch", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--output", str(tmp_path / "out"), "--workers", "1", "--format", "jsonl"]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", limited, *arguments], env=environment(), capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert f"a.jsonl: rows 1 to 400: File too large when writing to {tmp_path / 'out'}" in done.stderr
    assert {row["name"] for row in rows_of(tmp_path / "out")} == {str(tmp_path / "b.jsonl")}
    assert not list((tmp_path / "out" / "parts").glob(".*"))
    again = subprocess.run([sys.executable, "-m", "classifier.cli", *arguments], env=environment(), check=False)
    assert again.returncode == 0
    assert len(rows_of(tmp_path / "out")) == 420


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can mount a small disk")
def test_a_small_disk_that_is_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        write_lines(tmp_path / "a.jsonl", 3_000)
        write_lines(tmp_path / "b.jsonl", 20)
        arguments = [tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--output", disk / "out", "--workers", "1", "--format", "jsonl"]  # fmt: skip
        done = subprocess.run(command(*arguments), env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "No space left on device when writing to" in done.stderr
        assert len(rows_of(disk / "out")) == 20
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        assert subprocess.run(command(*arguments), env=environment(), capture_output=True, check=False).returncode == 0
        assert len(rows_of(disk / "out")) == 3_020
    finally:
        subprocess.run(["umount", disk], check=True)


def test_addresses_of_fsspec(tmp_path):
    write_lines(tmp_path / "a.jsonl", 3)
    write_lines(tmp_path / "b.jsonl", 3)
    address = (tmp_path / "?.jsonl").as_uri().replace("%3F", "?")
    assert batch.run([address], tmp_path / "out", format="csv", workers=1).rows_out == 6
    with pytest.raises(BatchError, match="no files there"):
        batch.run([(tmp_path / "none").as_uri()], tmp_path / "out2", workers=1)


def test_persons_are_masked(tmp_path):
    rows = [("佐藤さん 090-1234-5678", "佐藤さん、還付金の件です。090-1234-5678へ折り返してください")]
    for name in ("t.csv", "t.parquet"):
        write_table(tmp_path / name, rows)
    for form in ENDINGS:
        batch.run([tmp_path / "t.csv", tmp_path / "t.parquet"], tmp_path / form, format=form, workers=1, redact=True)
        assert len(rows_of(tmp_path / form)) == 2
        assert "1234" not in str(rows_of(tmp_path / form))


def test_the_summary_counts_and_escapes(tmp_path):
    (tmp_path / "<b>.csv").write_text("a,b\n")
    write_lines(tmp_path / "t.jsonl", 8)
    (tmp_path / "call.txt").write_bytes((CASES / "automated_voice_call.txt").read_bytes())
    summary = batch.run([tmp_path], tmp_path / "out", workers=1)
    assert sum(summary.levels.values()) == summary.rows_out == 9
    assert sum(summary.scam_types.values()) == 9 - summary.levels["low"] > 0
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert japanese_name("scam_types", max(summary.scam_types, key=summary.scam_types.get)) in page
    assert "&lt;b&gt;.csv" in page
    assert "<b>.csv" not in page


def test_nothing_to_do_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BatchError, match="no files there"):
        batch.run([tmp_path / "empty"], tmp_path / "out", workers=1)
    with pytest.raises(BatchError, match="no files there"):
        batch.run([tmp_path / "*.nothing"], tmp_path / "out", workers=1)


def test_importing_loads_nothing():
    code = "import sys, classifier.batch; print([m for m in ('joblib', 'numpy', 'pandas', 'dask', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
