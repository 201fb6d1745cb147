"""Surface tokens by MeCab (fugashi) with the unidic-lite dictionary. Another dictionary is another tokenizer."""

import re

from classifier.tagger import surfaces

# MeCab's lattice grows with the sentence, so a long text is read in pieces; each cut falls on a blank where there is one.
_PIECE = 2_000
# From each character of a word it does not know MeCab looks for the end of its kind, in time with the square of the run.
# Nobody writes a word this long; a blank behind it is a cut, and no token. Hiragana and kanji are known.
_ENDLESS = re.compile(r"[^ ぁ-ゖ一-鿿]{100}")


class Tokenizer:
    """Splits normalized text into surfaces. May be shared between threads; is made anew when unpickled."""

    def __init__(self) -> None:
        shared = surfaces()
        self._tagger, self._lock, self.dictionary = shared.tagger, shared.lock, shared.dictionary

    def __reduce__(self) -> tuple[type["Tokenizer"], tuple[()]]:
        return Tokenizer, ()

    def tokens(self, text: str) -> list[str]:
        """The surfaces of a normalized text, in order; blanks are no tokens."""
        with self._lock:  # a tagger is not thread-safe, and its output is a copy only once `parse` has returned
            if len(text) <= _PIECE:
                return str(self._tagger.parse(text)).split()
            return [
                token for piece in _pieces(_ENDLESS.sub(r"\g<0> ", text)) for token in self._tagger.parse(piece).split()
            ]


def _pieces(text: str) -> list[str]:
    """Cuts of at most `_PIECE` characters."""
    pieces, at = [], 0
    while len(text) - at > _PIECE:
        cut = text.rfind(" ", at + _PIECE // 2, at + _PIECE)
        cut = cut + 1 if cut >= 0 else at + _PIECE
        pieces.append(text[at:cut])
        at = cut
    return [*pieces, text[at:]]
