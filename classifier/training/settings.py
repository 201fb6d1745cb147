"""What a model is made with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What a model is made with; chosen on grouped folds (`classifier.training.ablation`; models/README.md has the table)."""

    token_ngrams: tuple[int, int] = (1, 2)
    character_ngrams: tuple[int, int] = (2, 3)
    fewest_token: int = 2  # records that hold a term, for it to be one
    fewest_character: int = 3
    most_terms: int = 60_000  # of each block, the most frequent
    n_cues: int = 600
    fewest_pair: int = 6
    shortest: float = 0.5  # least norm of a block of a row, as a share of the median norm
    inverse_penalty: float = 2.0  # C of both scam heads
    ordinary_weight: float = 0.25  # of an ordinary text in the scam head; the everyday head has them whole
    utterance_weight: float = 0.1  # of an utterance of an ordinary text, in the everyday head
    label_inverse_penalty: float = 10.0
    n_label_terms: int = 20_000
    variants: tuple[str, ...] = ("opening", "misheard", "kana", "masked")  # kinds of training/augment.py
    augmented: float = 1.0  # share of the records that come with a variant; they are never measured on
    n_folds: int = 5
    caution: float = 0.05  # share of our own honest records at that level or above, on grouped folds
    high: float = 0.015
