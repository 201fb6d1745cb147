"""A verdict on a terminal 80 columns wide. Marks are brackets first, colour second."""

from classifier.report.safe import columns, visible
from classifier.report.wording import LIMITS, SIGNALS, headline, likely_tactics, near_scripts, top_types
from classifier.taxonomy import japanese_name
from classifier.verdict import Evidence, Verdict

WIDTH = 80
MOST_MARKED = 8
MOST_SIGNALS = 6
_NOTABLE = 0.1  # log-odds taken off as everyday talk that are worth a line
MOST_CHARACTERS = 2_000  # of a long text, the window that decided is shown
_FOR, _AGAINST, _PLAIN = "\x1b[1;31m", "\x1b[36m", "\x1b[0m"


def as_text(verdict: Verdict, text: str, name: str | None = None, *, color: bool = False) -> str:
    """The report of one verdict; `text` is the source that was scored."""
    lines = [f"== {visible(name)} ==" if name else "", headline(verdict)]
    types = top_types(verdict)
    if types:
        lines.append("似ている手口: " + "、".join(f"{ja} {share}" for ja, share in types))
        tactics = [japanese_name("tactics", tactic.id) for tactic in likely_tactics(verdict)]
        lines.append("使われている手段: " + ("、".join(tactics) or "はっきりしたものなし"))
        lines += [f"近い公表手口: {visible(s.script)}（{visible(s.source)}）" for s in near_scripts(verdict)[:1]]
    lines += ["", *_marked(verdict, text, color), "", "【+…】似ていると判断した語　〔-…〕似ていないと判断した語"]
    strongest = verdict.strongest(5) + verdict.strongest(3, against=True)
    lines += [f"  {e.contribution:+.2f}  {visible(text[e.start : e.end]).replace(chr(10), ' ')}" for e in strongest]
    if verdict.everyday <= -_NOTABLE:
        lines.append(f"  {verdict.everyday:+.2f}  ふだんの会話に似ている分")
    if verdict.signals:
        lines.append("番号・リンク・金額など（点数には入らない）")
    for signal in verdict.signals[:MOST_SIGNALS]:
        words = visible(text[signal.start : signal.end]).replace("\n", " ")
        lines.append(
            f"  ◇ {SIGNALS.get(signal.kind, signal.kind)}「{words}」 {signal.meaning}（{signal.source} {signal.date}）"
        )
    if len(verdict.signals) > MOST_SIGNALS:
        lines.append(f"  ほかに {len(verdict.signals) - MOST_SIGNALS} か所")
    if verdict.cleaned:
        lines.append(f"文字でない記号 {verdict.cleaned} 個を除いて読みました。")
    lines += [LIMITS, str(verdict.signature)]
    return "\n".join(part for line in lines[0 if name else 1 :] for part in wrap(line)) + "\n"


def _marked(verdict: Verdict, text: str, color: bool) -> list[str]:
    begin, end = verdict.window if len(text) > MOST_CHARACTERS else (0, len(text))
    chosen = verdict.strongest(MOST_MARKED) + verdict.strongest(MOST_MARKED // 2, against=True)
    pieces, at = [], begin
    for evidence in sorted(chosen, key=lambda e: e.start):
        pieces += [visible(text[at : evidence.start]), _mark(evidence, text, color)]
        at = evidence.end
    pieces.append(visible(text[at:end]))
    lines = "".join(pieces).split("\n")
    if (begin, end) != (0, len(text)):
        lines.insert(0, f"(全 {len(text)} 文字のうち、判断を決めた {begin + 1}〜{end} 文字目)")
    return lines


def _mark(evidence: Evidence, text: str, color: bool) -> str:
    words = visible(text[evidence.start : evidence.end])
    opening, closing, paint = ("【+", "】", _FOR) if evidence.contribution > 0 else ("〔-", "〕", _AGAINST)
    marked = "\n".join(f"{opening}{line}{closing}" if line.strip() else line for line in words.split("\n"))
    return f"{paint}{marked}{_PLAIN}" if color else marked


def wrap(line: str, width: int = WIDTH) -> list[str]:
    """Cuts a line at `width` columns; a kanji takes two, a colour code none."""
    lines, current, column, escape = [], "", 0, False
    for character in line:
        escape = escape or character == "\x1b"
        taken = 0 if escape else columns(character)
        if escape and character == "m":
            escape = False
        if column + taken > width:
            lines.append(current)
            current, column = "", 0
        current, column = current + character, column + taken
    return [*lines, current]
