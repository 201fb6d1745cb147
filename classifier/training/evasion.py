"""What it costs to talk a scam down: `python -m classifier.training.evasion datasets/evaluation/*.jsonl`.

An adversary who can ask the model edits a text that stands at `high`, greedily, until it falls below `caution`: words out,
honest words in, characters disguised. Reported with and without the normalizer's folding, and for honest text put
behind. An adversary must keep the text understandable; this one need not, so the numbers are a lower bound of the cost.
"""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier import text as normalizer
from classifier.errors import ClassifierError, DatasetError
from classifier.scam import ScamClassifier
from classifier.scoring import score
from classifier.tokenizer import Tokenizer
from classifier.training import measuring
from classifier.training.intervals import share
from classifier.training.kept import keep

MOST_EDITS = 40
N_TEXTS = 60  # attacked; the search asks the model some hundred times for each
N_HONEST = 10  # honest words tried at each place: those that speak most against a scam
N_PLACES = 6  # places tried in each step: of those left, the ones whose words speak most for a scam
APPENDED = (100, 300, 1_000, 3_000)  # characters of honest text
_KANJI = re.compile("[一-鿿]")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_HALF = dict(zip(map(ord, "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"), "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ", strict=True))  # fmt: skip
# one edit disguises one word
TRICKS: dict[str, Callable[[str], str]] = {
    "spacing": lambda word: "　".join(word),
    "width": lambda word: word.translate(_WIDE).translate(_HALF),
    "zero-width": lambda word: "\u200b".join(word),
    "masking (伏字)": lambda word: _KANJI.sub("○", word, count=1),
}
Scores = Callable[[Sequence[str]], NDArray[np.float64]]
Edit = Callable[[str], Sequence[str]]  # what may stand in place of a word


class Attack(NamedTuple):
    """Edits until each text fell below `caution`; MOST_EDITS + 1 where it did not. Shape (n_texts,)."""

    edits: NDArray[np.int64]

    @property
    def for_half(self) -> int | None:
        """Edits after which half of the texts are below `caution`; None where MOST_EDITS are not enough."""
        needed = int(np.sort(self.edits)[(len(self.edits) - 1) // 2])
        return needed if needed <= MOST_EDITS else None


def attack(scores: Scores, threshold: float, texts: Sequence[str], edit: Edit) -> Attack:
    """Greedy: in each step the edit that lowers the score most, at places ranked once by what their words add."""
    tokenizer = Tokenizer()
    return Attack(np.array([_edits(scores, threshold, _words(text, tokenizer), edit) for text in texts]))


def _edits(scores: Scores, threshold: float, words: list[str], edit: Edit) -> int:
    shown = [at for at, word in enumerate(words) if word.strip()]
    alone = scores(["".join(words[:at] + words[at + 1 :]) or " " for at in shown])
    left = [shown[k] for k in np.argsort(alone, kind="stable").tolist()]
    for step in range(1, MOST_EDITS + 1):
        options = []
        for at in left:
            options += [(at, other) for other in edit(words[at]) if other != words[at]]
            if len({at for at, _ in options}) == N_PLACES:
                break
        if not options:
            break
        found = scores(["".join([*words[:at], other, *words[at + 1 :]]) for at, other in options])
        best = int(np.argmin(found))
        at, words[at] = options[best]
        left.remove(at)
        if found[best] < threshold:
            return step
    return MOST_EDITS + 1


def _words(text: str, tokenizer: Tokenizer) -> list[str]:
    """The words of a text, its blanks and line breaks among them: joined they are the text."""
    pieces = re.split(r"(\s+)", text)
    return [word for piece in pieces for word in (tokenizer.tokens(piece) if piece.strip() else [piece])]


def folded(classifier: ScamClassifier) -> Scores:
    """The model as it is; a text without any word is no scam."""

    def log_odds(texts: Sequence[str]) -> NDArray[np.float64]:
        return classifier.log_odds([text if text.strip() else "。" for text in texts])

    return log_odds


def unfolded(classifier: ScamClassifier) -> Scores:
    """The same model for texts that were normalized before the attack and are not after it."""
    tokenizer = Tokenizer()

    def log_odds(texts: Sequence[str]) -> NDArray[np.float64]:
        found = []
        for first in range(0, len(texts), 32):
            plain = [" ".join(text.split(" ")).strip() for text in texts[first : first + 32]]
            scored = score(classifier._model, plain, [tokenizer.tokens(text) for text in plain])
            found.append(np.asarray(scored.log_odds[scored.best]))
        return np.concatenate(found) if found else np.zeros(0)

    return log_odds


def honest_words(classifier: ScamClassifier, honest: Sequence[str]) -> list[str]:
    """The N_HONEST words of honest texts beside which a neutral phrase sounds most honest."""
    tokenizer = Tokenizer()
    counts = pd.Series([word for text in honest for word in set(tokenizer.tokens(text)) if len(word) > 1]).value_counts()
    words = sorted(counts.index[:2_000])
    lowered = classifier.log_odds([f"{word}、お電話しました" for word in words])
    return [words[at] for at in np.argsort(lowered, kind="stable")[:N_HONEST].tolist()]


def measure(classifier: ScamClassifier, frame: pd.DataFrame, honest: Sequence[str], n_texts: int = N_TEXTS) -> dict[str, Any]:
    """Attacks on texts that stand at `high`, drawn at random, and honest text put behind all of them."""
    scams = frame[frame.label == "scam"]
    scams = scams[classifier.log_odds(scams.text.tolist()) >= classifier.thresholds["high"]]
    if scams.empty:
        raise DatasetError("no scam among the texts stands at high; nothing to attack")
    chosen = scams.sample(min(n_texts, len(scams)), random_state=0).text.tolist()
    words, caution = honest_words(classifier, honest), classifier.thresholds["caution"]
    model, bare = folded(classifier), unfolded(classifier)
    attacks = {
        "words deleted": attack(model, caution, chosen, lambda word: [""]),
        "honest words inserted": attack(model, caution, chosen, lambda word: [other + word for other in words]),
    }
    plain = normalizer.normalize_many(chosen)
    for name, trick in TRICKS.items():
        attacks[f"{name}, folded"] = attack(model, caution, chosen, lambda word, trick=trick: [trick(word)])  # type: ignore[misc]
        attacks[f"{name}, not folded"] = attack(bare, caution, plain, lambda word, trick=trick: [trick(word)])  # type: ignore[misc]
    random = np.random.default_rng(0)
    behind = {}
    for length in APPENDED:
        texts = [f"{text}\n{_talk(honest, length, random)}" for text in scams.text]
        hits = classifier.log_odds(texts) >= caution
        behind[f"at caution or above with {length} honest characters behind"] = share(hits, scams.group.to_numpy())
    return {"attacks": attacks, "appended": behind}


def _talk(honest: Sequence[str], length: int, random: np.random.Generator) -> str:
    lines: list[str] = []
    while sum(map(len, lines)) < length:
        lines.append(honest[int(random.integers(len(honest)))])
    return "\n".join(lines)[:length]


def kept_values(found: dict[str, Any]) -> dict[str, Any]:
    """The measures as plain values: edits after which half of the texts stand below caution (None: not by then)."""
    attacks = {name: {"for_half": a.for_half, "n": len(a.edits)} for name, a in found["attacks"].items()}
    return {"most_edits": MOST_EDITS, "attacks": attacks, "appended": found["appended"]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report."""
    parser = measuring.parser("evasion", __doc__)
    parser.add_argument("--texts", type=int, default=N_TEXTS, help=f"how many to attack (default: {N_TEXTS})")
    options = parser.parse_args(arguments)
    try:
        classifier, frame, honest = measuring.read(options)
        found = measure(classifier, frame, honest.text.tolist(), options.texts)
        if options.keep:
            keep(options.model, {"evasion": kept_values(found)})
    except ClassifierError as error:
        print(f"evasion: {error}", file=sys.stderr)
        return 1
    print(f"{'edits, one word each':48s} for half   below caution after 5, 10, 20 edits   n")
    for name, result in found["attacks"].items():
        shares = "   ".join(f"{(result.edits <= n).mean():.2f}" for n in (5, 10, 20))
        print(f"{name:48s} {result.for_half or f'over {MOST_EDITS}'!s:>8}   {shares:38s} {len(result.edits)}")
    for name, value in found["appended"].items():
        print(f"{name:60s} {value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]  n {value['n']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
