"""Advice for every scam type, with official sources, and never the words 「詐欺です」."""

from urllib.parse import urlsplit

import pytest

from classifier.advice import advice_on, all_advice
from classifier.errors import UnknownLabelError
from classifier.taxonomy import labels

TYPES = list(labels("scam_types"))


def test_every_scam_type_has_advice():
    assert list(all_advice()) == TYPES
    assert len(TYPES) == 22


@pytest.mark.parametrize("scam_type", TYPES)
def test_advice_is_whole(scam_type):
    advice = advice_on(scam_type)
    for sentences in (advice.next_asks, advice.never_asks, advice.do_now):
        assert 3 <= len(sentences) <= 5
        assert all(8 <= len(sentence) <= 60 for sentence in sentences)
        assert len(set(sentences)) == len(sentences)
        assert not any("詐欺です" in sentence for sentence in sentences)
    assert len(advice.sources) >= 2
    for source in advice.sources:
        assert source.title
        assert source.publisher
        assert urlsplit(source.url).scheme in ("http", "https")
        assert "." in urlsplit(source.url).netloc


def test_advice_on_an_unknown_type_names_the_known_ones():
    with pytest.raises(UnknownLabelError, match="fake_police"):
        advice_on("none")


def test_what_to_do_names_somebody_to_turn_to():
    """Each type sends the reader to a person or a number: police, consumer centre, bank, family or issuer."""
    for scam_type, advice in all_advice().items():
        told = "".join(advice.do_now)
        assert any(word in told for word in ("#9110", "110", "188", "警察", "銀行", "会社")), scam_type
