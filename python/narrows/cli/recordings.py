"""`narrows recordings`: what the journal holds, on the gateway's own node; and what proves it, anywhere.

The actions that look into recordings, and those that prove them, are next door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.cli import proof, recordings_export, recordings_hold, recordings_search, recordings_show
from narrows.cli.options import add_config, add_json, store
from narrows.cli.show import moment, print_json, print_table
from narrows.recordings.listing import shown

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("recordings")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="recorded sessions with their size and last hash")
    listed.set_defaults(run=_list)
    proof.add_actions(actions)
    recordings_search.add_parsers(actions)
    recordings_export.add_parser(actions)
    recordings_show.add_parser(actions)
    recordings_hold.add_parsers(actions)
    for action in actions.choices.values():
        add_config(action)
        add_json(action)


def _list(arguments: argparse.Namespace) -> int:
    from narrows.store import sessions

    rows = store(arguments).run_here(sessions.newest)
    found = [shown(row) | {"frames": row.frames, "head": row.head} for row in rows]
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("SESSION", "OPENED (UTC)", "PRINCIPAL", "TARGET", "FRAMES", "HEAD"),
        (
            (
                one["id"],
                moment(one["opened_ms"]),
                one["principal"],
                one["target"],
                str(one["frames"]) if one["closed_ms"] else "open",
                one["head"][:16],
            )
            for one in found
        ),
    )
    return 0
