import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.text import align, align_many, count_hidden, normalize, normalize_many

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
    ("http://あ い", "url い"),
    ("h..ps://x を", "url を"),
    ("会社\u2028員", "会社員"),
    ("a\u2028b", "a b"),
    ("a\tb", "a b"),
    ("a\x85b", "a b"),
    ("a\n \nb", "a b"),
    ("1,234.5円と9円", "0円と0円"),
    ("株(かぶ)の話", "株かぶの話"),
    ("(株)から¨です", "株からです"),
    ("ﾊﾟﾝ", "パン"),
    ("½", "0⁄0"),
    ("É", "é"),
    ("e\u0301", "e"),
    ("㍿ㇰ", "株式会社ㇰ"),
    ("😀é𝐀", "éa"),
    ("\ufb03", "ffi"),
    ("Xのアプリ", "xのアプリ"),
    ("か゛いこく", "がいこく"),
    ("a¯b", "ab"),
    ("か\u3099\nい", "が い"),
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


ALIGNED = [  # with the half-open range of the source that each character came from
    ("", []),
    (" \n\u200b", []),
    ("  はい \n", [(2, 3), (3, 4)]),
    ("ｶﾞｽ会社", [(0, 2), (2, 3), (3, 4), (4, 5)]),
    ("か\u3099が\u3099い", [(0, 2), (2, 4), (4, 5)]),
    ("ﾊﾟ\u200bあ", [(0, 2), (3, 4)]),
    ("至急 500,000円!", [(0, 1), (1, 2), (2, 3), (3, 10), (10, 11), (11, 12)]),
    ("振 込\u200b を", [(0, 1), (2, 3), (5, 6)]),
    ("a\n \nb", [(0, 1), (1, 4), (4, 5)]),
    ("x.jp あ", [(0, 4), (0, 4), (0, 4), (0, 5), (5, 6)]),
    ("㌖a", [(0, 1)] * 6 + [(1, 2)]),
    ("😀も𠮷", [(1, 2), (2, 3)]),
    ("A:もし\n犯人:はい", [(2, 3), (3, 4), (4, 5), (8, 9), (9, 10)]),
]


@pytest.mark.parametrize(("source", "spans"), ALIGNED)
def test_each_character_knows_where_it_came_from(source, spans):
    aligned = align(source)
    assert list(zip(aligned.starts.tolist(), aligned.ends.tolist(), strict=True)) == spans
    (together,) = align_many([source])
    assert together.text == aligned.text
    assert together.starts.tolist() == aligned.starts.tolist()
    assert together.ends.tolist() == aligned.ends.tolist()


SEVERAL = [  # the last ones cannot be folded together
    ["還付金です", "", "  はい\n", "0円"],
    ["相手:もし", "本人:はい", "1", "2"],
    ["はい"],
    ["😀", "ABC"],
    ["か", "\u3099が", "ｶﾞ"],
    ["ꙮ", "はい", "\nꙮ\n"],
]


@pytest.mark.parametrize("sources", SEVERAL)
def test_several_are_folded_as_each_alone(sources):
    assert normalize_many(sources) == [normalize(source) for source in sources]
    for together, alone in zip(align_many(sources), map(align, sources), strict=True):
        assert together.text == alone.text
        assert together.starts.tolist() == alone.starts.tolist()
        assert together.ends.tolist() == alone.ends.tolist()


def test_counts_what_is_hidden():
    assert count_hidden("も\x00し\u200bも\ud800し") == 3
    assert count_hidden("もしもし\n") == 0
