"""A file that is there whole or not at all. Until it is whole only its owner may read it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PARTIAL = ".partial"


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that is at `path` when all went well, and nothing otherwise.

    What stood there before keeps its permissions; a link leads to what is written; a device or a pipe is written to as
    it is, never replaced.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        with place.open("wb") as file:  # a folder raises here, as it should
            yield file
        return
    partial = place.with_name(f".{place.name[-100:]}.{uuid.uuid4().hex}{PARTIAL}")
    try:
        with partial.open("xb") as file:
            usual = (place if place.exists() else partial).stat().st_mode
            partial.chmod(0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(usual & 0o7777)
        os.replace(partial, place)
        _sync_folder(place.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """The name, too, is on the disk."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
