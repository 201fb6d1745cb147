"""Facts found in a text: telephone numbers, addresses, amounts, means of payment. Beside the score, never inside it.

A signal never says that a text is harmless: displays of numbers and addresses can be forged.
"""

import dataclasses

from classifier.signals.addresses import find_addresses
from classifier.signals.money import find_money
from classifier.signals.phones import find_phones
from classifier.signals.plain import plain
from classifier.verdict import Signal, Verdict

__all__ = ["find_signals", "with_signals"]


def find_signals(text: str) -> tuple[Signal, ...]:
    """The signals of a text in its order; spans are characters of `text`.

    >>> [signal.kind for signal in find_signals("+1 202-555-0110 へ、ATMで50万円")]
    ['phone_international_0110', 'atm', 'amount']
    """
    folded = plain(text)
    found: list[Signal] = []
    taken = bytearray(len(folded.text))  # 1 for each character of a signal found before
    for find in (find_addresses, find_phones, find_money):
        apart = [signal for signal in find(folded.text) if taken.find(1, signal.start, signal.end) < 0]
        for signal in apart:
            taken[signal.start : signal.end] = b"\1" * (signal.end - signal.start)
        found += apart
    found.sort(key=lambda signal: (signal.start, signal.end))
    if isinstance(folded.sources, range):  # nothing was left out: spans are those of the source
        return tuple(found)
    return tuple(
        dataclasses.replace(signal, start=folded.sources[signal.start], end=folded.sources[signal.end - 1] + 1)
        for signal in found
    )


def with_signals(verdict: Verdict, text: str) -> Verdict:
    """The verdict with the signals of the text it was given on; all else stays as it is."""
    return dataclasses.replace(verdict, signals=find_signals(text))
