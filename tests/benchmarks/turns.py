"""Measuring in turns: a noisy machine moves absolute times, ratios of neighbours hardly."""

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from classifier.training import dataset

ROOT = Path(__file__).parents[2]
N_TEXTS = 400
Job = Callable[[], object]


def sample(n_texts: int = N_TEXTS) -> list[str]:
    """Half calls, half messages of our own corpus, about 350 characters on average."""
    corpus = dataset.load(ROOT / "datasets")
    long = corpus[(corpus.text.str.len() >= 260) & (corpus.text.str.len() < 900)]
    halves = [
        long[long.unit == unit].sample(n_texts // 2, random_state=0).text.tolist() for unit in ("transcript", "message")
    ]
    return [one for pair in zip(*halves, strict=True) for one in pair]


def seconds(work: Job) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def beside(base: Job, jobs: Mapping[str, Job], rounds: int = 9) -> dict[str, float]:
    """Median over the rounds of each job's time over that of `base`, which runs just before it."""
    ratios: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, work in jobs.items():
            before = seconds(base)
            ratios[name].append(seconds(work) / before)
    return {name: statistics.median(values) for name, values in ratios.items()}
