"""`scamtext consult`."""

import argparse
import dataclasses
import json
import sys
from typing import Any

from classifier.commands.common import command


def add(commands: Any) -> None:
    parser = command(commands, "consult", run, "whom to ring about a suspected scam", "scamtext consult 神奈川")
    parser.add_argument(
        "prefecture", nargs="?", help="name, reading, romaji or JIS code; without it, the numbers for the whole country"
    )
    parser.add_argument("--json", action="store_true", help="one object instead of text")


def run(options: argparse.Namespace) -> int:
    from classifier.consult import contacts_for, desk_notes, find_desk
    from classifier.report.desk import as_desk

    desk = find_desk(options.prefecture) if options.prefecture else None
    contacts = contacts_for(desk.prefecture if desk else None)
    if not options.json:
        sys.stdout.write(as_desk(desk, contacts))
        return 0
    plain: dict[str, Any] = {"desk": None, "contacts": [dataclasses.asdict(contact) for contact in contacts]}
    if desk:
        meanings = {"line_meaning": desk.line_meaning, "contact_meaning": desk.contact_meaning}
        plain["desk"] = {**dataclasses.asdict(desk), **meanings, "caution": desk_notes().caution}
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=1) + "\n")
    return 0
