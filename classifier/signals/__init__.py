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
    addresses = find_addresses(folded.text)
    taken = [(signal.start, signal.end) for signal in addresses]
    phones = [p for p in find_phones(folded.text) if not any(a < p.end and p.start < b for a, b in taken)]
    taken += [(signal.start, signal.end) for signal in phones]
    money = [m for m in find_money(folded.text) if not any(a < m.end and m.start < b for a, b in taken)]
    found = sorted([*addresses, *phones, *money], key=lambda signal: (signal.start, signal.end))
    if isinstance(folded.sources, range):  # nothing was left out: spans are those of the source
        return tuple(found)
    return tuple(
        dataclasses.replace(signal, start=folded.sources[signal.start], end=folded.sources[signal.end - 1] + 1)
        for signal in found
    )


def with_signals(verdict: Verdict, text: str) -> Verdict:
    """The verdict with the signals of the text it was given on; all else stays as it is."""
    return dataclasses.replace(verdict, signals=find_signals(text))
