"""Inputs in, names of files out: files, folders, globs, and addresses that fsspec knows."""

import glob
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from classifier.errors import BatchError, TranscriptError

_MAGIC = frozenset("*?[")


class Found(NamedTuple):
    """A file by the name it was given with, or why a folder could not be opened."""

    name: str
    problem: str | None = None


class State(NamedTuple):
    """What tells without reading whether a file is still the same."""

    size: int  # bytes
    mark: str  # time of the last change, or what the remote side has instead


def find(inputs: Sequence[str], without: Path) -> list[Found]:
    """Every file once, folders in the order of names, hidden files and what lies under `without` left out.

    Raises BatchError for a glob or a folder that holds no file.
    """
    found: dict[str, Found] = {}
    for given in inputs:
        files = _remote(given) if "://" in given else list(_local(given))
        kept = [one for one in files if one.problem or not _lies_under(one.name, without)]
        if not kept:
            raise BatchError(f"{given}: no files there")
        for one in kept:
            found.setdefault(one.name if "://" in one.name else os.path.abspath(one.name), one)
    return list(found.values())


def open_input(name: str, base: str = "") -> IO[bytes]:
    """The bytes of a file; `base` is where a relative name begins. Raises TranscriptError with name and reason."""
    try:
        if "://" not in name:
            return Path(base, name).open("rb")
        file, path = _filesystem(name)
        return file.open(path, "rb")  # type: ignore[no-any-return]
    except OSError as error:
        raise TranscriptError(f"{name}: {error.strerror or 'cannot be read'}") from None


def state_of(name: str, base: str = "") -> State:
    """Raises TranscriptError as `open_input` does."""
    try:
        if "://" not in name:
            status = Path(base, name).stat()
            return State(status.st_size, str(status.st_mtime_ns))
        file, path = _filesystem(name)
        return State(int(file.size(path) or 0), str(file.ukey(path)))
    except OSError as error:
        raise TranscriptError(f"{name}: {error.strerror or 'cannot be read'}") from None


class Hashed:
    """A file that is hashed while it is read from beginning to end."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self.file.read(size)
        self._hash.update(block)
        return block

    def seek(self, at: int) -> None:
        self.file.seek(0)
        self._hash = hashlib.sha256(self.file.read(at))

    def digest(self) -> str:
        return self._hash.hexdigest()

    def whole_digest(self) -> str:
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type]


def _local(given: str) -> Iterator[Found]:
    if os.path.isdir(given):
        yield from _folder(given)
    elif not os.path.lexists(given) and _MAGIC & set(given):
        for name in sorted(glob.glob(given, recursive=True)):
            yield from _folder(name) if os.path.isdir(name) and "**" not in given else _file(name)
    else:
        yield Found(given)


def _file(name: str) -> Iterator[Found]:
    if not os.path.isdir(name):
        yield Found(name)


def _folder(top: str) -> Iterator[Found]:
    refused: list[OSError] = []
    for folder, below, names in os.walk(top, onerror=refused.append):
        below.sort()
        while refused:
            error = refused.pop()
            yield Found(str(error.filename), f"{error.filename}: {error.strerror}")
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isfile(path):
                yield Found(path)
    for error in refused:
        yield Found(str(error.filename), f"{error.filename}: {error.strerror}")


def _remote(given: str) -> list[Found]:
    try:
        file, path = _filesystem(given)
        names = file.glob(path) if _MAGIC & set(path) else file.find(path)
        return [Found(file.unstrip_protocol(name)) for name in sorted(names)]
    except OSError as error:
        raise BatchError(f"{given}: {error.strerror or 'cannot be listed'}") from None


def _filesystem(name: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise BatchError(f"{name}: addresses need an extra: pip install 'scamtext[cluster]'") from None
    try:
        file, path = url_to_fs(name)
    except (ValueError, ImportError) as error:
        raise BatchError(f"{name}: {str(error).splitlines()[0]}") from None
    return file, path


def _lies_under(name: str, folder: Path) -> bool:
    return "://" not in name and Path(os.path.abspath(name)).is_relative_to(folder)
