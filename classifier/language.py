"""Whether there is enough Japanese to judge."""

import itertools
import math
import re

FEWEST_LETTERS = 5  # fewer Japanese letters than this say nothing: 「はい」「もしもし」
JAPANESE_SHARE = 0.3  # of all letters; below it the text is in another language
_JAPANESE = re.compile(r"[ぁ-ゖァ-ヺ一-鿿々ｦ-ﾝ]")
_OTHER = re.compile(r"[^\W\d_ぁ-ゖァ-ヺ一-鿿々ーｦ-ﾟ]")


def is_insufficient(source: str) -> bool:
    """Too little to judge: under `FEWEST_LETTERS` Japanese letters, or most letters are of another language."""
    n_other = len(_OTHER.findall(source))
    needed = max(FEWEST_LETTERS, math.ceil(n_other * JAPANESE_SHARE / (1 - JAPANESE_SHARE)))
    return len(list(itertools.islice(_JAPANESE.finditer(source), needed))) < needed
