"""Evidence is what the score rests on: without the spans that weigh most, the score falls by about what they were said to weigh."""

from conftest import ROOT

from classifier.training import dataset


def without(text, spans):
    for span in sorted(spans, key=lambda span: -span.start):
        text = text[: span.start] + text[span.end :]
    return text


def test_without_the_three_strongest_spans_at_least_half_of_their_sum_is_gone(classifier):
    corpus = dataset.load(ROOT / "datasets")
    long = corpus[(corpus.label == "scam") & (corpus.text.str.len() > 60)]
    kept, fallen = 0, 0
    texts = long.sample(200, random_state=0).text.tolist()
    for text, verdict in zip(texts, classifier.classify_many(texts), strict=True):
        spans = verdict.strongest(3)
        rest = without(text, spans)
        if verdict.level == "low" or len(spans) < 3 or not rest.strip():
            continue
        fall = verdict.log_odds - float(classifier.log_odds([rest])[0])
        fallen += fall >= sum(span.contribution for span in spans) / 2
        kept += 1
    assert kept > 100
    assert fallen / kept > 0.95  # the rest are read in another window once their words are gone
