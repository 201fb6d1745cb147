"""The manifest of a batch: every input, every unit, what became of it.

It is an SQLite file that only the driver writes. A transaction is there whole or not at all, whatever is killed, and
SQLite keeps a lock while a driver lives, so that two of them never work in one folder; lines of JSON would need both built
by hand. Anybody can read it: `sqlite3 manifest.sqlite "select state, count(*), sum(rows_out) from units group by 1"`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classifier.batch.job import Job, Layout, Outcome, Plan, Source, Task, Unit
from classifier.batch.sources import Found, State
from classifier.errors import BatchError
from classifier.report.batch import Summary

NAME = "manifest.sqlite"
_FORMAT = "1"
_TABLES = """
create table if not exists job (key text primary key, value text);
create table if not exists sources (
  source integer primary key, names text, texts integer, state text, layout text, problem text);
create table if not exists files (
  name text primary key, source integer, at integer, size integer, mark text, sha256 text);
create table if not exists units (
  source integer, number integer, start integer, stop integer, first_row integer, n_rows integer,
  state text, rows_in integer, rows_out integer, rejected integer, size integer, sha256 text, counts text, problem text,
  primary key (source, number)) without rowid;
"""


class Manifest:
    """Opened by one driver at a time. Raises BatchError where another one works in the folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            self._db = sqlite3.connect(self._path, timeout=2.0, isolation_level=None)
            self._db.execute("pragma locking_mode = exclusive")
            self._db.execute("begin exclusive")
            for statement in _TABLES.split(";"):
                self._db.execute(statement)
            self.is_new = not self._db.execute("select count(*) from job").fetchone()[0]
            self._db.execute("commit")
        except sqlite3.Error as error:
            raise self._told(error) from None

    def close(self) -> None:
        self._db.close()

    def begin(self, job: Job, sources: Sequence[Source]) -> None:
        """Notes what is to be done."""
        with _Transaction(self):
            self._db.executemany("insert into job values (?, ?)", [("manifest", _FORMAT), *job.settings().items()])
            self._db.executemany(
                "insert into sources values (?, ?, ?, 'new', null, null)",
                ((s.number, json.dumps(s.names), s.texts) for s in sources),
            )
            self._db.executemany(
                "insert into files values (?, ?, ?, null, null, null)",
                ((name, s.number, at) for s in sources for at, name in enumerate(s.names)),
            )

    def check(self, job: Job, sources: Sequence[Source], states: Iterable[tuple[str, State | None, str]]) -> None:
        """Raises BatchError, in one line, where the batch in this folder is another one.

        `states` are names of files, their present states and, where these differ from the manifest, their digests.
        """
        noted = dict(self._db.execute("select key, value from job"))
        if noted.pop("manifest", None) != _FORMAT:
            raise BatchError(f"{self._path}: of another version of the package; choose another --output")
        for key, value in job.settings().items():
            if noted.get(key) != value:
                raise BatchError(
                    f"{self._path.parent}: holds a batch with another {key} ({noted.get(key)}, now {value}); "
                    "choose another --output, or --no-resume to replace it"
                )
        before = {name for (name,) in self._db.execute("select name from files")}
        now = {name for source in sources for name in source.names}
        for name in sorted(before ^ now):
            found = "new" if name in now else "missing"
            raise BatchError(self._other_input(name, found))
        for name, _, digest in states:
            noted_digest = self._db.execute("select sha256 from files where name = ?", (name,)).fetchone()[0]
            if noted_digest and digest != noted_digest:
                raise BatchError(self._other_input(name, "changed"))

    def _other_input(self, name: str, what: str) -> str:
        return (
            f"{name}: {what} since the batch in {self._path.parent} began; choose another --output, "
            "or --no-resume to replace it"
        )

    def restate(self, name: str, state: State) -> None:
        """The same content with another time of change."""
        with _Transaction(self):
            self._db.execute("update files set size = ?, mark = ? where name = ?", (*state, name))

    def states(self) -> Iterator[tuple[str, State]]:
        """The files whose content is known, as they were when they were planned."""
        rows = self._db.execute("select name, size, mark from files where size >= 0").fetchall()
        return ((name, State(size, mark)) for name, size, mark in rows)

    def unreadable(self) -> list[tuple[str, int]]:
        """Text files that could not be read when they were planned, with their sources."""
        return self._db.execute("select name, source from files where size < 0").fetchall()

    def plan_again(self, source: int) -> None:
        """Forgets the units of a source."""
        with _Transaction(self):
            self._db.execute("delete from units where source = ?", (source,))
            self._db.execute("update sources set state = 'new' where source = ?", (source,))
            self._db.execute("update files set size = null, mark = null, sha256 = null where source = ?", (source,))

    def unplanned(self) -> list[Source]:
        """Sources that have no units yet, or could not be read the last time."""
        rows = self._db.execute("select source, names, texts from sources where state <> 'planned' order by source")
        return [Source(number, tuple(json.loads(names)), bool(texts)) for number, names, texts in rows]

    def planned(self, plan: Plan, source: Source) -> None:
        """Notes the units of a source."""
        state = "failed" if plan.problem else "planned"
        layout = json.dumps(asdict(plan.layout), ensure_ascii=False) if plan.layout else None
        with _Transaction(self):
            self._db.execute(
                "update sources set state = ?, layout = ?, problem = ? where source = ?",
                (state, layout, plan.problem, plan.source),
            )
            for name, noted, digest in zip(source.names, plan.states, plan.digests, strict=False):
                self._db.execute(
                    "update files set size = ?, mark = ?, sha256 = ? where name = ?", (*noted, digest, name)
                )
            self._db.executemany(
                "insert into units values (?, ?, ?, ?, ?, ?, 'planned', 0, 0, 0, 0, null, null, null)",
                ((u.source, u.number, u.start, u.stop, u.first_row, u.n_rows) for u in plan.units),
            )

    def tasks(self) -> Iterator[Task]:
        """What is not done, in order, a source at a time."""
        found = self._db.execute("select distinct source from units where state <> 'done' order by source").fetchall()
        for (number,) in found:
            names, layout = self._db.execute("select names, layout from sources where source = ?", (number,)).fetchone()
            rows = self._db.execute("select size, mark from files where source = ? order by at", (number,))
            states = tuple(State(size, mark) for size, mark in rows)
            plain = json.loads(layout)
            arranged = Layout(**{**plain, "header": tuple(plain["header"])})
            units = self._db.execute(
                "select source, number, start, stop, first_row, n_rows from units "
                "where source = ? and state <> 'done' order by number",
                (number,),
            ).fetchall()
            for row in units:
                yield Task(Unit(*row), tuple(json.loads(names)), states, arranged)

    def finished(self, outcome: Outcome) -> None:
        """Notes what became of a unit."""
        with _Transaction(self):
            self._db.execute(
                "update units set state = ?, rows_in = ?, rows_out = ?, rejected = ?, size = ?, sha256 = ?, counts = ?, "
                "problem = ? where source = ? and number = ?",
                (
                    "failed" if outcome.problem else "done", outcome.rows_in, outcome.rows_out, outcome.rejected,
                    outcome.size, outcome.digest, json.dumps(outcome.counts, ensure_ascii=False), outcome.problem,
                    outcome.source, outcome.number,
                ),
            )  # fmt: skip

    def progress(self) -> tuple[int, int]:
        """Rows done, and rows as far as they are known."""
        done, known = self._db.execute(
            "select sum(case state when 'done' then rows_in else 0 end), "
            "sum(case state when 'done' then rows_in else n_rows end) from units"
        ).fetchone()
        return done or 0, known or 0

    def done_units(self) -> Iterator[tuple[Unit, int, int]]:
        """Units that are done, with the bytes of their part and the number of their rejects."""
        rows = self._db.execute(
            "select source, number, start, stop, first_row, n_rows, size, rejected from units "
            "where state = 'done' order by source, number"
        ).fetchall()
        return ((Unit(*row[:6]), row[6], row[7]) for row in rows)

    def forget(self, unit: Unit) -> None:
        """A part that is gone has to be made again."""
        with _Transaction(self):
            self._db.execute(
                "update units set state = 'planned' where source = ? and number = ?", (unit.source, unit.number)
            )

    def summary(self, unreadable: Sequence[Found]) -> Summary:
        """All units added up; the same whoever did them and how often."""
        counts: dict[str, dict[str, int]] = {"levels": {}, "scam_types": {}, "tactics": {}, "rejects": {}}
        totals = [0, 0, 0]
        for rows_in, rows_out, rejected, plain in self._db.execute(
            "select rows_in, rows_out, rejected, counts from units where state = 'done' order by source, number"
        ):
            totals = [a + b for a, b in zip(totals, (rows_in, rows_out, rejected), strict=True)]
            for group, labels in json.loads(plain).items():
                for label, count in labels.items():
                    counts[group][label] = counts[group].get(label, 0) + count
        problems = [one.problem for one in unreadable if one.problem]
        problems += [
            p for (p,) in self._db.execute("select problem from sources where problem is not null order by source")
        ]
        problems += [
            p for (p,) in self._db.execute("select problem from units where state = 'failed' order by source, number")
        ]
        n_units, n_done = self._db.execute("select count(*), coalesce(sum(state = 'done'), 0) from units").fetchone()
        n_files = self._db.execute("select count(*) from files").fetchone()[0]
        signature = self._db.execute("select value from job where key = 'model'").fetchone()[0]
        rows_in, rows_out, rejected = totals
        return Summary(
            signature, n_files, n_units, n_done, rows_in, rows_out, rejected,
            counts["levels"], counts["scam_types"], counts["tactics"], counts["rejects"], tuple(problems),
        )  # fmt: skip

    def _told(self, error: sqlite3.Error) -> BatchError:
        if "locked" in str(error):
            return BatchError(f"{self._path.parent}: another batch is working in this folder; wait for it or stop it")
        return BatchError(f"{self._path}: {error}; what is done stays done, run the same command again")


class _Transaction:
    """All statements or none; errors of SQLite become BatchError."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    def __enter__(self) -> None:
        self._manifest._db.execute("begin")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        try:
            self._manifest._db.execute("rollback" if kind else "commit")
        except sqlite3.Error as late:
            error = late
        if isinstance(error, sqlite3.Error):
            raise self._manifest._told(error) from None
