"""How close scoring comes to the bare tokenizer: `python tests/benchmarks/speed.py [--json FILE]`.

Every row is a ratio of medians, measured in turns with one `fugashi.Tagger("-Owakati").parse` of the same texts in one run
on one core. Absolute times move with the machine; ratios hardly.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import fugashi

from classifier import ScamClassifier, text
from classifier.training import dataset
from classifier.training.export import as_pipeline

ROOT = Path(__file__).parents[2]
ROUNDS = 9
N_TEXTS = 400


def sample() -> list[str]:
    """Half calls, half messages of our own corpus, about 350 characters on average."""
    corpus = dataset.load(ROOT / "datasets")
    long = corpus[(corpus.text.str.len() >= 200) & (corpus.text.str.len() < 900)]
    halves = [
        long[long.unit == unit].sample(N_TEXTS // 2, random_state=0).text.tolist() for unit in ("transcript", "message")
    ]
    return [one for pair in zip(*halves, strict=True) for one in pair]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(jobs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each job; in every round each runs once, one after the other."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, work in jobs.items():
            times[name].append(seconds(work))
    return {name: statistics.median(values) for name, values in times.items()}


def scoring(texts: list[str]) -> list[tuple[str, float]]:
    classifier = ScamClassifier.load()
    parse = fugashi.Tagger("-Owakati").parse
    model = classifier._model
    normalized = [text.normalize(t) for t in texts]
    tokens = [classifier._tokenizer.tokens(t) for t in normalized]
    medians = in_turns(
        {
            "bare parse": lambda: [parse(t) for t in texts],
            "normalize": lambda: [text.normalize(t) for t in texts],
            "normalize + tokenize": lambda: [classifier._tokenizer.tokens(text.normalize(t)) for t in texts],
            "look up, weigh, sum (batches of 32)": lambda: [
                classifier._score(normalized[k : k + 32], tokens[k : k + 32]) for k in range(0, len(texts), 32)
            ],
            "predict_proba, batch": lambda: classifier.predict_proba(texts),
            "predict_proba, one at a time": lambda: [classifier.predict_proba([t]) for t in texts],
            "classify_many (evidence, types, tactics)": lambda: classifier.classify_many(texts),
            "classify, one at a time": lambda: [classifier.classify(t) for t in texts],
        }
    )
    bare = medians["bare parse"]
    rows = [(f"{name} / bare parse", medians[name] / bare) for name in medians]
    rows.append(
        (
            "classify_many / predict_proba",
            medians["classify_many (evidence, types, tactics)"] / medians["predict_proba, batch"],
        )
    )
    pipeline = as_pipeline(model)
    few = texts[:60]
    naive = in_turns(
        {
            "ours": lambda: classifier.predict_proba(few),
            "theirs": lambda: pipeline.predict_proba(few),
            "ours, one": lambda: [classifier.predict_proba([t]) for t in few],
            "theirs, one": lambda: [pipeline.predict_proba([t]) for t in few],
        },
        rounds=5,
    )
    rows.append(("scikit-learn pipeline / predict_proba, one call", naive["theirs"] / naive["ours"]))
    rows.append(("scikit-learn pipeline / predict_proba, text by text", naive["theirs, one"] / naive["ours, one"]))
    rows.append(
        (
            "largest difference from the pipeline",
            float(abs(pipeline.predict_proba(few) - classifier.predict_proba(few)).max()),
        )
    )
    return rows


def by_length(texts: list[str]) -> list[tuple[str, float]]:
    """Time per character of long texts against that of 100 characters."""
    classifier = ScamClassifier.load()
    joined = "\n".join(texts)
    while len(joined) < 100_000:
        joined += "\n" + joined
    jobs = {}
    for size in (100, 1_000, 10_000, 100_000):
        pieces = [joined[k : k + size] for k in range(0, 100_000, size)]
        jobs[str(size)] = lambda pieces=pieces: classifier.predict_proba(pieces)
    medians = in_turns(jobs, rounds=5)
    return [
        (f"time a character, texts of {size} / of 100", medians[str(size)] / medians["100"])
        for size in (1_000, 10_000, 100_000)
    ]


def live(texts: list[str]) -> list[tuple[str, float]]:
    """Cost of one more utterance late in a call against early."""
    classifier = ScamClassifier.load()
    lines = [line for t in texts for line in t.split("\n") if line.strip()]
    early: list[float] = []
    late: list[float] = []
    for _ in range(5):
        monitor = classifier.monitor()
        for number in range(1_020):
            taken = seconds(partial(monitor.feed, lines[number % len(lines)]))
            if 6 <= number < 26:
                early.append(taken)
            if number >= 1_000:
                late.append(taken)
    return [("monitor: utterance 1,000 / utterance 10", statistics.median(late) / statistics.median(early))]


def processes(texts: list[str]) -> list[tuple[str, float]]:
    """Two processes against one, steady state."""
    from joblib import Parallel, delayed

    sys.path.insert(0, str(Path(__file__).parent))
    from work import score_part

    parts = [texts] * 8

    def run(n: int) -> float:
        with Parallel(n_jobs=n) as parallel:
            parallel(delayed(score_part)(part[:4]) for part in parts)  # workers load the model
            return statistics.median(
                seconds(lambda: parallel(delayed(score_part)(part) for part in parts)) for _ in range(3)
            )

    return [("one process / two", run(1) / run(2))] if (os.cpu_count() or 1) > 1 else []


def cold(folder: Path) -> list[tuple[str, float]]:
    """Whole processes: a first score, the command, and the same through joblib, against `import numpy`."""
    import joblib

    classifier = ScamClassifier.load()
    pipeline = folder / "pipeline.joblib"
    joblib.dump(as_pipeline(classifier._model), pipeline)
    first = "from classifier import ScamClassifier; ScamClassifier.load().predict_proba(['還付金のお知らせです'])"
    through = f"import joblib; joblib.load({str(pipeline)!r}).predict_proba(['還付金のお知らせです'])"
    case = str(ROOT / "tests" / "cases" / "fake_police_call.txt")
    jobs = {
        "numpy": [sys.executable, "-c", "import numpy"],
        "first score": [sys.executable, "-c", first],
        "joblib": [sys.executable, "-c", through],
        "command": [sys.executable, "-m", "classifier.cli", "score", case],
    }
    run = lambda command: subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: E731
    medians = in_turns({name: (lambda command=command: run(command)) for name, command in jobs.items()}, rounds=7)
    return [
        ("first score, whole process / import numpy", medians["first score"] / medians["numpy"]),
        ("first score / first score through joblib", medians["first score"] / medians["joblib"]),
        ("scamtext score FILE, whole process / import numpy", medians["command"] / medians["numpy"]),
    ]


def memory() -> list[tuple[str, float]]:
    """Peak after the first score, and own (anonymous) memory after 5,000 texts, in MB."""
    code = (
        "from classifier import ScamClassifier\nc=ScamClassifier.load()\n"
        "c.predict_proba(['還付金のお知らせです'])\nprint([int(l.split()[1])/1024 for l in open('/proc/self/status') if l.startswith('VmHWM')][0])\n"
        "for k in range(50):\n    c.predict_proba([f'{k}番の窓口です。還付金の書類を{j}日までにお持ちください。'*8 for j in range(100)])\n"
        "print([int(l.split()[1])/1024 for l in open('/proc/self/status') if l.startswith('RssAnon')][0])"
    )
    if not sys.platform.startswith("linux"):
        return []
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    peak, own = map(float, done.stdout.split())
    return [("peak memory after the first score, MB", peak), ("own memory after 5,000 texts, MB", own)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(everywhere)})
    texts = sample()
    rows = [("characters a text", sum(map(len, texts)) / len(texts)), *scoring(texts), *by_length(texts), *live(texts)]
    with tempfile.TemporaryDirectory() as folder:
        rows += cold(Path(folder))
    rows += memory()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, everywhere)
    rows += processes(texts)
    for name, value in rows:
        print(f"{name:60s} {value:10.3g}")
    if options.json:
        options.json.write_text(json.dumps(dict(rows), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
