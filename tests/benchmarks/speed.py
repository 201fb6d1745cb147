"""How close scoring comes to the bare tokenizer: `python tests/benchmarks/speed.py [--json FILE]`.

Every row is a ratio, measured in turns in one run on one core: the bare parse, `fugashi.Tagger("-Owakati").parse` of the
same texts, runs just before each row. Absolute times move with the machine; ratios hardly.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import fugashi

from classifier import ScamClassifier, text
from classifier.training.documents import Document
from classifier.training.export import StrongestWindow, as_pipeline
from classifier.windows import lay_out

sys.path.insert(0, str(Path(__file__).parent))
from peers import peers
from turns import ROOT, beside, sample, seconds


class Row(NamedTuple):
    """A measure, its value, and what it should be: `most` (or `least`)."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None


class Naive(StrongestWindow):
    """The same pipeline as one writes it first: the surfaces of a Tagger's nodes, one by one."""

    def read(self, texts: Sequence[str]) -> list[Document]:
        tagger = fugashi.Tagger()
        normalized = [text.normalize(one) for one in texts]
        return [Document(one, [node.surface for node in tagger(one)]) for one in normalized]


def scoring(texts: list[str]) -> Iterable[Row]:
    classifier = ScamClassifier.load()
    tagger = fugashi.Tagger("-Owakati")
    model = classifier._model
    normalized = text.normalize_many(texts)
    tokens = [classifier._tokenizer.tokens(t) for t in normalized]
    batches = [(normalized[k : k + 32], tokens[k : k + 32]) for k in range(0, len(texts), 32)]
    layouts = [lay_out(*batch) for batch in batches]
    hits = [model.vocabulary.hits(one.text, one.tokens) for one in layouts]
    spread = [one.spread(found) for one, found in zip(layouts, hits, strict=True)]
    ratios = beside(
        lambda: [tagger.parse(t) for t in texts],
        {
            "stage: fold": lambda: text.normalize_many(texts),
            "stage: tokenize what was folded": lambda: [classifier._tokenizer.tokens(t) for t in normalized],
            "stage: look up n-grams": lambda: [model.vocabulary.hits(one.text, one.tokens) for one in layouts],
            "stage: windows": lambda: [lay_out(*b).spread(h) for b, h in zip(batches, hits, strict=True)],
            "stage: rows and log-odds": lambda: [
                model.scam.log_odds(model.scam.rows(w, h.terms[k], one.n_windows))
                for (w, k), h, one in zip(spread, hits, layouts, strict=True)
            ],
            "stage: cue pairs": lambda: [
                model.cues.present(h.numbers, one.token_ranges) for h, one in zip(hits, layouts, strict=True)
            ],
            "predict_proba, batch": lambda: classifier.predict_proba(texts),
            "predict_proba, one at a time": lambda: [classifier.predict_proba([t]) for t in texts],
            "classify_many": lambda: classifier.classify_many(texts),
            "classify, one at a time": lambda: [classifier.classify(t) for t in texts],
        },
    )
    for name, value in ratios.items():
        limit = {"predict_proba, batch": 2.1, "predict_proba, one at a time": 2.9}.get(name)
        yield Row(f"{name} / bare parse", value, most=limit)
    both = beside(lambda: classifier.predict_proba(texts), {"verdicts": lambda: classifier.classify_many(texts)})
    yield Row("classify_many / predict_proba", both["verdicts"], most=2.0)
    pipeline, few = as_pipeline(model), texts[:60]
    ways = {"exported": pipeline, "naive": Naive(pipeline["strongest_window"].pipeline)}
    call = beside(
        lambda: classifier.predict_proba(few),
        {name: partial(way.predict_proba, few) for name, way in ways.items()},
        rounds=5,
    )
    each = beside(
        lambda: [classifier.predict_proba([t]) for t in few],
        {name: lambda way=way: [way.predict_proba([t]) for t in few] for name, way in ways.items()},
        rounds=5,
    )
    for name in ways:
        limits = {"naive": (4.0, 7.0)}.get(name, (None, None))
        yield Row(f"scikit-learn pipeline, {name} / predict_proba, one call", call[name], least=limits[0])
        yield Row(f"scikit-learn pipeline, {name} / predict_proba, text by text", each[name], least=limits[1])
    difference = abs(pipeline.predict_proba(few) - classifier.predict_proba(few)).max()
    yield Row("largest difference from the pipeline", float(difference), most=1e-9)


def others(texts: list[str]) -> Iterable[Row]:
    """Peers that are installed, beside the bare parse of as many texts."""
    tagger = fugashi.Tagger("-Owakati")
    for name, work, n_texts in peers(texts):
        few = texts[:n_texts]
        ratio = beside(lambda few=few: [tagger.parse(t) for t in few], {"": work}, rounds=3)
        yield Row(f"{name} / bare parse", ratio[""])


def by_length(texts: list[str]) -> Iterable[Row]:
    """Time per character of long texts against that of 100 characters."""
    classifier = ScamClassifier.load()
    joined = "\n".join(texts)
    while len(joined) < 100_000:
        joined += "\n" + joined
    cut = lambda size: [joined[k : k + size] for k in range(0, 100_000, size)]  # noqa: E731
    sizes = (1_000, 10_000, 100_000)
    short = cut(100)
    ratios = beside(
        lambda: classifier.predict_proba(short),
        {str(size): partial(classifier.predict_proba, cut(size)) for size in sizes},
        rounds=5,
    )
    for size in sizes:
        yield Row(f"time a character, texts of {size} / of 100", ratios[str(size)], most=1.5)


def live(texts: list[str]) -> Iterable[Row]:
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
    yield Row("monitor: utterance 1,000 / utterance 10", statistics.median(late) / statistics.median(early), most=1.3)


def processes(texts: list[str]) -> Iterable[Row]:
    """Two processes against one, steady state."""
    from joblib import Parallel, delayed
    from work import score_part

    parts = [texts] * 8

    def run(n: int) -> float:
        with Parallel(n_jobs=n) as parallel:
            parallel(delayed(score_part)(part[:4]) for part in parts)  # workers load the model
            return statistics.median(
                seconds(lambda: parallel(delayed(score_part)(part) for part in parts)) for _ in range(3)
            )

    if (os.cpu_count() or 1) > 1:
        yield Row("one process / two", run(1) / run(2), least=1.7)


def cold(folder: Path) -> Iterable[Row]:
    """Whole processes: a first score, the command, and the same through joblib, against `import numpy`."""
    import joblib

    pipeline = folder / "pipeline.joblib"
    joblib.dump(as_pipeline(ScamClassifier.load()._model), pipeline)
    first = "from classifier import ScamClassifier; ScamClassifier.load().predict_proba(['還付金のお知らせです'])"
    through = f"import joblib; joblib.load({str(pipeline)!r}).predict_proba(['還付金のお知らせです'])"
    case = str(ROOT / "tests" / "cases" / "texts" / "fake_police_call.txt")
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as pip leaves it
    run = lambda *command: subprocess.run(  # noqa: E731
        [sys.executable, *command], cwd=ROOT, env=compiled, capture_output=True, check=True
    )
    run("-m", "classifier.cli", "score", case)
    numpy = partial(run, "-c", "import numpy")
    ratios = beside(
        numpy, {"first": partial(run, "-c", first), "command": partial(run, "-m", "classifier.cli", "score", case)}
    )
    yield Row("first score, whole process / import numpy", ratios["first"], most=1.5)
    yield Row("scamtext score FILE, whole process / import numpy", ratios["command"], most=2.5)
    exported = beside(partial(run, "-c", through), {"": partial(run, "-c", first)}, rounds=5)
    yield Row("first score / first score through joblib", exported[""], most=0.1)


def memory() -> Iterable[Row]:
    """Peak after the first score, and own (anonymous) memory after 5,000 texts, in MB."""
    if not sys.platform.startswith("linux"):
        return
    code = (
        "from classifier import ScamClassifier\nc=ScamClassifier.load()\n"
        "look=lambda name: print([int(l.split()[1])/1024 for l in open('/proc/self/status') if l.startswith(name)][0])\n"
        "c.predict_proba(['還付金のお知らせです'])\nlook('VmHWM')\n"
        "for k in range(50):\n    c.predict_proba([f'{k}番の窓口です。還付金の書類を{j}日までにお持ちください。'*8 for j in range(100)])\n"
        "look('RssAnon')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    peak, own = map(float, done.stdout.split())
    yield Row("peak memory after the first score, MB", peak, most=64)
    yield Row("own memory after 5,000 texts, MB", own, most=64)


def sizes() -> Iterable[Row]:
    """The model folder without its metrics, in MB."""
    folder = ROOT / "models" / "scam-ja"
    total = sum(path.stat().st_size for path in folder.iterdir() if path.name != "metrics.json")
    yield Row("model folder, MB", total / 1e6, most=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(everywhere)})
    texts = sample()
    rows = [Row("characters a text", sum(map(len, texts)) / len(texts)), *scoring(texts), *others(texts)]
    rows += [*by_length(texts), *live(texts)]
    with tempfile.TemporaryDirectory() as folder:
        rows += cold(Path(folder))
    rows += [*memory(), *sizes()]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, everywhere)
    rows += processes(texts)
    print(f"{'measure':58s} {'value':>9s}  limit")
    for row in rows:
        limit = "" if row.most is row.least is None else f"<= {row.most:g}" if row.most else f">= {row.least:g}"
        missed = (row.most is not None and row.value > row.most) or (row.least is not None and row.value < row.least)
        print(f"{row.name:58s} {row.value:9.3g}  {limit}{'  missed' if missed else ''}")
    if options.json:
        options.json.write_text(json.dumps([row._asdict() for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
