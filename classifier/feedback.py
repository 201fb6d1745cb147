"""Corrections of verdicts by the people who read them, kept in one SQLite file.

A text is stored only with consent. Every correction is a transaction of its own: writers in several processes wait for
each other, and what was answered with an id is on the disk, whatever happens to the server after that.
"""

import datetime
import json
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from classifier.errors import FeedbackError, UnknownLabelError
from classifier.taxonomy import CHANNELS, labels

FORMAT = 1
MOST_TEXT = 100_000  # characters
MOST_BYTES = 1 << 30  # of the file; a stranger who fills it fills no disk
_BUSY = 30.0  # seconds that a writer waits for the others
_PAGE = 4096
_APPLICATION = 0x73636D66  # tells our file from other SQLite files
_MAGIC = b"SQLite format 3\0"
_TABLE = """
CREATE TABLE correction (
  id TEXT PRIMARY KEY,
  created TEXT NOT NULL,
  label TEXT NOT NULL CHECK (label IN ('scam', 'benign')),
  scam_type TEXT, domain TEXT, tactics TEXT NOT NULL, channel TEXT,
  consent INTEGER NOT NULL CHECK (consent IN (0, 1)),
  redacted INTEGER NOT NULL CHECK (redacted IN (0, 1)),
  text TEXT CHECK (consent = 1 OR text IS NULL),
  level TEXT, log_odds REAL, signature TEXT
)
"""
_FIELDS = (
    "id", "created", "label", "scam_type", "domain", "tactics", "channel", "redacted", "text", "level", "log_odds", "signature",
)  # fmt: skip


def _new_id() -> str:
    return uuid.uuid4().hex


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reader says a text is. Raises UnknownLabelError, FeedbackError for what it cannot be.

    Whoever makes one with a `text` has the consent of the person who gave it.
    """

    label: str  # scam or benign
    scam_type: str | None = None  # of a scam, where known
    domain: str | None = None  # of an honest text, where known
    tactics: tuple[str, ...] = ()
    channel: str | None = None
    text: str | None = None
    redacted: bool = False  # the text has masks
    level: str | None = None  # of the verdict that is corrected
    log_odds: float | None = None
    signature: str | None = None
    id: str = field(default_factory=_new_id)  # sent again with the same id, a correction is stored once
    created: str = field(default_factory=_now)  # UTC

    def __post_init__(self) -> None:
        if self.label not in ("scam", "benign"):
            raise UnknownLabelError("unknown label of a correction. Known: scam, benign")
        for value, group in ((self.scam_type, "scam_types"), (self.domain, "benign_domains")):
            if value is not None and value not in labels(group):
                raise UnknownLabelError(f"unknown label of a correction in {group}. Known: {', '.join(labels(group))}")
        if not set(self.tactics) <= set(labels("tactics")):
            raise UnknownLabelError(f"unknown tactic of a correction. Known: {', '.join(labels('tactics'))}")
        if self.channel is not None and self.channel not in CHANNELS:
            raise UnknownLabelError(f"unknown channel of a correction. Known: {', '.join(CHANNELS)}")
        if (self.scam_type or self.tactics) and self.label == "benign":
            raise FeedbackError("a correction to benign has no scam type and no tactics")
        if self.domain and self.label == "scam":
            raise FeedbackError("a correction to scam has no domain; domains are of honest texts")
        if self.text is not None and (not self.text.strip() or len(self.text) > MOST_TEXT):
            raise FeedbackError(f"the text of a correction is blank or over {MOST_TEXT} characters")


class FeedbackStore:
    """Corrections in the file `path`, made readable for its owner only. May be shared between threads and processes."""

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        """Raises FeedbackError: missing and not to be created, not ours, not writable."""
        self.path = Path(path)
        if not self.path.exists():
            if not create:
                raise FeedbackError(f"{path}: no such file; `scamtext serve --feedback` makes one")
            self._create()
        with self._connection() as connection:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            found = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != _APPLICATION:
            raise FeedbackError(f"{path}: an SQLite file of another program; name another file")
        if found != FORMAT:
            raise FeedbackError(f"{path}: format {found}, this version reads {FORMAT}; update scamtext")

    def add(self, correction: Correction) -> str:
        """Stores a correction and returns its id; it is on the disk when this returns."""
        values = {name: getattr(correction, name) for name in _FIELDS}
        values["tactics"] = json.dumps(correction.tactics)
        if correction.text is not None:  # a lone surrogate is no character and cannot be stored
            values["text"] = correction.text.encode("utf-8", "replace").decode()
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                f"INSERT OR IGNORE INTO correction ({', '.join(_FIELDS)}, consent) "
                f"VALUES ({', '.join(':' + name for name in _FIELDS)}, :consent)",
                {**values, "consent": correction.text is not None},
            )
            connection.execute("COMMIT")
        return correction.id

    def withdraw(self, identifier: str) -> bool:
        """Deletes a correction, its text overwritten with zeros; False where there is none with that id."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            deleted = connection.execute("DELETE FROM correction WHERE id = ?", (identifier,)).rowcount
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the journal holds the text, too
        return deleted > 0

    def corrections(self) -> Iterator[Correction]:
        """All corrections, in the order in which they came."""
        with self._connection() as connection:
            rows = connection.execute(f"SELECT {', '.join(_FIELDS)} FROM correction ORDER BY rowid").fetchall()
        for row in rows:
            values = dict(zip(_FIELDS, row, strict=True))
            values["tactics"], values["redacted"] = tuple(json.loads(values["tactics"])), bool(values["redacted"])
            yield Correction(**values)

    def _create(self) -> None:
        """The file appears whole or not at all, even where several processes begin at once or one is killed."""
        partial = self.path.with_name(f".{self.path.name}.{_new_id()}")
        try:
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            connection = sqlite3.connect(partial, isolation_level=None)
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_TABLE)
            connection.close()
            os.link(partial, self.path)
        except FileExistsError:
            pass  # another process was first
        except (OSError, sqlite3.Error) as error:
            raise FeedbackError(f"{self.path}: cannot be made ({_told(error)})") from None
        finally:
            partial.unlink(missing_ok=True)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with self.path.open("rb") as file:
                if file.read(len(_MAGIC)) != _MAGIC:
                    raise FeedbackError(f"{self.path}: not an SQLite file; name another file")
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
            connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute(f"PRAGMA max_page_count = {MOST_BYTES // _PAGE}")
                yield connection
            finally:
                connection.close()  # rolls back what was not committed
        except (OSError, sqlite3.Error) as error:
            raise FeedbackError(f"{self.path}: {_told(error)}; nothing was stored") from None


def _told(error: OSError | sqlite3.Error) -> str:
    return (error.strerror or "cannot be opened") if isinstance(error, OSError) else str(error)
