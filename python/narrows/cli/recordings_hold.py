"""`narrows recordings hold`: what must not be deleted, whatever its age; on the gateway's own node."""

from __future__ import annotations

import getpass
import secrets
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError
from narrows.cli.options import store
from narrows.cli.sessions import session_of
from narrows.cli.show import moment, print_json, print_table

if TYPE_CHECKING:
    import argparse


def add_parsers(actions: Any) -> None:
    """Adds the actions."""
    held = actions.add_parser("hold", help="keep recordings from being deleted, whatever their age")
    what = held.add_mutually_exclusive_group(required=True)
    what.add_argument("--session", default="", metavar="ID", help="one session's")
    what.add_argument("--principal", default="", metavar="KEY", help="a principal's: issuer/tenant/object-id")
    what.add_argument("--target", default="", metavar="NAME", help="a target's")
    held.add_argument("--reason", required=True)
    held.set_defaults(run=_hold)
    lifted = actions.add_parser("lift", help="end a hold")
    lifted.add_argument("hold", metavar="HOLD")
    lifted.set_defaults(run=_lift)
    listed = actions.add_parser("holds", help="every hold, newest first")
    listed.set_defaults(run=_list)


def _hold(arguments: argparse.Namespace) -> int:
    from narrows.store import holds

    (subject,) = (name for name in holds.SUBJECTS if getattr(arguments, name))
    if subject == "session":
        session_of(arguments.session)
    hold = holds.Hold(
        id=f"hold_{secrets.token_hex(5)}",
        subject=subject,
        value=getattr(arguments, subject),
        reason=arguments.reason,
        placed_by=f"os:{getpass.getuser()}",
        placed_ms=time.time_ns() // 1_000_000,
    )
    store(arguments).run_here(holds.place, hold)
    print(hold.id)
    return 0


def _lift(arguments: argparse.Namespace) -> int:
    from narrows.store import holds

    by, now_ms = f"os:{getpass.getuser()}", time.time_ns() // 1_000_000
    if not store(arguments).run_here(holds.lift, arguments.hold, by=by, now_ms=now_ms):
        raise CommandError(
            f"there is no hold {arguments.hold} in force", "`narrows recordings holds` lists them."
        )
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from narrows.store import holds

    found = store(arguments).run_here(holds.everything)
    if arguments.json:
        print_json([asdict(hold) for hold in found])
        return 0
    print_table(
        ("ID", "ON", "PLACED (UTC)", "BY", "REASON", "LIFTED (UTC)"),
        (
            (
                hold.id, f"{hold.subject} {hold.value}", moment(hold.placed_ms), hold.placed_by, hold.reason,
                moment(hold.lifted_ms),
            )
            for hold in found
        ),
    )  # fmt: skip
    return 0
