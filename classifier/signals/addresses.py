"""Web addresses in a text: where they lead, and whose name they borrow."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from classifier.packaged import read_yaml
from classifier.verdict import Signal

_ADDRESS = re.compile(
    r"(?:https?|h..ps?|ttps?)://[^\s「」『』【】()<>、。]+"
    r"|(?<![a-z0-9@._%+-])(?:[a-z0-9._%+-]+@)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,9}|xn--[a-z0-9-]+)(?![a-z0-9])"
    r"(?::\d+)?(?:/[^\s「」『』【】()<>、。]*)?",
    re.IGNORECASE,
)
# endings that make an address without http:// one; 「Node.js」 and 「明細.pdf」 are none
_ENDINGS = re.compile(
    "com|net|org|jp|info|biz|xyz|top|shop|online|site|club|cn|cc|tk|icu|vip|live|app|dev|me|io|co|us|uk|ru|link|click|"
    "store|tokyo|asia|eu|de|fr|kr|tw|hk|page|work|pro|mobi|life|cyou|buzz|fun|ly|gd|ga|ml|gq|pw|ws|tv|to|in|be|xn--.+"
)
_MOST_LABELS = 5  # of the domains in the reference file
_PIECES = (1, 2)  # that hyphens join to a part: rakuten, rakuten-card
_LONG_PART = range(6, 16)  # a part this long is also found where it begins a longer word: rakutencard
_SECOND_LEVEL = frozenset(("co", "or", "ne", "ac", "go", "lg", "gr", "ed", "ad"))  # of .jp
_BEHIND, _PORT = re.compile(r"[/?#]"), re.compile(r":\d*$")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")

_COUNCIL = ("フィッシング対策協議会「フィッシングの報告・よくあるご質問」", "2026-11-21")
_CHECK = "開く前に、公式アプリか自分で登録したブックマークから確かめる"


class Names(NamedTuple):
    """The reference file, laid out so that a host is looked up and never compared with every name.

    Each name that lures borrow has a number, its place in the file; of several that fit, the first counts.
    """

    officials: tuple[str, ...]
    domains: Mapping[str, int]  # of the real ones
    starred: Mapping[str, tuple[tuple[re.Pattern[str], int], ...]]  # `pref.*.jp` by its first label
    parts: Mapping[str, int]  # what lures put into a host
    shorteners: frozenset[str]


def find_addresses(text: str) -> list[Signal]:
    """The addresses of a plain text; of mail addresses, those on a look-alike domain."""
    if "." not in text:
        return []
    found = []
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?・'\"")
        host, before = _host(address)
        mail = "://" not in address and "@" in address
        bare = "://" not in address and "/" not in address
        ending = host.rsplit(".", 1)[-1]
        if "." not in host or (bare and not _ENDINGS.fullmatch(ending)):
            continue
        kind, meaning = _meaning(host, bool(before) and not mail)
        if not mail or kind == "url_lookalike":
            found.append(Signal(kind, match.start(), match.start() + len(address), meaning, *_COUNCIL))
    return found


def _host(address: str) -> tuple[str, str]:
    """The host in small letters, and what stands before its @: a name in a mail address, a disguise in a link."""
    rest = address.split("://", 1)[-1]
    whole = _BEHIND.split(rest, 1)[0].lower()
    before, _, host = whole.rpartition("@")
    return (_PORT.sub("", host) if ":" in host else host).strip("."), before


def _meaning(host: str, hidden: bool) -> tuple[str, str]:
    domain = registrable(host)
    if hidden:
        return "url_hidden", f"「@」より前は飾りで、実際の行き先は {host}。{_CHECK}"
    if _IP.match(host):
        return "url_hidden", f"名前のないアドレス（{host}）。正規の案内では使われない。{_CHECK}"
    if domain in _document().shorteners:
        return "url_hidden", f"短縮URL（{domain}）。本当の行き先が見えない。{_CHECK}"
    if "xn--" in host or not host.isascii():
        return "url_hidden", f"英数字でない文字を含むドメイン（{domain}）。似た字で別の名に見せることがある。{_CHECK}"
    borrowed, owner = _names(host)
    if owner:
        return (
            "url_official",
            f"{owner}のドメインと一致。文面やリンクの表示は偽れるので、一致しても安心の理由にはならない",
        )
    if borrowed:
        return "url_lookalike", f"{borrowed}を思わせる名だが、登録ドメインは {domain}。公式のドメインではない。{_CHECK}"
    return "url", f"リンク（登録ドメイン {domain}）。{_CHECK}"


def registrable(host: str) -> str:
    """The part of a host that somebody registered: login.example.co.jp → example.co.jp.

    Knows the second level of .jp and the usual country forms (co.uk); for the rest, the last two labels.
    """
    labels = host.split(".")
    if len(labels) <= 2:
        return host
    deep = (labels[-1] == "jp" and labels[-2] in _SECOND_LEVEL) or (
        len(labels[-1]) == 2 and labels[-2] in ("co", "com", "org", "net", "gov")
    )
    return ".".join(labels[-3:] if deep else labels[-2:])


def _names(host: str) -> tuple[str | None, str | None]:
    """(whose name the host borrows, whose host it is); at most one of them."""
    names, labels = _document(), host.split(".")
    owner = min(_owners(labels[-_MOST_LABELS:], names), default=None)
    if owner is not None:
        return None, names.officials[owner]
    borrowed = min((number for label in labels for number in _borne(label, names.parts)), default=None)
    return (None if borrowed is None else names.officials[borrowed]), None


def _owners(labels: Sequence[str], names: Names) -> Iterator[int]:
    """Who owns a host that ends with these labels."""
    for k, first in enumerate(labels):
        domain = ".".join(labels[k:])
        if domain in names.domains:
            yield names.domains[domain]
        yield from (number for shape, number in names.starred.get(first, ()) if shape.fullmatch(domain))


def _borne(label: str, parts: Mapping[str, int]) -> Iterator[int]:
    """「smbc-card-info」 bears smbc and smbc-card, 「rakutencard」 bears rakuten; 「winter」 bears no nta."""
    pieces = label.split("-")
    for k, piece in enumerate(pieces):
        words = ["-".join(pieces[k : k + n]) for n in _PIECES if k + n <= len(pieces)]
        words += [piece[:n] for n in _LONG_PART if n < len(piece)]
        yield from (parts[word] for word in words if word in parts)


@cache
def _document() -> Names:
    document = read_yaml("reference/official_domains.yaml")
    officials = document["official_domains"]
    domains: dict[str, int] = {}
    starred: dict[str, tuple[tuple[re.Pattern[str], int], ...]] = {}
    parts: dict[str, int] = {}
    for number, official in enumerate(officials):
        for part in official["parts"]:
            parts.setdefault(part, number)
        for domain in official["domains"]:
            if "*" in domain:
                shape = re.compile(re.escape(domain).replace(r"\*", "[a-z0-9-]+"))
                first = domain.split(".")[0]
                starred[first] = (*starred.get(first, ()), (shape, number))
            else:
                domains.setdefault(domain, number)
    names = tuple(official["name"] for official in officials)
    return Names(names, domains, starred, parts, frozenset(document["shorteners"]))
