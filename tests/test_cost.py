"""What scoring costs, counted and not timed: one parse a character, no node read, work that grows with the length."""

import itertools
import re
import sys

import numpy as np
import pytest

from classifier import ScamClassifier, tagger
from classifier.features import Vocabulary
from classifier.readers.html import words_of_html
from classifier.redact import Redactor
from classifier.scoring import score
from classifier.signals import find_signals
from classifier.text import _ADDRESS, _MAIL
from classifier.tokenizer import Tokenizer

TEXT = "本日中に還付金の手続きをお願いします。窓口はATMの横です。\n"


def test_a_dictionary_is_mapped_once_however_often_a_model_is_loaded():
    assert ScamClassifier.load()._tokenizer._tagger is ScamClassifier.load()._tokenizer._tagger
    assert Redactor()._tagger is Redactor()._tagger


def test_a_forked_process_does_not_wait_for_a_lock_of_its_parent():
    before = tagger.surfaces()
    with before.lock:
        tagger._forget()
        assert Tokenizer().tokens("口座です") == ["口座", "です"]


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


def calls(work):
    """How many calls some work makes, steps of generators included."""
    n = 0

    def count(frame, event, argument):
        nonlocal n
        n += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return n


SIGNALS = ["x.jp 03-1234-5678 1万円 ", "smbc-card.co.jp ", "a-", "a.", "+1 202-555-0110 "]


@pytest.mark.parametrize("unit", SIGNALS)
def test_signals_are_not_compared_with_each_other(unit):
    find_signals(unit * 2)  # loads the library and the reference files
    few, many = (calls(lambda n=n: find_signals(unit * n)) for n in (50, 400))
    assert many < 9 * few


PAGES = ["<div>", "</a>", "<a href=http://b.jp>y", "<a href=http://b.jp>y</a>z", "<![<", "<b></i>", "&"]


@pytest.mark.parametrize("unit", PAGES)
def test_a_page_is_read_once(unit):
    few, many = (calls(lambda n=n: words_of_html("<a href=http://a.jp><p>x" + unit * n)) for n in (50, 400))
    assert many < 9 * few


def test_a_link_is_put_out_once():
    page = "<a href='http://a.jp/" + "x" * 1_000 + "'>あ" + "<a href=http://b.jp>い</a>う" * 100
    assert len(words_of_html(page)) < len(page)


@pytest.mark.parametrize("pattern", [_MAIL, _ADDRESS])
@pytest.mark.parametrize("run", ["ab", "a.", "a-", "1", "a.b-", "090-1."])
def test_an_address_begins_where_its_characters_begin(pattern, run):
    whole = run * 9 + ("x@b.jp" if pattern is _MAIL else "x.co.jp/")
    assert pattern.fullmatch(whole)
    assert not any(pattern.match(whole, start) for start in range(1, len(run) * 9))


def test_words_without_end_are_cut_and_lose_no_character(counting):
    classifier, tagger, _ = counting
    pieces = []
    parse = tagger._tagger.parse
    tagger.parse = lambda text: pieces.append(text) or parse(text)
    for unit in ("キロメートル", "a", "й", "①", "?「"):
        text = (unit * 10_000)[:10_000] + "です"
        assert "".join(classifier._tokenizer.tokens(text)) == text
    assert all(len(run) <= 100 for piece in pieces for run in re.findall(r"[^ ぁ-ゖ一-鿿]+", piece))
