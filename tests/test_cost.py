"""What scoring costs, counted and not timed: one parse a character, no node read, work that grows with the length."""

import itertools

import numpy as np
import pytest

from classifier import ScamClassifier
from classifier.features import Vocabulary
from classifier.scoring import score

TEXT = "本日中に還付金の手続きをお願いします。窓口はATMの横です。\n"


class OnlyParse:
    """A tagger that can be asked for its output as one string, and for nothing else."""

    def __init__(self, tagger):
        self._tagger = tagger
        self.read = 0

    def parse(self, text):
        self.read += len(text)
        return self._tagger.parse(text)


@pytest.fixture
def counting(monkeypatch):
    """A classifier that counts characters parsed and keys looked up."""
    classifier = ScamClassifier.load()
    tagger = classifier._tokenizer._tagger = OnlyParse(classifier._tokenizer._tagger)
    looked_up = []
    whole = Vocabulary.look_up

    def look_up(self, keys):
        looked_up.append(len(keys))
        return whole(self, keys)

    monkeypatch.setattr(Vocabulary, "look_up", look_up)
    return classifier, tagger, looked_up


def test_no_node_is_read_and_every_character_is_parsed_once(counting):
    classifier, tagger, _ = counting
    texts = [TEXT * n for n in (1, 3, 90)]
    classifier.predict_proba(texts)
    assert 0 < tagger.read <= sum(map(len, texts))
    before = tagger.read
    classifier.classify_many(texts)
    assert tagger.read == 2 * before


def test_work_is_linear_in_length(counting):
    classifier, tagger, looked_up = counting
    sizes, costs = (10, 100, 1_000, 10_000), []
    for size in sizes:
        looked_up.clear()
        tagger.read = 0
        classifier.predict_proba([TEXT * size])
        costs.append((tagger.read, sum(looked_up)))
    for (read, keys), (more_read, more_keys) in itertools.pairwise(costs):
        assert more_read == pytest.approx(10 * read, rel=0.01)
        assert more_keys == pytest.approx(10 * keys, rel=0.01)


def test_windows_overlap_by_half_whatever_the_length(counting):
    classifier, _, _ = counting
    for size in (10, 100, 1_000):
        text = TEXT.replace("\n", " ") * size
        layout = score(classifier._model, [text], [classifier._tokenizer.tokens(text)]).layout
        first, last = layout.spans.T
        covered = np.zeros(len(layout.character_edges) - 1, int)
        np.add.at(covered, first, 1)
        np.add.at(covered, last, 1)
        assert covered.max() <= 2


def test_a_monitor_reads_no_more_late_in_a_call(counting):
    classifier, tagger, _ = counting
    monitor, read = classifier.monitor(), []
    for _ in range(300):
        tagger.read = 0
        monitor.feed(TEXT)
        read.append(tagger.read)
    assert max(read[200:]) == max(read[20:40])
