"""`narrows recordings`: what the journal holds, and whether it is whole; on the gateway's own node.

The actions that look into recordings are next door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows import recordings
from narrows.cli import recordings_export, recordings_search
from narrows.cli.options import add_config, add_json, located, store
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
    verified = actions.add_parser("verify", help="check every frame and every hash chain")
    verified.set_defaults(run=_verify)
    recordings_search.add_parsers(actions)
    recordings_export.add_parser(actions)
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


def _verify(arguments: argparse.Namespace) -> int:
    sessions, frames, problems = recordings.verify(located(arguments).journal)
    if arguments.json:
        print_json({"sessions": sessions, "frames": frames, "problems": problems})
    else:
        for problem in problems:
            print(problem)
        print(f"{sessions} sessions, {frames} frames, {len(problems)} problems")
    return 1 if problems else 0
