import csv
import io
import json
import subprocess
import sys

import pytest
from conftest import CASES, ROOT

from classifier.cli import main

CALL, NOTICE = str(CASES / "fake_police_call.txt"), str(CASES / "honest_bank_notice.txt")


def run(capsys, *arguments):
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def test_text_fits_eighty_columns(capsys):
    from wcwidth import wcswidth

    status, out, _ = run(capsys, "score", CALL)
    assert status == 0
    assert "ニセ警察詐欺" in out
    assert "【+" in out
    assert "\x1b" not in out
    assert max(wcswidth(line) for line in out.splitlines()) <= 80
    assert "model:scam-ja" in out


def test_json_is_one_object_or_a_list(capsys):
    one = json.loads(run(capsys, "score", CALL, "--format", "json")[1])
    assert one["level"] in ("caution", "high")
    assert one["scam_types"][0]["id"] == "fake_police"
    assert one["scam_types"][0]["ja"] == "ニセ警察詐欺"
    two = json.loads(run(capsys, "score", CALL, NOTICE, "--format", "json")[1])
    assert [entry["name"] for entry in two] == [CALL, NOTICE]


def test_jsonl_and_csv_have_a_line_for_each_input(capsys):
    lines = run(capsys, "score", str(CASES), "--format", "jsonl")[1].splitlines()
    assert {json.loads(line)["level"] for line in lines} >= {"low"}
    rows = list(csv.DictReader(io.StringIO(run(capsys, "score", str(CASES), "--format", "csv")[1])))
    assert len(rows) == len(lines) == len(list(CASES.iterdir()))
    assert float(rows[0]["probability"]) >= 0


def test_standard_input_and_output_file(tmp_path):
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "classifier.cli", "score", "-", "--format", "json", "--output", str(out)]
    done = subprocess.run(command, input="還付金があります".encode("cp932"), capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert json.loads(out.read_text(encoding="utf-8"))["name"] == "standard input"


def test_prior_and_model_options(capsys):
    own = json.loads(run(capsys, "score", CALL, "--format", "json")[1])
    rare = json.loads(
        run(capsys, "score", CALL, "--format", "json", "--prior", "0.001", "--model", str(ROOT / "models/scam-ja"))[1]
    )
    assert rare["probability"] < own["probability"]


BAD = [
    ("missing.txt", None, "No such file"),
    ("blank.txt", b" \n", "empty or blank"),
    ("binary.bin", bytes(range(256)) * 40, "binary"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_bad_input_gives_one_line_and_writes_nothing(capsys, tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    status, out, err = run(capsys, "score", str(tmp_path / name), "--output", str(tmp_path / "out"))
    assert (status, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_one_bad_input_of_several_is_named_and_the_rest_scored(capsys, tmp_path):
    status, out, err = run(capsys, "score", CALL, str(tmp_path / "no.txt"), "--format", "jsonl")
    assert status == 1
    assert len(out.splitlines()) == 1
    assert "no.txt" in err
    assert "1 of 2" in err


def test_a_broken_model_is_one_line(capsys, tmp_path):
    status, _, err = run(capsys, "score", CALL, "--model", str(tmp_path))
    assert (status, err.count("\n")) == (1, 1)
    assert "model.json" in err


@pytest.mark.parametrize(
    "arguments", [[], ["score"], ["score", "x", "--prior", "2"], ["score", "x", "--format", "xml"], ["none"]]
)
def test_wrong_usage_is_two(arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize("command", ["score", "watch", "consult", "info", "train", "evaluate"])
def test_help_ends_with_an_example(capsys, command):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith(f"Example: scamtext {command}")


def test_info_names_the_model_and_its_numbers(capsys):
    status, out, _ = run(capsys, "info")
    assert status == 0
    assert "scam-ja" in out
    assert "real look-alikes" in out


def test_hostile_text_stays_harmless(capsys, tmp_path):
    path = tmp_path / "=cmd.txt"
    path.write_text("=cmd|'/c calc'!A0 \x1b[31m還付金\u202eがあります <script>alert(1)</script>", encoding="utf-8")
    for form in ("text", "csv"):
        out = run(capsys, "score", str(path), "--format", form)[1]
        assert "\x1b" not in out
        assert "\u202e" not in out
    rows = list(csv.reader(io.StringIO(out)))
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


LABELLED = "相手:還付金がありますので、本日中にATMへ行ってください\n本人:はい、わかりました\n相手:携帯電話を持って操作してください\n"


def test_one_side_of_a_call(capsys, tmp_path):
    path = tmp_path / "call.txt"
    path.write_text(LABELLED, encoding="utf-8")
    one = json.loads(run(capsys, "score", str(path), "--caller", "相手", "--format", "json")[1])
    assert [moment["speaker"] for moment in one["timeline"]] == ["相手", "相手"]
    assert one["window"][1] < len(LABELLED) - len("本人:はい、わかりました")
    status, out, err = run(capsys, "score", str(path), "--caller", "犯人")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "speakers: 相手, 本人" in err
    path.write_text("還付金があります", encoding="utf-8")
    assert "no speakers are marked" in run(capsys, "score", str(path), "--caller", "相手")[2]


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_call_has_a_timeline_and_a_message_none(capsys, tmp_path, form):
    path = tmp_path / "call.txt"
    path.write_text(LABELLED, encoding="utf-8")
    call = json.loads(run(capsys, "score", str(path), "--format", form)[1])
    assert [moment["utterance"] for moment in call["timeline"]] == [0, 1, 2]
    assert json.loads(run(capsys, "score", NOTICE, "--format", form)[1])["timeline"] == []


def test_many_problems_are_counted_not_listed(capsys, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,n\nはい,1\n" + ",1\n" * 30, encoding="utf-8")
    status, _, err = run(capsys, "score", str(path), "--format", "csv")
    assert status == 1
    assert len(err.splitlines()) == 22
    assert "and 10 more" in err
    assert "30 of 31" in err


def test_evaluate_prints_metrics(capsys, tmp_path):
    path = tmp_path / "texts.jsonl"
    rows = [("scam", "今日中にATMで還付金の手続きをしてください"), ("benign", "夕飯は先に食べてて")] * 3
    path.write_text("\n".join(json.dumps({"label": a, "text": b}) for a, b in rows), encoding="utf-8")
    status, out, _ = run(capsys, "evaluate", str(path))
    assert status == 0
    assert "auc" in out
    measured = json.loads(run(capsys, "evaluate", str(path), "--format", "json", "--benign", str(path))[1])
    assert measured["n"] == 6
    assert measured["benign_files"]["n"] == 6


def test_evaluate_refuses_unlabelled_texts(capsys, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "もしもし"}', encoding="utf-8")
    status, _, err = run(capsys, "evaluate", str(path))
    assert status == 1
    assert "texts.jsonl:1" in err
    assert "もしもし" not in err
