"""`narrows recordings export`: what was recorded as JSON lines; on the gateway's own node."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from narrows.cli.options import located
from narrows.cli.recordings_search import add_filters, note_reading, usage_errors, wanted
from narrows.recordings.export.forms import FORMS, line
from narrows.recordings.index import read_index, search
from narrows.recordings.index.outbox import operation_event
from narrows.recordings.index.search import FOUND_MAX

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Iterator

    from narrows.recordings.index import Wanted
    from narrows.recordings.index.outbox import Event


def add_parser(actions: Any) -> None:
    """Adds the action."""
    parser = actions.add_parser("export", help="operations as JSON lines, oldest first, for other systems")
    add_filters(parser)
    parser.add_argument(
        "--format",
        choices=sorted(FORMS),
        default="ocsf",
        help="ocsf: Open Cybersecurity Schema Framework (default); jsonl: our own fields",
    )
    parser.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    with usage_errors():
        look = wanted(arguments, after=0, limit=FOUND_MAX)
        note_reading(arguments, "export", look.described())
        with closing(read_index(located(arguments).index)) as connection:
            for event in _events(connection, look):
                sys.stdout.buffer.write(line(event, arguments.format) + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _events(connection: sqlite3.Connection, look: Wanted) -> Iterator[Event]:
    while found := search(connection, look):
        yield from (operation_event(connection, hit) for hit in found)
        look = replace(look, after=found[-1].number)
