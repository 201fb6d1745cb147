"""The everyday head and the floored norm: what they are fitted on and what they do to short and everyday texts."""

import numpy as np
import pytest
from conftest import ROOT
from scipy.sparse import csr_matrix

from classifier.training import dataset
from classifier.training.material import Material, utterances_of
from classifier.training.scam_heads import fit_scam_heads, n_characters
from classifier.training.settings import Settings
from classifier.training.vectorizer import FlooredNorm

SETTINGS = Settings(n_cues=50, fewest_token=1, fewest_character=1, fewest_pair=1)


def test_only_a_row_below_the_floor_keeps_a_smaller_norm():
    rows = csr_matrix(np.diag([1.0, 3.0, 10.0, 20.0, 0.0]))
    normed = FlooredNorm(0.5).fit(rows).transform(rows).toarray()
    assert np.diag(normed).tolist() == pytest.approx(
        [1 / 3.25, 3 / 3.25, 1, 1, 0]
    )  # half of the median of 1, 3, 10, 20


def test_utterances_come_from_ordinary_texts_only_and_once():
    texts = [
        "今日は暑いですね\nほんとに。明日は雨だそうです",
        "口座を教えてください\n今日中です",
        "今日は暑いですね\nでは",
        "短い一文です",
    ]
    made = utterances_of(texts, np.array([True, False, True, True]))
    assert [d.text for d in made.documents] == ["今日は暑いですね", "明日は雨だそうです"]
    assert made.owners.tolist() == [0, 0]


@pytest.fixture(scope="module")
def frame():
    corpus = dataset.load(ROOT / "datasets")
    kind = corpus.scam_type.fillna(corpus.kind)
    return corpus.groupby(kind, group_keys=False).head(60).reset_index(drop=True)


def test_utterances_stay_with_their_records(frame):
    material = Material.of(frame)
    rows = np.flatnonzero(material.ordinary)[:20]
    sample = material.sample(rows)
    assert sample.utterances
    assert not material.sample(np.flatnonzero(~material.ordinary)).utterances
    joined = " ".join(document.text for document in sample.documents).replace(" ", "")
    assert all(utterance.text.replace(" ", "") in joined for utterance in sample.utterances)


def test_the_lower_head_decides_and_the_everyday_head_knows_everyday_talk(frame):
    material = Material.of(frame)
    heads, rows = fit_scam_heads(material.sample(np.arange(len(frame))), SETTINGS)
    scam = heads.scam.decision_function(rows)
    everyday = heads.everyday.decision_function(rows[:, : n_characters(heads.terms)])
    both = heads.log_odds(material.documents)
    assert both == pytest.approx(np.minimum(scam, everyday), abs=1e-12)
    assert np.median(everyday[material.ordinary]) < np.median(everyday[material.scam])


def test_without_ordinary_texts_all_honest_ones_are_everyday(frame):
    kept = frame[frame.kind != "ordinary"].reset_index(drop=True)
    material = Material.of(kept)
    heads, _ = fit_scam_heads(material.sample(np.arange(len(kept))), SETTINGS)
    assert np.isfinite(heads.log_odds(material.documents)).all()
