"""The Japanese words that every report shares. They say how alike a text is, never that it is a scam."""

from classifier.taxonomy import japanese_name
from classifier.verdict import Ranked, Similar, Verdict

LEVELS = {"low": "低い", "caution": "注意", "high": "高い"}
HEIGHTS = {"low": 0, "caution": 1, "high": 2}
DOTS = {"low": "●○○", "caution": "●●○", "high": "●●●"}  # seen without colour, too
MOST_TYPES = 3
LIKELY = 0.5  # tactics below it are not named
LEAST_SHARE = 0.05  # of a scam type, for its documented script to be named
LIMITS = "この結果は文面が既知の手口にどれだけ似ているかの目安で、詐欺かどうかの断定ではありません。"

SIGNALS = {  # kinds of facts beside the score
    "phone_international": "国際電話番号",
    "phone_international_0110": "末尾0110の国際電話番号",
    "phone_unassigned": "実在しない番号",
    "phone_domestic": "国内の電話番号",
    "phone_official": "公表されている番号",
    "url": "リンク",
    "url_lookalike": "公式に似せたドメイン",
    "url_hidden": "行き先の見えないリンク",
    "url_official": "公式と一致するドメイン",
    "amount": "金額",
    "atm": "ATM",
    "emoney": "電子マネー等",
    "crypto": "暗号資産",
}


def headline(verdict: Verdict) -> str:
    """「詐欺の手口との類似: 高い (確率 97.3 %、事前確率 44 %)」"""
    line = f"詐欺の手口との類似: {LEVELS[verdict.level]}（確率 {percent(verdict.probability)}、事前確率 {percent(verdict.prior)}）"
    return line + "　判断に足る日本語がありません" if verdict.insufficient else line


def percent(share: float) -> str:
    """99.97 % stays below 100 %; 0.02 % is said as it is."""
    digits = 1 if 0.001 <= share <= 0.999 else 2
    return f"{min(share, 0.9999) * 100:.{digits}f} %"


def top_types(verdict: Verdict) -> list[tuple[str, str]]:
    """(Japanese name, probability) of the likeliest scam types; nothing where the level is low."""
    if verdict.level == "low":
        return []
    return [(japanese_name("scam_types", r.id), percent(r.probability)) for r in verdict.scam_types[:MOST_TYPES]]


def likely_tactics(verdict: Verdict) -> list[Ranked]:
    """Tactics that stand out; nothing where the level is low."""
    return [] if verdict.level == "low" else [r for r in verdict.tactics if r.probability >= LIKELY]


def near_scripts(verdict: Verdict) -> list[Similar]:
    """The documented scripts worth naming, that of the likeliest scam type first; nothing where the level is low."""
    if verdict.level == "low":
        return []
    shares = {r.id: r.probability for r in verdict.scam_types}
    likeliest = verdict.scam_types[0].id if verdict.scam_types else ""
    return [s for s in verdict.similar if s.scam_type == likeliest or shares.get(s.scam_type, 0.0) >= LEAST_SHARE]
