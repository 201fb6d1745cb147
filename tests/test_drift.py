"""New texts beside the training records: a shift is told, chance is not, and a changed share of scams is no shift of the texts."""

import json
import shutil
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from classifier import ModelError
from classifier.cli import main
from classifier.linear import logistic
from classifier.scam import shipped_model
from classifier.store import load
from classifier.training import dataset, drift
from classifier.training.documents import read_documents
from classifier.training.reference import N_QUANTILES, read_reference, reference_of


@pytest.fixture(scope="module")
def halves():
    """Two halves of a sample of the corpus; no family and no pair is in both."""
    frame = dataset.load(ROOT / "datasets").sample(5_000, random_state=4).reset_index(drop=True)
    first = dataset.groups(frame) % 2 == 0
    return frame[first].reset_index(drop=True), frame[~first].reset_index(drop=True)


@pytest.fixture(scope="module")
def model(classifier, halves, tmp_path_factory):
    """The shipped model with the first half as its reference: both halves are as well known to it."""
    folder = tmp_path_factory.mktemp("drift") / "model"
    shutil.copytree(shipped_model(), folder)
    frame = halves[0]
    tokens = [document.tokens for document in read_documents(frame.text.tolist())]
    vocabulary = frozenset(load(folder).vocabulary.tokens)
    reference = reference_of(frame, classifier.log_odds(frame.text.tolist()), tokens, vocabulary, fewest=0)
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    metrics["reference"] = {**reference, "data": classifier.signature.data}
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def measured(classifier, model):
    reference = read_reference(model)
    return lambda texts: drift.measure(classifier, reference, texts)


def sides(frame):
    return [frame.text[frame.label == label].tolist() for label in ("benign", "scam")]


def test_more_of_the_same_is_no_shift(measured, halves):
    found = measured(halves[1].text.tolist())
    share = float((halves[1].label == "scam").mean())
    assert found.shifted == ()
    assert found.psi < drift.NOTABLE / 2
    assert found.prior.low - 0.02 < share < found.prior.high + 0.02


def test_few_texts_are_no_shift_by_chance(measured, halves):
    shifted = [measured(halves[1].text.sample(60, random_state=seed).tolist()).shifted for seed in range(12)]
    assert sum(bool(set(found) & {"scores", "words"}) for found in shifted) <= 1


def test_another_share_of_scams_is_told_and_is_no_shift_of_the_texts(measured, halves):
    honest, scam = sides(halves[1])
    for texts, share in ((honest + scam[: len(honest) // 19], 0.05), (scam + honest[: len(scam) // 4], 0.8)):
        found = measured(texts)
        assert found.shifted == ("prior",)
        assert abs(found.prior.value - share) < 0.07
        assert found.psi < drift.NOTABLE < drift.LARGE < found.psi_training


SHIFTS = [
    ("other words", lambda text: text[::-1], {"scores", "words"}),
    ("new names", lambda text: text.replace("を", "ヴォルネックを").replace("は", "ザピュロスは"), {"words"}),
    ("another style", lambda text: "これはレシピの話です。玉ねぎを炒めて" + text[-20:], {"scores"}),
]


@pytest.mark.parametrize(("name", "change", "shifted"), SHIFTS, ids=[name for name, _, _ in SHIFTS])
def test_changed_texts_are_a_shift(measured, halves, name, change, shifted):
    found = measured([change(text) for text in halves[1].text[:800]])
    assert shifted <= set(found.shifted)


def test_a_wave_of_one_kind_shows_in_the_types(measured, halves):
    frame = halves[1]
    wave = frame.text[frame.scam_type == "romance"].tolist()
    found = measured(sides(frame)[0] + wave)
    here, training = found.scam_types["romance"]
    assert here > 4 * training
    assert sum(a for a, _ in found.scam_types.values()) == pytest.approx(1)
    assert sum(b for _, b in found.scam_types.values()) == pytest.approx(1)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9, 1.0])
def test_the_prior_is_where_the_published_em_ends(share):
    random = np.random.default_rng(1)
    scam = random.random(4_000) < share
    posterior = logistic(random.normal(np.where(scam, 1.0, -1.0) * 2, 2.0))  # exact at a prior of one half
    prior = 0.5
    for _ in range(20_000):  # Saerens, Latinne & Decaestecker (2002), equations 2.3 and 2.4
        scams, honest = posterior * prior / 0.5, (1 - posterior) * (1 - prior) / 0.5
        prior = float((scams / (scams + honest)).mean())
    assert drift.estimate_prior(posterior, 0.5) == pytest.approx(prior, abs=1e-3)
    assert prior == pytest.approx(share, abs=0.03)
    doubled = drift.estimate_prior(posterior, 0.5, np.full(4_000, 2.0))
    assert doubled == pytest.approx(drift.estimate_prior(posterior, 0.5), abs=1e-9)


def test_adjusted_count_is_the_formula():
    assert drift.adjusted_count(0.68 * 0.3 + 0.05 * 0.7, 0.68, 0.05) == pytest.approx(0.3)
    assert drift.adjusted_count(0.01, 0.68, 0.05) == 0.0
    assert np.isnan(drift.adjusted_count(0.5, 0.1, 0.1))


def test_psi_is_the_formula():
    a, b = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    assert drift.psi(a, b, 1_000) == pytest.approx(0.4 * np.log(1.8) - 0.4 * np.log(0.2))
    assert drift.psi(a, a, 10) == 0.0
    assert np.isfinite(drift.psi(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 10))


def test_what_a_record_itself_brought_does_not_make_its_words_known():
    rows = [("a", "f1", None), ("b", "f1", None), ("c", "f2", "p"), ("d", "f3", "p"), ("e", "f4", None), ("f", "f5", None)]
    frame = pd.DataFrame(rows, columns=["id", "family", "pair"], dtype=object)
    frame = frame.assign(label=["scam", "scam", "scam", "benign", "benign", "scam"], scam_type="refund", domain=None,
                         unit="phrase", tactics=[[]] * 6, text="x")  # fmt: skip
    tokens = [["還付", "金"], ["還付", "金"], ["金", "様"], ["様", "金"], ["金"], ["金"]]
    stored = reference_of(frame, np.arange(6.0), tokens, {"還付", "金", "様"})
    assert stored["unknown_tokens"]["scam"] == pytest.approx(3 / 7)  # 還付 twice in one family, 様 twice in one pair
    assert stored["unknown_tokens"]["honest"] == pytest.approx(1 / 3)
    assert len(stored["scam_quantiles"]) == N_QUANTILES
    assert stored["scam_types"] == {"refund": 1.0}


def test_the_command_shows_it_in_every_form(capsys, model, halves, tmp_path):
    path = tmp_path / "new.csv"
    pd.DataFrame({"本文": halves[1].text[:200], "n": 1}).to_csv(path, index=False)
    assert main(["evaluate", "--reference", str(model), str(path), "--plot", str(tmp_path / "p.png")]) == 0
    out = capsys.readouterr().out
    for words in ("Saerens", "Forman", "PSI", "outside the vocabulary", "scam type", "model:scam-ja"):
        assert words in out
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert main(["evaluate", "--reference", str(model), str(path), "--format", "json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["n"] == 200
    assert 0 <= plain["prior"]["low"] <= plain["prior"]["value"] <= plain["prior"]["high"] <= 1
    page = tmp_path / "drift.html"
    assert main(["evaluate", "--reference", str(model), str(path), "--html", str(page)]) == 0
    html = page.read_text(encoding="utf-8")
    svg = html[html.index("<svg") : html.index("</svg>") + 6]
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "詐欺の割合の推定" in html
    assert "<script" not in html
    assert not [line for line in html.replace("http://www.w3.org", "").split('"') if line.startswith("http")]


def test_the_plot_is_the_same_each_time(measured, halves, tmp_path):
    from classifier.training.drift_report import write_plot

    found = measured(halves[1].text[:100].tolist())
    assert write_plot(found, tmp_path / "a.svg") == write_plot(found, tmp_path / "b.svg")


def test_labels_are_not_needed_and_bad_rows_are_counted(capsys, model, tmp_path):
    path = tmp_path / "new.jsonl"
    path.write_text('{"text": "還付金の手続きでATMへ行ってください"}\n{"text": " "}\n', encoding="utf-8")
    assert main(["evaluate", "--reference", str(model), str(path)]) == 1
    told = capsys.readouterr()
    assert "too few texts" in told.out
    assert "1 of 2 texts could not be read" in told.err


BROKEN = [
    (lambda metrics: metrics.pop("reference"), "train again"),
    (lambda metrics: metrics["reference"].update(data="0"), "belongs to data 0"),
    (lambda metrics: metrics["reference"].update(honest_quantiles=[2, 1]), "damaged"),
    (lambda metrics: metrics["reference"].update(scam_quantiles="x"), "damaged"),
    (lambda metrics: metrics["reference"].pop("unknown_tokens"), "damaged"),
    (lambda metrics: metrics.update(grouped_folds=[]), "damaged"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_a_model_without_a_sound_reference_is_one_line(model, tmp_path, change, message):
    shutil.copytree(model, tmp_path / "m")
    metrics = json.loads((tmp_path / "m/metrics.json").read_text(encoding="utf-8"))
    change(metrics)
    (tmp_path / "m/metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        read_reference(tmp_path / "m")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "x.svg"], "--reference DIR"),
        (["--reference", "MODEL", "--model", "MODEL"], "leave out --model"),
        (["--reference", "MODEL", "--plot", "x.bmp"], ".svg"),
        (["--reference", "missing"], "metrics.json"),
    ],
)
def test_wrong_wishes_are_one_line(capsys, model, tmp_path, arguments, message):
    (tmp_path / "a.jsonl").write_text('{"text": "還付金の手続きです"}\n', encoding="utf-8")
    given = [str(model) if argument == "MODEL" else argument for argument in arguments]
    assert main(["evaluate", str(tmp_path / "a.jsonl"), *given]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
