"""A call while it goes on: a line for each utterance, and why when a level is reached."""

from typing import Any

from classifier.consult import contacts_for
from classifier.report.safe import visible
from classifier.report.terminal import WIDTH, wrap
from classifier.report.wording import DOTS, LEVELS, LIMITS, SIGNALS, headline, likely_tactics, percent, top_types
from classifier.taxonomy import japanese_name
from classifier.transcript import Utterance
from classifier.verdict import Level, Signal, Verdict

_MOST_WORDS = 3


def as_line(number: int, utterance: Utterance, verdict: Verdict, signals: tuple[Signal, ...]) -> str:
    """「  3 ●●○ 注意  45.2 %  相手: 先週摘発した…」 in one line of a terminal, then the facts found in the utterance."""
    said = f"{utterance.speaker}: {utterance.text}" if utterance.speaker else utterance.text
    head = f"{number:4d} {DOTS[verdict.level]} {LEVELS[verdict.level]} {percent(verdict.probability):>7s}  "
    lines = wrap(head + visible(said).replace("\n", " ").replace("\t", " "), WIDTH - 2)
    shown = [lines[0] + ("…" if len(lines) > 1 else "")]
    for signal in signals:
        words = visible(utterance.text[signal.start : signal.end])
        shown += wrap(f"     ◇ {SIGNALS.get(signal.kind, signal.kind)}「{words}」 {signal.meaning}")
    return "\n".join(shown) + "\n"


def as_alarm(level: Level, verdict: Verdict, stretch: str) -> str:
    """That a level was reached, by which words, and what to do; `stretch` is the text that the verdict points into."""
    words = [
        f"「{visible(stretch[e.start : e.end]).replace(chr(10), ' ')}」{e.contribution:+.1f}"
        for e in verdict.strongest(_MOST_WORDS)
    ]
    lines = [f"  ▲ 類似が「{LEVELS[level]}」に達しました", "    似ていると判断した語: " + "、".join(words)]
    types = "、".join(f"{ja} {share}" for ja, share in top_types(verdict))
    tactics = "、".join(japanese_name("tactics", tactic.id) for tactic in likely_tactics(verdict))
    if types:
        lines.append(f"    似ている手口: {types}")
    if tactics:
        lines.append(f"    使われている手段: {tactics}")
    phones = "、".join(f"{contact.phone} {contact.name}" for contact in contacts_for()[:3])
    lines.append(f"    切って、自分で調べた番号で確かめてください。相談先: {phones}")
    return "\n".join(part for line in lines for part in wrap(line)) + "\n"


def as_end(verdict: Verdict) -> str:
    """The last words: the strongest stretch of the call, and the limits."""
    lines = [headline(verdict), LIMITS, str(verdict.signature)]
    return "\n".join(part for line in lines for part in wrap(line)) + "\n"


def as_event(
    number: int,
    utterance: Utterance,
    verdict: Verdict,
    signals: tuple[Signal, ...],
    reached: Level | None,
    stretch: str,
) -> dict[str, Any]:
    """One utterance for a machine; evidence stands where a level was reached, with its words."""
    plain = verdict.to_dict()
    shown = {name: plain[name] for name in ("level", "probability", "prior", "log_odds", "signature")}
    evidence = [
        {"text": _encodable(stretch[e.start : e.end]), "contribution": e.contribution} for e in verdict.strongest(10)
    ]
    return {
        "utterance": number,
        "speaker": utterance.speaker and _encodable(utterance.speaker),
        "start": utterance.start,
        **shown,
        "reached": reached,
        "scam_types": plain["scam_types"][:_MOST_WORDS],
        "tactics": plain["tactics"],
        "evidence": evidence if reached else [],
        "signals": [
            {"kind": s.kind, "text": _encodable(utterance.text[s.start : s.end]), "meaning": s.meaning} for s in signals
        ],
    }


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
