import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.text import align, count_hidden, normalize

FOLDED = [
    ("ｶﾞｽ会社", "ガス会社"),
    ("ＡＴＭで５０万円", "atmで0万円"),
    ("500,000円", "0円"),
    ("振 込 を", "振込を"),
    ("振\u200b込", "振込"),
    ("至急、お願い。", "至急お願い"),
    ("https://example.test/a?b=1 を開いて", "url を開いて"),
    ("kuroneko.example/x", "url"),
    ("相手:もしもし\n本人:はい", "もしもし はい"),
    ("[00:12] 話者1: もしもし", "もしもし"),
    ("男「もしもし」", "「もしもし」"),
    ("A:はい", "はい"),
    ("本当ですか？", "本当ですか?"),
    ("か\u3099いこく", "がいこく"),
    ("👮警察です", "警察です"),
    ("𠮷田です", "〓田です"),
    ("\x00", ""),
    ("ﷺ㌖", "ﷺキロメートル"),
    ("taro@b.example 宛", "mail 宛"),
]


@pytest.mark.parametrize(("source", "text"), FOLDED)
def test_folds(source, text):
    assert normalize(source) == text


japanese = st.text(
    st.sampled_from("もしATM振込０1２ｶﾞﾊﾟﾞ\u3099\u200b\x00 \n\t、。「」:：/.,-相手A男https://x.jp😀𠮷é\ud800㈱…"),
    max_size=80,
)


@settings(max_examples=500)
@given(st.one_of(japanese, st.text(max_size=80)))
def test_alignment_is_the_same_text_with_a_way_back(source):
    aligned = align(source)
    assert aligned.text == normalize(source)
    assert len(aligned.starts) == len(aligned.ends) == len(aligned.text)
    assert all(0 <= a < b <= len(source) for a, b in zip(aligned.starts, aligned.ends, strict=True))
    assert list(aligned.starts) == sorted(aligned.starts)
    assert not any("\ud800" <= c <= "\udfff" or c == "\x00" or c > "\uffff" for c in aligned.text)


@settings(max_examples=200)
@given(japanese)
def test_normalizing_twice_drops_nothing_more_than_labels_and_numbers(source):
    once = normalize(source)
    assert len(normalize(once)) <= len(once) + 2 * once.count(".")


def test_counts_what_is_hidden():
    assert count_hidden("も\x00し\u200bも\ud800し") == 3
    assert count_hidden("もしもし\n") == 0
