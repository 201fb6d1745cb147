"""A verdict by hand: what it ranks first, and what of it stands in JSON."""

import json
from dataclasses import FrozenInstanceError

import pytest

from classifier import UnknownLabelError
from classifier.verdict import Evidence, Moment, Ranked, Signal, Signature, Similar, Verdict

SIGNATURE = Signature("scam-ja@1", "5c2f", "unidic-lite", "1", "0.1.0")
EVIDENCE = (Evidence(0, 3, 0.5), Evidence(3, 4, -2.0), Evidence(4, 9, 4.0), Evidence(9, 10, 0.0), Evidence(10, 12, -0.1))
BARE = Verdict(0.9, 0.4, "high", 2.2, -0.2, 0.0, EVIDENCE, (Ranked("refund", 1.0),), (Ranked("urgency", 0.8),), (0, 12), SIGNATURE)


@pytest.mark.parametrize(
    ("most", "against", "starts"),
    [(9, False, [4, 0]), (1, False, [4]), (0, False, []), (9, True, [3, 10]), (1, True, [3])],
)
def test_the_strongest_come_first_and_each_side_alone(most, against, starts):
    assert [e.start for e in BARE.strongest(most, against=against)] == starts


def test_the_strongest_speak_for_a_scam_unless_asked():
    assert BARE.strongest(9) == BARE.strongest(9, against=False)


def test_equally_strong_evidence_stays_in_the_order_of_the_text():
    verdict = Verdict(0.9, 0.4, "high", 2.2, -0.2, 0.0, (Evidence(0, 1, 1.0), Evidence(1, 2, 1.0)), (), (), (0, 2), SIGNATURE)
    assert [e.start for e in verdict.strongest(2)] == [0, 1]


def test_a_signature_is_one_line():
    assert str(SIGNATURE) == "model:scam-ja@1|data:5c2f|tok:unidic-lite|norm:1|scamtext:0.1.0"


def test_all_of_a_verdict_stands_in_json():
    verdict = Verdict(
        0.9, 0.4, "high", 2.2, -0.2, 0.0, (Evidence(0, 3, 0.5),), (Ranked("refund", 0.75), Ranked("phishing", 0.25)),
        (Ranked("urgency", 0.8),), (0, 12), SIGNATURE, cleaned=2,
        signals=(Signal("phone", 1, 2, "国際電話", "総務省", "2026-01-01"),),
        similar=(Similar("refund", "職員型", 0.6, "高槻市", "https://city.example/"),),
        timeline=(Moment(0, -1.0), Moment(1, 2.2, 3.5, "相手")),
    )  # fmt: skip
    assert json.loads(json.dumps(verdict.to_dict())) == {
        "probability": 0.9, "prior": 0.4, "level": "high", "log_odds": 2.2, "intercept": -0.2, "everyday": 0.0,
        "evidence": [{"start": 0, "end": 3, "contribution": 0.5}],
        "scam_types": [
            {"id": "refund", "ja": "還付金詐欺", "probability": 0.75},
            {"id": "phishing", "ja": "フィッシング", "probability": 0.25},
        ],
        "tactics": [{"id": "urgency", "ja": "期限・緊急の強調", "probability": 0.8}],
        "window": [0, 12], "signature": str(SIGNATURE), "insufficient": False, "cleaned": 2,
        "signals": [{"kind": "phone", "start": 1, "end": 2, "meaning": "国際電話", "source": "総務省", "date": "2026-01-01"}],
        "similar": [
            {"scam_type": "refund", "script": "職員型", "similarity": 0.6, "source": "高槻市", "url": "https://city.example/"}
        ],
        "timeline": [
            {"utterance": 0, "log_odds": -1.0, "start": None, "speaker": None},
            {"utterance": 1, "log_odds": 2.2, "start": 3.5, "speaker": "相手"},
        ],
    }  # fmt: skip


def test_a_label_that_is_not_in_the_taxonomy_is_named():
    verdict = Verdict(0.9, 0.4, "high", 2.2, -0.2, 0.0, (), (Ranked("refunds", 1.0),), (), (0, 1), SIGNATURE)
    with pytest.raises(UnknownLabelError, match=r"refunds.*scam_types"):
        verdict.to_dict()


def test_a_verdict_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        BARE.probability = 0.1
