"""Web addresses in a text: where they lead, and whose name they borrow."""

import re
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
_LONG_PART = 6  # a part this long is also found where it begins a longer word: rakutencard
_SECOND_LEVEL = frozenset(("co", "or", "ne", "ac", "go", "lg", "gr", "ed", "ad"))  # of .jp
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")

_COUNCIL = ("フィッシング対策協議会「フィッシングの報告・よくあるご質問」", "2026-11-21")
_CHECK = "開く前に、公式アプリか自分で登録したブックマークから確かめる"


class Official(NamedTuple):
    """A name that lures borrow, and the domains of the real one."""

    name: str
    parts: tuple[str, ...]
    domains: tuple[str, ...]


class Names(NamedTuple):
    """The reference file."""

    officials: tuple[Official, ...]
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
    whole = re.split(r"[/?#]", rest, maxsplit=1)[0].lower()
    before, _, host = whole.rpartition("@")
    return re.sub(r":\d*$", "", host).strip("."), before


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
    for official in _document().officials:
        if any(_within(host, domain) for domain in official.domains):
            return None, official.name
    for official in _document().officials:
        if any(_bears(label, part) for label in host.split(".") for part in official.parts):
            return official.name, None
    return None, None


def _bears(label: str, part: str) -> bool:
    """「smbc-card-info」 bears smbc and smbc-card, 「rakutencard」 bears rakuten; 「winter」 bears no nta."""
    if f"-{part}-" in f"-{label}-":
        return True
    return len(part) >= _LONG_PART and any(piece.startswith(part) for piece in label.split("-"))


def _within(host: str, domain: str) -> bool:
    """`pref.*.jp`: the star stands for any one label."""
    pattern = re.escape(domain).replace(r"\*", r"[a-z0-9-]+")
    return re.search(rf"(?:^|\.){pattern}$", host) is not None


@cache
def _document() -> Names:
    document = read_yaml("reference/official_domains.yaml")
    officials = (Official(o["name"], tuple(o["parts"]), tuple(o["domains"])) for o in document["official_domains"])
    return Names(tuple(officials), frozenset(document["shorteners"]))
