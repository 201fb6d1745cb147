"""Verdicts of the shipped model: honest look-alikes beside the scams, and what always holds."""

import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import ScamClassifier, Transcript, TranscriptError, Utterance

LOOKALIKES = [  # a scam, its honest look-alike
    (
        "医療費の還付金が二万三千円ありまして、今日中にお近くのATMへ行ってお電話いただけますか。操作は私がお伝えします",
        "高額療養費の支給申請書をお送りしました。同封の返信用封筒でご返送ください。お電話で口座をうかがうことはありません",
    ),
    (
        "警視庁捜査二課の者です。あなた名義の口座が資金洗浄に使われています。捜査は秘密ですので、LINEのビデオ通話で調書を取ります",
        "中央署の会計係です。届いていた財布に診察券が入っていました。受け取りには身分証をお持ちのうえ窓口までお越しください",
    ),
    (
        "俺だけど、会社の小切手が入った鞄を電車に忘れた。今日中に三百万いるんだ。上司が代わりに受け取りに行くから渡してくれない",
        "俺だけど、鞄を電車に忘れたけど駅に届いてた。帰りが遅くなるから夕飯は先に食べてて",
    ),
    (
        "お荷物のお届けにあがりましたが不在のため持ち帰りました。こちらよりご確認ください http://a.zz/x7",
        "お荷物は管理人室でお預かりしています。お手すきのときに部屋番号を言って受け取ってください",
    ),
]


@pytest.mark.parametrize(("scam", "honest"), LOOKALIKES)
def test_the_scam_stands_above_its_lookalike(classifier, scam, honest):
    first, second = classifier.classify_many([scam, honest])
    assert first.level in ("caution", "high")
    assert second.level == "low"


texts = st.text(
    st.sampled_from(
        "もしもし警察口座振込ＡＴＭ還付金です。、？\n 50万円ｶﾞ\u200b\x00😀「」はい今日中にお願いいたしますabc:"
    ),
    min_size=1,
    max_size=900,
).filter(lambda t: t.strip())


@settings(max_examples=150, deadline=None)
@given(texts)
def test_what_always_holds(classifier, text):
    verdict = classifier.classify(text)
    assert verdict == classifier.classify_many(["別の文です", text])[1] == classifier.classify(text)
    assert verdict.intercept + verdict.everyday + sum(e.contribution for e in verdict.evidence) == pytest.approx(
        verdict.log_odds, abs=1e-9
    )
    assert verdict.probability == pytest.approx(classifier.predict_proba([text])[0, 1], abs=1e-12)
    assert verdict.probability == pytest.approx(1 / (1 + math.exp(-verdict.log_odds)), abs=1e-12)
    begin, end = verdict.window
    assert 0 <= begin <= end <= len(text)
    for evidence in verdict.evidence:
        assert begin <= evidence.start < evidence.end <= end
    assert [e.start for e in verdict.evidence] == sorted(e.start for e in verdict.evidence)
    assert sum(r.probability for r in verdict.scam_types) == pytest.approx(1)
    assert len(verdict.scam_types) == 22
    assert len(verdict.tactics) == 15
    assert all(0 <= r.probability <= 1 for r in verdict.tactics)


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=70))
def test_a_batch_scores_as_one_by_one(classifier, several):
    together = classifier.predict_proba(several)
    assert together.shape == (len(several), 2)
    assert np.allclose(together.sum(axis=1), 1)
    assert np.allclose(together[:, 1], [classifier.predict_proba([t])[0, 1] for t in several], atol=1e-12)
    assert [v.log_odds for v in classifier.classify_many(several)] == pytest.approx(
        classifier.log_odds(several), abs=1e-12
    )


def test_prior_shifts_the_probability_and_nothing_else(classifier):
    text = "還付金の手続きは今日中にATMでお願いします"
    own, rare = classifier.classify(text), classifier.classify(text, prior=0.01)
    assert rare.probability < own.probability
    odds = rare.probability / (1 - rare.probability)
    shift = math.log(0.01 / 0.99) - math.log(own.prior / (1 - own.prior))
    assert math.log(odds) == pytest.approx(own.log_odds + shift)
    assert (rare.level, rare.log_odds, rare.evidence) == (own.level, own.log_odds, own.evidence)
    assert classifier.classify(text, prior=own.prior).probability == pytest.approx(own.probability)


@pytest.mark.parametrize("prior", [0.0, 1.0, -1.0, 2.0])
def test_an_impossible_prior_is_refused(classifier, prior):
    with pytest.raises(ValueError, match="between 0 and 1"):
        classifier.classify("もしもし", prior=prior)


@pytest.mark.parametrize("blank", ["", " ", "\n\t　"])
def test_blank_text_is_an_error_that_says_where(classifier, blank):
    with pytest.raises(TranscriptError, match="empty or blank"):
        classifier.classify(blank)
    with pytest.raises(TranscriptError, match="text 2 of 2"):
        classifier.predict_proba(["もしもし", blank])


INSUFFICIENT = [
    "はい",
    "123 456",
    "!!!",
    "\x00",
    "😀😀",
    "This is a message from your bank, act now はい",
    "그 계좌는 위험합니다",
]


@pytest.mark.parametrize("text", INSUFFICIENT)
def test_too_little_japanese_is_said_and_stays_low(classifier, text):
    verdict = classifier.classify(text)
    assert verdict.insufficient
    assert verdict.level == "low"


def test_dirty_text_is_scored_and_what_was_cleaned_is_counted(classifier):
    clean = classifier.classify("還付金の手続きをATMでお願いします")
    dirty = classifier.classify("還\x00付金\u200bの手続きをＡＴＭで\ud800お願いします")
    assert dirty.cleaned == 3
    assert dirty.log_odds == pytest.approx(clean.log_odds)


def test_a_transcript_scores_as_its_text(classifier):
    call = Transcript((Utterance("もしもし、還付金の件です", "相手"), Utterance("はい", "本人")))
    assert classifier.classify(call) == classifier.classify("もしもし、還付金の件です\nはい")


def test_ten_megabytes_are_scored(classifier):
    text = "今日はいい天気ですね。散歩に行きましょうか。" * 160_000
    verdict = classifier.classify(text + "還付金がありますので今日中にATMへ行って私の言うとおりに操作してください")
    assert len(text.encode()) > 10_000_000
    assert verdict.window[1] > len(text)


def test_one_classifier_serves_many_threads(classifier):
    several = [f"{n}番の窓口です。還付金の書類を{n}日までにお持ちください" for n in range(200)]
    alone = [classifier.classify(t) for t in several]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(classifier.classify, several)) == alone


def test_a_classifier_can_be_sent_to_another_process(classifier):
    copy = pickle.loads(pickle.dumps(classifier))
    assert isinstance(copy, ScamClassifier)
    assert copy.classify("還付金のお知らせです") == classifier.classify("還付金のお知らせです")
