"""What to label next, out to the tools of annotators and back as training records."""

import json
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from conftest import CASES, ROOT
from scipy.sparse import csr_matrix, random, vstack

from classifier import DatasetError, store
from classifier.cli import main
from classifier.errors import ClassifierError
from classifier.feedback import Correction, FeedbackStore
from classifier.linear import logistic
from classifier.scam import shipped_model
from classifier.training import dataset
from classifier.training.evaluate import read_texts
from classifier.training.review import doccano, label_studio, pick, rows
from classifier.training.review.answers import read_answers
from classifier.training.review.questions import questions
from classifier.training.review.records import Answer, records_of
from classifier.training.review.task import Mark, task_of
from classifier.transcript import Transcript, Utterance

FORMATS = ROOT / "tests" / "cases" / "formats"


@pytest.fixture(scope="module")
def pool():
    return read_texts(sorted((ROOT / "datasets/evaluation").glob("*.jsonl")))


@pytest.fixture(scope="module")
def pool_rows(pool):
    return rows.rows_of(store.load(shipped_model()), pool.text.tolist())


@pytest.fixture
def tasks(classifier, pool):
    transcripts = [Transcript.of(text, f"x: row {at}") for at, text in enumerate(pool.text[:40])]
    transcripts.append(Transcript((Utterance("還付金です🎉ATMへ", "相手"), Utterance("はい", "本人"))))
    verdicts = classifier.classify_many(transcripts)
    return [task_of(t, v, "badge", c) for t, v, c in zip(transcripts, verdicts, ["sms", None] * 20 + [None], strict=True)]


def run(capsys, *arguments):
    status = main(["review", *map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- which texts


def test_chosen_texts_are_those_the_model_gets_wrong_more_often(classifier, pool, pool_rows):
    log_odds = classifier.log_odds(pool.text.tolist())
    wrong = (log_odds > 0) != (pool.label == "scam").to_numpy()
    picks = pick.choose(pool_rows, log_odds, 60)
    assert len({p.at for p in picks}) == 60
    by_reason = {reason: [p.at for p in picks if p.reason == reason] for reason in ("badge", "cal", "random")}
    assert [len(found) for found in by_reason.values()] == [24, 24, 12]
    assert wrong[[p.at for p in picks]].mean() > 2 * wrong.mean()
    assert wrong[by_reason["badge"]].mean() > 1.5 * wrong.mean()
    assert wrong[by_reason["cal"]].mean() > 2 * wrong.mean()
    assert picks == pick.choose(pool_rows, log_odds, 60)


def test_uncertain_texts_come_before_certain_ones(classifier, pool, pool_rows):
    probability = logistic(classifier.log_odds(pool.text.tolist()))
    chosen = pick.badge(pick._unit(pool_rows), probability, 60)
    assert len(set(chosen)) == 60
    assert np.abs(probability[chosen] - 0.5).mean() < 0.8 * np.abs(probability - 0.5).mean()


def test_copies_are_chosen_once():
    one = random(1, 50, 0.3, "csr", rng=1)
    others = random(30, 50, 0.1, "csr", rng=2)
    picks = pick.choose(csr_matrix(vstack([*[one] * 20, others])), np.full(50, 0.1), 25)
    assert sum(p.at < 20 for p in picks) == 1


def test_a_text_at_odds_with_its_neighbours_comes_first():
    rows = csr_matrix(np.repeat(np.eye(3), [15, 15, 15], axis=0) + 0.01 * np.random.default_rng(0).random((45, 3)))
    log_odds = np.repeat([4.0, -4.0, 0.0], 15)
    log_odds[20] = 3.0  # among honest ones
    contrast = pick.contrasts(rows, logistic(log_odds), rows, logistic(log_odds), itself=True)
    assert contrast.argmax() == 20
    known = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    against = pick.contrasts(rows, logistic(log_odds), csr_matrix(known[:1]), logistic(np.array([4.0])))
    assert against[:15].max() < 1e-3 < against[15:].min()


def test_few_texts_are_all_chosen():
    assert {p.at for p in pick.choose(csr_matrix(np.eye(3)), np.array([1.0, -2.0, 3.0]), 50)} == {0, 1, 2}
    assert [p.at for p in pick.choose(csr_matrix(np.eye(1)), np.array([1.0]), 5)] == [0]


def test_a_large_pool_keeps_uncertain_and_some_confident_texts():
    log_odds = np.linspace(-9, 9, 20_000)
    seen = pick.candidates(log_odds)
    assert len(seen) == len(set(seen.tolist())) == pick.MOST_UNCERTAIN + pick.MOST_OTHERS
    assert set(np.argsort(np.abs(log_odds))[: pick.MOST_UNCERTAIN].tolist()) <= set(seen.tolist())
    assert np.abs(log_odds[seen]).max() > 8


# --- out and back


def accepted(tasks):
    """As Label Studio exports tasks whose predictions a person has taken over."""
    return [
        {"id": at, "data": task["data"], "annotations": [{"id": at, "result": task["predictions"][0]["result"], "was_cancelled": False}]}
        for at, task in enumerate(json.loads(label_studio.as_tasks(tasks)), 1)
    ]  # fmt: skip


def looked_at(tasks):
    """As doccano exports tasks from which a person has taken 未確認."""
    records = [json.loads(line) for line in doccano.as_tasks(tasks).splitlines()]
    return [(n, {**r, "id": n, "Comments": [], "cats": r["cats"][1:]}) for n, r in enumerate(records, 1)]


@pytest.mark.parametrize("tool", ["label_studio", "doccano"])
def test_round_trip(classifier, tasks, tool):
    if tool == "doccano":
        answers = list(doccano.answers(looked_at(tasks), "x"))
    else:
        answers = list(label_studio.answers(accepted(tasks), "x"))
    for task, answer in zip(tasks, answers, strict=True):
        assert isinstance(answer, Answer), answer
        assert [answer.label] == task.answers["label"]
        assert [answer.scam_type] == list(task.answers.get("scam_type", [None]))
        assert list(answer.tactics) == list(task.answers.get("tactics", []))
        assert answer.told_channel == task.channel
        assert answer.marks == task.marks
        assert answer.text == task.transcript.text
    found = records_of(answers, classifier)
    assert found.problems == []
    for record in found.records:
        dataset.check(record, "x", record["label"], record.get("scam_type") or record["domain"])
    assert found.records[-1].get("turns", [{}])[0] == {"speaker": "caller", "text": "還付金です🎉ATMへ"}
    assert len(found.records) + found.n_copies == len(tasks)


def test_records_make_a_corpus(classifier, tasks, tmp_path):
    found = records_of(label_studio.answers(accepted(tasks), "x"), classifier)
    frame = pd.DataFrame(found.records).astype(object)
    dataset.write(frame.where(frame.notna(), None), tmp_path)
    assert sorted(dataset.load(tmp_path).id) == sorted(record["id"] for record in found.records)


def test_the_interface_asks_every_question():
    tree = ElementTree.fromstring(label_studio.interface())
    assert {tag.get("name") for tag in tree.iter("Choices")} == {question.name for question in questions()}
    shown = [choice.get("value") for choice in tree.iter("Choice")]
    assert shown == [ja for question in questions() for ja in question.choices.values()]
    assert {tag.get("toName") for kind in ("Choices", "Labels") for tag in tree.iter(kind)} == {"text"}


def test_words_are_one_to_one_with_ids():
    for question in questions():
        assert len(set(question.choices.values())) == len(question.choices)
        for label, ja in question.choices.items():
            assert question.read(label) == question.read(ja) == label
            assert doccano._COLON not in ja


def test_labels_of_doccano_hold_every_choice_and_fit_its_fields(tasks):
    choices = {label["text"] for label in json.loads(doccano.choice_labels())}
    marks = {label["text"] for label in json.loads(doccano.mark_labels())}
    for _, record in looked_at(tasks):
        assert set(record["cats"]) <= choices
        assert {label for _, _, label in record["entities"]} <= marks
        ends = [0, *(end for _, end, _ in record["entities"])]
        assert all(start >= end for (start, _, _), end in zip(record["entities"], ends, strict=False))
    assert max(map(len, choices)) <= 100
    assert len({frozenset(json.loads(line)) for line in doccano.as_tasks(tasks).splitlines()}) == 1


def test_unseen_tasks_of_doccano_are_no_answers(classifier, tasks):
    records = [(n, json.loads(line)) for n, line in enumerate(doccano.as_tasks(tasks).splitlines(), 1)]
    found = records_of(doccano.answers(records, "x"), classifier)
    assert found.records == []
    assert len(found.problems) == len(tasks)


# --- real exports

PRIZE = {"label": "scam", "scam_type": "prize_money", "channel": "sms", "unit": "message"}
OFFICE = {"label": "benign", "domain": "government", "channel": "phone", "unit": "transcript"}
EXPORTS = [  # file, records, words of the problems
    ("label_studio_export.json", [PRIZE, OFFICE, {"label": "benign", "domain": "school"}], ["skipped", "annotators disagree"]),
    ("label_studio_export_min.json", [PRIZE, OFFICE], ["task 44: the same text has the other label", "task 45"]),
    ("doccano_export.jsonl", [PRIZE, OFFICE], ["still 未確認", "several choices for label", "no label was chosen"]),
]


@pytest.mark.parametrize(("name", "expected", "problems"), EXPORTS)
def test_real_exports(capsys, tmp_path, name, expected, problems):
    out = tmp_path / "records.jsonl"
    status, told, err = run(capsys, FORMATS / name, "--export", out)
    assert status == 1  # some answers were not used
    records = lines(out)
    assert [{key: record[key] for key in wanted} for record, wanted in zip(records, expected, strict=True)] == expected
    for record in records:
        dataset.check(record, "x", record["label"], record.get("scam_type") or record["domain"])
    for words in problems:
        assert words in err
    assert f"{len(expected)} records, 1 scam" in told
    for row in lines(tmp_path / "records.spans.jsonl"):
        text = next(record["text"] for record in records if record["id"] == row["id"])
        marked = [text[span["start"] : span["end"]] for span in row["spans"]]
        assert "電子マネーで本日中に" in marked  # after emoji, which some tools count twice
    assert "食べてて" not in err


def test_corrections_of_the_page(capsys, tmp_path, classifier):
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    store.add(Correction("scam", "refund", tactics=("urgency",), channel="phone", text="本日中にATMで還付金の手続きを"))
    store.add(Correction("benign", domain="family", text="夕飯は先に食べてて"))
    untyped = "口座を買い取ります。即日現金"
    store.add(Correction("scam", text=untyped))
    store.add(Correction("scam"))
    status, out, err = run(capsys, store.path, "--export", tmp_path / "out.jsonl", "--channel", "sns")
    records = lines(tmp_path / "out.jsonl")
    assert status == 1
    assert "stored without its text" in err
    assert "scam_type presumed for 1 records" in out
    assert {(r["label"], r.get("scam_type") or r["domain"], r["channel"]) for r in records} == {
        ("scam", "refund", "phone"), ("benign", "family", "sns"), ("scam", classifier.classify(untyped).scam_types[0].id, "sns"),
    }  # fmt: skip
    assert all(record["sources"] == ["feedback"] for record in records)


def test_what_people_disagree_on_is_named_and_what_they_repeat_is_used_once(classifier):
    answers = [
        Answer("ATMへ行って", "a:1", "x", "scam", "refund"), Answer("ＡＴＭへ行って", "a:2", "x", "scam", "refund"),
        Answer("夕飯は先に", "a:3", "x", "scam", "refund"), Answer("夕飯は先に", "a:4", "x", "benign"),
        Answer("明日の会議は", "a:5", "x"), "a:6: skipped",
    ]  # fmt: skip
    found = records_of(answers, classifier)
    assert [record["text"] for record in found.records] == ["ＡＴＭへ行って"]
    assert found.n_copies == 1
    assert [problem.split(":")[1] for problem in found.problems] == ["5", "6", "3"]
    assert not any("夕飯" in problem for problem in found.problems)


def broken(change):
    task = json.loads((FORMATS / "label_studio_export.json").read_text(encoding="utf-8"))[0]
    change(task)
    return json.dumps([task])


SECRET = "秘密の文面"
BROKEN = [
    ("x.json", "[", "not JSON"),
    ("x.json", "[1, 2]", "no export that is known"),
    ("x.jsonl", '{"text": "' + SECRET + '", "label": [[0, 1, "x"]]}', "no export that is known"),
    ("x.txt", SECRET, "no export that is known"),
    ("x.sqlite", "SQLite format 3\0" + "x" * 50, "nothing was stored"),
    ("x.json", broken(lambda t: t["annotations"][0]["result"][0]["value"].update(choices=[SECRET])), "unknown choice for label"),
    ("x.json", broken(lambda t: t["annotations"][0]["result"][4]["value"].update(start=-1)), "does not lie in the text"),
    ("x.json", broken(lambda t: t["annotations"][0]["result"][4]["value"].update(start=3)), "was the text changed"),
    ("x.json", broken(lambda t: t["annotations"][0]["result"][4]["value"].update(labels=[SECRET])), "not a task as"),
    ("x.json", broken(lambda t: t["annotations"][0].update(result=None)), "not a task as"),
    ("x.json", broken(lambda t: t["data"].update(text=5)), "not a task as"),
    ("x.json", broken(lambda t: t["data"].update(turns=[5])), "not a task as"),
    ("x.json", broken(lambda t: t.update(annotations=5)), "not a task as"),
    ("x.jsonl", '{"text": "' + SECRET + '", "cats": ["' + SECRET + '"]}', "label file does not have"),
    ("x.jsonl", '{"text": "' + SECRET + '", "cats": ["判定: 詐欺"], "entities": [[0, 99, "詐欺らしい箇所"]]}', "does not lie"),
    ("x.jsonl", '{"text": "' + SECRET + '", "cats": ["判定: 詐欺"], "entities": [[0]]}', "not a line as"),
    ("x.jsonl", '{"text": 5, "cats": ["判定: 詐欺"]}', "not a line as"),
]


@pytest.mark.parametrize(("name", "content", "message"), BROKEN, ids=range(len(BROKEN)))
def test_broken_exports_are_told_without_their_words(capsys, tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    status, _, err = run(capsys, tmp_path / name, "--export", tmp_path / "out.jsonl")
    assert status == 1
    assert message in err
    assert SECRET not in err
    assert not (tmp_path / "out.jsonl").exists()


# --- the command


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_verdicts_of_files_are_reviewed_by_the_files(capsys, tmp_path, form):
    scores = tmp_path / f"scores.{form}"
    assert main(["score", str(CASES), "--format", form, "--output", str(scores)]) == 0
    status, out, _ = run(capsys, scores, "--output", tmp_path / "review")
    assert status == 0
    assert "4 of 4 texts chosen" in out
    tasks = json.loads((tmp_path / "review/label_studio_tasks.json").read_text(encoding="utf-8"))
    assert {task["data"]["name"].rsplit("/", 1)[1] for task in tasks} == {path.name for path in CASES.iterdir()}
    scores.write_text(scores.read_text(encoding="utf-8").replace("fake_police_call.txt", "gone.txt"), encoding="utf-8")
    status, out, err = run(capsys, scores, "--output", tmp_path / "again")
    assert status == 1
    assert "3 of 3 texts chosen" in out
    assert "gone.txt" in err


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_verdicts_of_a_table_hold_its_texts(capsys, tmp_path, form):
    scores, table = tmp_path / f"scores.{form}", tmp_path / "x.csv"
    table.write_text("本文,n\n本日中にATMで還付金の手続きを,1\n夕飯は先に食べてて,2\n", encoding="utf-8")
    assert main(["score", str(table), "--format", form, "--output", str(scores)]) == 0
    status, out, _ = run(capsys, scores, scores, "--output", tmp_path / "review", "--n", 2)
    assert status == 0
    assert "2 of " in out
    assert "copies of others" in out
    names = sorted(path.name for path in (tmp_path / "review").iterdir())
    assert names == ["doccano_category_labels.json", "doccano_span_labels.json", "doccano_tasks.jsonl",
                     "label_studio_interface.xml", "label_studio_tasks.json"]  # fmt: skip


def test_masked_tasks_tell_nobody(capsys, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,channel\n佐藤さん、090-1234-5678へ三百万円を振り込んで,phone\n夕飯は先に,x\n", encoding="utf-8")
    for arguments in ([], ["--redact"]):
        assert run(capsys, path, "--output", tmp_path / "out", *arguments)[0] == 0
        written = (tmp_path / "out/label_studio_tasks.json").read_text(encoding="utf-8")
        written += (tmp_path / "out/doccano_tasks.jsonl").read_text(encoding="utf-8")
        assert ("090-1234" in written) == ("佐藤" in written) == (not arguments)
        assert '"told_channel": "phone"' in written
        assert '"told_channel": "x"' not in written
    answers = label_studio.answers(accepted_file(tmp_path / "out/label_studio_tasks.json"), "x")
    assert all(isinstance(answer, Answer) for answer in answers)


def accepted_file(path):
    return [
        {"id": at, "data": t["data"], "annotations": [{"result": t["predictions"][0]["result"]}]}
        for at, t in enumerate(json.loads(path.read_text(encoding="utf-8")))
    ]


def test_neighbours_in_a_labelled_corpus(capsys, tmp_path):
    frame = dataset.load(ROOT / "datasets").sample(120, random_state=1)
    dataset.write(frame, tmp_path / "data")
    status, out, _ = run(capsys, CASES, "--data", tmp_path / "data", "--output", tmp_path / "out")
    assert status == 0
    assert "CAL" in out


@pytest.mark.parametrize("arguments", [["--n", "0"], ["--n", "x"], ["--channel", "fax"]])
def test_wrong_usage(arguments):
    with pytest.raises(SystemExit) as caught:
        main(["review", "x", *arguments])
    assert caught.value.code == 2


def test_nothing_to_read_is_one_line(capsys, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for path, message in ((tmp_path / "no.jsonl", "No such file"), (tmp_path / "x.csv", "which column is the text")):
        status, out, err = run(capsys, path, "--output", tmp_path / "out")
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert message in err
    with pytest.raises(DatasetError):
        read_answers(tmp_path / "no.json")
    assert issubclass(DatasetError, ClassifierError)
    assert Mark(0, 1, "for") < Mark(1, 2, "against")
