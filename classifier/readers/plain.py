"""Plain text, with or without the names of the speakers."""

import itertools

from classifier.readers.labels import Turn, take_apart
from classifier.transcript import Transcript, Utterance


def read_plain(text: str, name: str | None) -> Transcript:
    """Utterances with speaker and start where most lines carry them; otherwise one utterance, the text as it stands.

    >>> [(u.speaker, u.text) for u in read_plain("相手:もしもし\\n本人:はい", None).utterances]
    [('相手', 'もしもし'), ('本人', 'はい')]
    """
    turns = take_apart([line for line in text.split("\n") if line.strip()])
    if turns is None:
        return Transcript.of(text.strip("\r\n"), name)
    return Transcript(tuple(_utterances(turns)), name)


def _utterances(turns: list[Turn]) -> list[Utterance]:
    joined: list[Turn] = []
    for turn in turns:
        if joined and turn.speaker is None and turn.start is None:
            last = joined[-1]
            joined[-1] = last._replace(text=f"{last.text}\n{turn.text}" if last.text else turn.text)
        else:
            joined.append(turn)
    return [Utterance(_unquoted(turn), turn.speaker, turn.start, turn.end) for turn in joined if turn.text]


def _unquoted(turn: Turn) -> str:
    """「A「もしもし」」 says もしもし; quotations inside the words stay."""
    text = turn.text
    if not (turn.speaker and text.startswith("「") and text.endswith("」")):
        return text
    inside = text[1:-1]
    depths = list(itertools.accumulate((c == "「") - (c == "」") for c in inside))
    return inside.strip() if min(depths, default=0) >= 0 and not sum(depths[-1:]) else text
