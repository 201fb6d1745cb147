"""Building the perfect hash table of a vocabulary; scoring only reads it."""

import numpy as np

from classifier.arrays import AnyArray, Keys
from classifier.features import HashTable


def build(keys: Keys, seed: int = 1) -> HashTable:
    """A table for `keys` (no two alike), the same for the same keys and seed."""
    bits = max(4, int(np.ceil(np.log2(max(2, len(keys)) * 1.6))))
    bucket_bits = max(2, int(np.ceil(np.log2(max(2, len(keys)) / 3))))
    random = np.random.default_rng(seed)
    while True:
        first, second = (int(m) | 1 for m in random.integers(1, 2**63, 2))
        table = HashTable((first, second), np.zeros(1 << bucket_bits, np.uint32), 1 << bits)
        displacements = _displace(keys, table, random)
        if displacements is not None:
            return HashTable((first, second), displacements, 1 << bits)


def _displace(keys: Keys, table: HashTable, random: np.random.Generator) -> AnyArray | None:
    """For each bucket, largest first, a displacement that puts its keys into free slots; None where there is none."""
    buckets = table.buckets(keys)
    homes = table.slots(keys)
    if len(np.unique(buckets * table.size + homes)) < len(keys):
        return None
    order = np.argsort(buckets, kind="stable")
    counts = np.bincount(buckets, minlength=len(table.displacements))
    starts = np.concatenate(([0], np.cumsum(counts)))
    used, displacements = bytearray(table.size), np.zeros(len(counts), np.uint32)
    for bucket in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist():
        members = homes[order[starts[bucket] : starts[bucket + 1]]].tolist()
        tries = random.integers(0, table.size, 20_000).tolist() if len(members) > 1 else range(table.size)
        for displacement in tries:
            taken = [(home + displacement) & (table.size - 1) for home in members]
            if not any(used[slot] for slot in taken):
                break
        else:
            return None
        displacements[bucket] = displacement
        for slot in taken:
            used[slot] = 1
    return displacements
