"""What fuzz tests are made of, and how many examples they take: `tests/fuzz.py` asks for more than a test run."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

SCAM = "還付金がありますので、本日中に携帯電話を持ってATMへ行き、私の言うとおりに操作してください"
PIECES = [
    SCAM, "警察です。", "口座が犯罪に", "振 込", "振\u200b込", "ﾌﾘｺﾐ", "口○", "ＡＴＭ", "か\u3099", "ﾊﾟ", "\u3099", "\ud800", "\udfff", "\x00", "\x1b[31m",
    "\u202e", "\ufeff", "😀", "👨\u200d👩\u200d👧", "𠮷", "㈱", "㌖", "ﷺ", "ꙮ", "\nꙮ\n", "ﾞ", "e\u0301", "العربية", "还付金", "Ваш счёт", "한국어", "https://x.jp/?a=1",
    "a@b.jp", "+1 202-555-0110", "０９０ー１２３４ー５６７８", "1,234,567円", "三百万円", "相手:", "男「", "[00:12] A: ", "\r\n", "\n", "\u2028", "　", " ", "\t", "。", "{", "<script>", "=cmd",
]  # fmt: skip

piece = st.one_of(st.sampled_from(PIECES), st.characters(), st.text(st.characters(min_codepoint=0x3040, max_codepoint=0x9FFF), max_size=12))
run = st.tuples(piece, st.integers(1, 3_000)).map(lambda drawn: (drawn[0] * drawn[1])[:4_000])
text = st.lists(st.one_of(piece, piece, piece, run), max_size=12).map("".join)


def examples(most: int) -> settings:
    """Settings of a fuzz test of `most` examples; a profile that asks for more, gets more."""
    profile = settings()
    return settings(max_examples=max(most, profile.max_examples), suppress_health_check=list(HealthCheck))
