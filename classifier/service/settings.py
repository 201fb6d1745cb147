"""How the service runs: where, for whom, how much at once."""

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from classifier.errors import ServiceError

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
SHORTEST_TOKEN = 16  # characters


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a request is refused; the work for one request is bounded by its size."""

    body: int = 2 << 20  # bytes of a request
    file: int = 8 << 20  # bytes of a request that holds a file
    unpacked: int = 48 << 20  # bytes that a workbook unpacks to
    held: int = 64 << 20  # bytes of all requests at once
    characters: int = 200_000  # of a text
    texts: int = 1_000  # in a batch or a file
    characters_at_once: int = 1_000_000  # of all texts of a batch or a file
    steps: int = 2_000  # utterances of a call that is followed step by step
    seconds: float = 20.0  # for a request to arrive
    waiting: int = 256  # requests that are scored or wait for it
    rate: float = 50.0  # requests of one client in a second, on the average
    burst: int = 200  # requests of one client at once
    calls: int = 32  # calls followed live at once
    utterance: int = 5_000  # characters of an utterance of a live call
    utterances: int = 10_000  # of a live call
    idle: float = 600.0  # seconds without an utterance


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the service listens and who may use it. Raises ServiceError where that would be unsafe."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()  # names under which it is reached, besides `host`
    certificate: Path | None = None
    key: Path | None = None
    model: Path | None = None  # for metrics.json; None is the shipped model
    feedback: Path | None = None  # where corrections are stored; None stores nothing
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.token is not None and (len(self.token) < SHORTEST_TOKEN or not self.token.isascii()):
            raise ServiceError(f"the token needs {SHORTEST_TOKEN} or more characters, ASCII only")
        if self.token is not None and not all("!" <= c <= "~" for c in self.token):
            raise ServiceError("the token holds blanks or control characters; use letters, digits and signs")
        if not is_local(self.host) and self.token is None:
            raise ServiceError(
                f"{self.host} is reached from other machines: give a token by --token-file FILE or SCAMTEXT_TOKEN"
            )
        if self.host in ("0.0.0.0", "::") and not self.names:
            raise ServiceError(f"{self.host} is every address: say with --name NAME how browsers reach it")
        if (self.certificate is None) != (self.key is None):
            raise ServiceError("TLS needs both --certificate and --key")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """What a Host header may name, without its port."""
        own = LOCAL_NAMES if is_local(self.host) else (self.host,)
        return frozenset(name.lower().strip("[]") for name in (*own, *self.names))


def is_local(host: str) -> bool:
    """Reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(file: Path | None) -> str | None:
    """The first line of a file, or the environment's SCAMTEXT_TOKEN. Never an argument: others see those."""
    if file is None:
        return os.environ.get("SCAMTEXT_TOKEN") or None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise ServiceError(f"{file}: not a text file; its first line is the token") from None
    if not lines or not lines[0].strip():
        raise ServiceError(f"{file}: empty; its first line is the token")
    return lines[0].strip()
