"""Any text gets a verdict or is refused as blank: the same verdict twice, alone and among others; spans fit."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, text

from classifier.errors import TranscriptError
from classifier.redact import Redactor
from classifier.report import as_html
from classifier.signals import find_signals
from classifier.text import align, align_many, normalize, normalize_many
from classifier.transcript import Transcript


@examples(600)
@given(st.lists(text, min_size=1, max_size=5))
def test_texts_are_normalized_together_as_alone(sources):
    assert normalize_many(sources) == [normalize(source) for source in sources]
    for together, source in zip(align_many(sources), sources, strict=True):
        alone = align(source)
        assert together.text == alone.text == normalize(source)
        assert together.starts.tolist() == alone.starts.tolist()
        assert together.ends.tolist() == alone.ends.tolist()
        assert all(0 <= a < b <= len(source) for a, b in zip(alone.starts, alone.ends, strict=True))


@examples(400)
@given(st.lists(text, min_size=1, max_size=4))
def test_a_verdict_is_the_same_twice_and_among_others(classifier, sources):
    if not all(source.strip() for source in sources):
        with pytest.raises(TranscriptError):
            classifier.classify_many(sources)
        sources = [source for source in sources if source.strip()]
    alone = [classifier.classify(source) for source in sources]
    assert [classifier.classify(source) for source in sources] == alone
    assert classifier.classify_many(sources) == alone
    proba = classifier.predict_proba(sources)
    assert proba.shape == (len(sources), 2)
    assert np.allclose(proba.sum(axis=1), 1)
    for verdict, source, (_, scam) in zip(alone, sources, proba, strict=True):
        assert verdict.level in ("low", "caution", "high")
        assert 0 <= verdict.probability <= 1
        assert verdict.insufficient or verdict.probability == pytest.approx(scam, abs=1e-12)
        assert 0 <= verdict.window[0] <= verdict.window[1] <= len(source)
        assert all(0 <= e.start < e.end <= len(source) for e in verdict.evidence)
        added = verdict.intercept + verdict.everyday + sum(e.contribution for e in verdict.evidence)
        assert added == pytest.approx(verdict.log_odds, abs=1e-6)
        json.dumps(verdict.to_dict(), allow_nan=False)


@examples(200)
@given(text)
def test_what_stands_beside_the_score_fits_the_text(classifier, source):
    assert all(0 <= s.start < s.end <= len(source) for s in find_signals(source))
    masked = Redactor().text(source)
    assert len(masked) == len(source)
    assert [c for c in masked if c.isspace()] == [c for c in source if c.isspace()]
    if source.strip():
        verdict = dataclasses.replace(classifier.classify(source), signals=find_signals(source))
        page = as_html(verdict, Transcript.of(source, "a"))
        page.encode()
        assert "<script>alert" not in page
