"""Variants of training texts: what they change, what they leave, and that folds keep them with their records."""

import numpy as np
import pytest
from conftest import ROOT

from classifier import text as normalizer
from classifier.training import dataset
from classifier.training.augment import Readings, bare, in_kana, misheard, opening, variants_of, vary
from classifier.training.material import Material

TEXT = "もしもし、口座の確認です。\n本日中に振込をお願いします。\nはい、分かりました。\nではお待ちしています。"


@pytest.fixture(scope="module")
def readings():
    return Readings.of(["口座の確認を講座でする。振込、振込、降込みは本日中です"])


def test_words_read_alike(readings):
    assert readings.of_words["口座"] == "コウザ"
    assert set(readings.words["コウザ"]) == {"口座", "講座"}


def test_a_recogniser_mishears_words_read_alike(readings):
    random = np.random.default_rng(0)
    assert misheard(["口座", "の"], readings, random, share=0.0) == ["口座", "の"]
    assert misheard(["口座"], readings, random, share=1.0) == ["講座"]
    assert misheard(["本日"], readings, random, share=1.0) == ["ほんじつ"]


def test_kana_for_kanji(readings):
    assert in_kana(["口座", "の"], readings, np.random.default_rng(1), share=1.0)[0] in ("コウザ", "こうざ")


def test_marks_go_and_openings_stay():
    assert bare("はい、「それ」です。") == "はいそれです"
    assert TEXT.startswith(opening(TEXT, np.random.default_rng(0)))


@pytest.mark.parametrize("kind", ["wide", "hidden"])
def test_the_normalizer_undoes_cheap_tricks(kind, readings):
    source = "ATMで50万円を振込んでください"
    (changed,) = vary([source], kind, readings)
    assert changed != source
    assert normalizer.normalize(changed) == normalizer.normalize(source)


def test_variants_are_drawn_by_the_record_and_stay_with_it():
    frame = dataset.load(ROOT / "datasets").head(60)
    kinds = ("opening", "misheard", "kana")
    variants = variants_of(frame, kinds, 0.5)
    again = variants_of(frame.iloc[::-1].reset_index(drop=True), kinds, 0.5)
    assert 10 < len(variants.owners) < 50
    assert sorted(frame.id.iloc[variants.owners]) == sorted(
        frame.id.iloc[::-1].reset_index(drop=True).iloc[again.owners]
    )
    sample = Material.of(frame, kinds, 0.5).sample(np.arange(30))
    scam, inside = (frame.label == "scam").to_numpy(), variants.owners[variants.owners < 30]
    assert len(sample.documents) == len(sample.scam) == 30 + len(inside)
    assert sample.scam[30:].tolist() == scam[inside].tolist()
    assert sample.documents[30:] == variants.documents[: len(inside)]
    assert variants_of(frame, (), 0.5).owners.size == 0
