"""MeCab taggers of this process: one for each kind of output, however many models are loaded.

fugashi never gives a tagger back: with one each, a process that loads a model again and again would map 260 MB of
dictionary anew each time.
"""

import os
import threading
from functools import cache
from typing import Any


class Tagger:
    """A fugashi tagger, its lock (it is not thread-safe), and the name of its dictionary."""

    def __init__(self, options: str, features: bool) -> None:
        import fugashi
        import unidic_lite

        folder = unidic_lite.DICDIR
        kind: Any = fugashi.Tagger if features else fugashi.GenericTagger
        self.tagger = kind(f'{options} -r "{os.path.join(folder, "mecabrc")}" -d "{folder}"')
        self.lock = threading.Lock()
        with open(os.path.join(folder, "version"), encoding="utf-8") as file:
            version = file.read().strip()
        self.dictionary = f"unidic-lite-{version}-{self.tagger.dictionary_info[0]['size']}"


@cache
def surfaces() -> Tagger:
    """Gives the surfaces of a text, with blanks between them."""
    return Tagger("-Owakati", features=False)


@cache
def nodes() -> Tagger:
    """Gives the words of a text with their features. A node is only good until the tagger's next call."""
    return Tagger("", features=True)


def _forget() -> None:
    """A process that was forked off may find a lock held by a thread that it has not."""
    surfaces.cache_clear()
    nodes.cache_clear()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget)
