"""The committed corpus: what it promises in its card, and what could be cheated on."""

import json
import re
import unicodedata

import pytest
from conftest import ROOT

from classifier.taxonomy import labels
from classifier.training import audit, cards, dataset


@pytest.fixture(scope="module")
def corpus():
    return dataset.load(ROOT / "datasets")


def folded(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_every_type_and_domain_is_there(corpus):
    assert set(corpus.scam_type.dropna()) == set(labels("scam_types"))
    assert set(corpus.domain.dropna()) == set(labels("benign_domains"))
    assert corpus.scam_type.value_counts().min() >= 25
    assert corpus.domain.value_counts().min() >= 40


def test_the_card_tells_the_true_counts(corpus):
    card = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")
    assert cards.with_counts(card, corpus) == card
    assert cards.counts_table(corpus) in card


def test_the_model_card_tells_the_true_numbers():
    head, metrics = (
        json.loads((ROOT / "models" / "scam-ja" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("model", "metrics")
    )
    assert (ROOT / "models" / "README.md").read_text(encoding="utf-8") == cards.model_card(head, metrics)


def test_length_and_single_tokens_do_not_separate(corpus):
    assert max(audit.by_length(corpus).values()) <= audit.MOST_BY_LENGTH
    assert max(accuracy for _, accuracy in audit.by_token(corpus).values()) <= audit.MOST_BY_TOKEN


def test_style_does_not_separate(corpus):
    assert max(audit.by_style(corpus).values()) <= audit.MOST_BY_STYLE


def test_marks_are_as_frequent_on_both_sides(corpus):
    assert (audit.rates(corpus).ratio >= 2 / 3).all()


def test_families_are_not_copies_of_each_other(corpus):
    assert audit.near_copies(corpus) == []


def test_no_text_stands_on_both_sides(corpus):
    sides = corpus.groupby(corpus.text.map(folded)).label.nunique()
    assert (sides == 1).all()


def test_no_long_run_is_shared_with_the_evaluation_set(corpus):
    runs = set()
    for path in sorted((ROOT / "datasets" / "evaluation").glob("*.jsonl")):
        for _, record in dataset.read_lines(path):
            text = folded(record["text"])
            runs.update(text[k : k + 30] for k in range(len(text) - 29))
    for record in corpus.itertuples():
        text = folded(record.text)
        shared = [k for k in range(len(text) - 29) if text[k : k + 30] in runs]
        assert not shared, record.id


def test_what_the_kanagawa_page_quotes_is_not_trained_on(corpus):
    from test_real_inputs import HONEST, QUOTED

    texts = "\n".join(corpus.text.map(folded))
    for text in [line for quoted, _ in QUOTED for line in quoted.split("\n")] + HONEST:
        assert folded(text).rstrip("。") not in texts


NUMBERS = re.compile(r"0[789]0-?\d{4}-?\d{4}")


def test_no_mobile_number_could_be_anybodys(corpus):
    """Invented numbers have a middle of zeros or repeat one digit: 090-0000-1234, 080-1111-2222."""
    for record in corpus.itertuples():
        for number in NUMBERS.findall(unicodedata.normalize("NFKC", record.text)):
            digits = number.replace("-", "")
            assert digits[3:7] == "0000" or len(set(digits[3:7])) == 1 or digits[3:7] in ("1234", "5678"), record.id
