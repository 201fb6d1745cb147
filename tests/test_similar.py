"""The nearest documented script: named by the reference file, found by cosine, the same in a batch."""

from urllib.parse import urlsplit

import numpy as np
import pytest
from conftest import ROOT

from classifier.taxonomy import labels
from classifier.training import dataset
from classifier.training.heads import documented_scripts, fit_scripts

LAWSUIT = "訴訟最終告知のお知らせ。貴方の利用された契約会社から民事訴訟として訴状が提出されました。連絡なき場合は給与の差し押さえを執行します"


@pytest.fixture(scope="module")
def corpus():
    return dataset.load(ROOT / "datasets")


def test_every_variant_of_the_corpus_is_documented(corpus):
    described = {(s["scam_type"], s["script"]) for s in documented_scripts()}
    scams = corpus[(corpus.label == "scam") & (corpus.variant != "new")]
    assert set(zip(scams.scam_type, scams.variant, strict=True)) == described
    assert {scam_type for scam_type, _ in described} == set(labels("scam_types"))


def test_sources_are_official_pages_that_call_nothing_a_scam_for_sure():
    for script in documented_scripts():
        assert script["source"].endswith("」")
        assert "詐欺です" not in script["source"]
        assert not script["url"] or urlsplit(script["url"]).scheme in ("http", "https")


def test_the_nearest_script_stands_first_for_the_likeliest_type(classifier):
    verdict = classifier.classify(LAWSUIT)
    assert [s.scam_type for s in verdict.similar] == [r.id for r in verdict.scam_types[:3]]
    assert verdict.similar[0].scam_type == "fictitious_billing"
    assert "はがき" in verdict.similar[0].script
    assert all(0.0 <= s.similarity <= 1.0 for s in verdict.similar)


def test_a_batch_names_the_same_scripts(classifier, corpus):
    texts = corpus.text.sample(40, random_state=2).tolist()
    for text, verdict in zip(texts, classifier.classify_many(texts), strict=True):
        alone = classifier.classify(text).similar
        assert [s.script for s in alone] == [s.script for s in verdict.similar]
        assert np.allclose([s.similarity for s in alone], [s.similarity for s in verdict.similar], atol=1e-12)


def test_records_of_unknown_scripts_give_none(corpus):
    from scipy.sparse import identity

    unknown = corpus[corpus.variant == "new"].head(5).reset_index(drop=True)
    assert fit_scripts(unknown, identity(5, format="csr"), np.arange(5)).described == []
