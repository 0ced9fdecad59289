"""`narrows sessions`: who was here, when and from where; on the gateway's own node."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from narrows.cli.client import call
from narrows.cli.errors import CommandError
from narrows.cli.options import add_config, add_console, add_json, store
from narrows.cli.show import moment, print_fields, print_json, print_table
from narrows.recordings import session_id
from narrows.recordings.listing import shown

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("sessions")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="sessions, newest first")
    listed.add_argument("--open", action="store_true", help="only those that are open")
    add_config(listed)
    add_json(listed)
    listed.set_defaults(run=_list)
    single = actions.add_parser("show", help="one session and what was decided in it")
    single.add_argument("id")
    add_config(single)
    add_json(single)
    single.set_defaults(run=_show)
    killed = actions.add_parser("kill", help="end a session at once (operators)")
    killed.add_argument("id")
    add_console(killed)
    killed.set_defaults(run=_kill)


def _list(arguments: argparse.Namespace) -> int:
    from narrows.store import sessions

    found = [shown(row) for row in store(arguments).run_here(sessions.newest, open_only=arguments.open)]
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("ID", "OPENED (UTC)", "CLOSED (UTC)", "PRINCIPAL", "TARGET", "PEER", "OPERATIONS", "DENIALS"),
        (
            (
                one["id"],
                moment(one["opened_ms"]),
                moment(one["closed_ms"]) or "open",
                one["record"]["principal"]["name"] or one["principal"],
                one["target"],
                one["peer"],
                str(one["operations"]),
                str(one["denials"]),
            )
            for one in found
        ),
    )
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from narrows.store import decisions, sessions

    here = store(arguments)
    number = session_of(arguments.id)
    row = here.run_here(sessions.find, number)
    if row is None:
        raise CommandError(f"there is no session {arguments.id}", "`narrows sessions list` names them.")
    one = shown(row)
    decided = [asdict(decision) for decision in here.run_here(decisions.of_session, number)]
    if arguments.json:
        print_json(one | {"decisions": decided})
        return 0
    record = one.pop("record")
    print_fields(
        one
        | {
            "principal": f"{one['principal']} {record['principal']['name']}".strip(),
            "opened_ms": moment(one["opened_ms"]) + " UTC",
            "closed_ms": moment(one["closed_ms"]) or "open",
            "policy": record.get("policy_version", ""),
        }
    )
    print_table(
        ("TIME (UTC)", "EFFECT", "RULE", "APPROVAL", "OPERATION"),
        (
            (moment(each["time_ms"]), each["effect"], each["rule"], each["approval"] or "", each["text"])
            for each in decided
        ),
    )
    return 0


def _kill(arguments: argparse.Namespace) -> int:
    call(arguments, "POST", f"/v1/sessions/{arguments.id}/kill")
    print(f"{arguments.id} is ending")
    return 0


def session_of(name: str) -> int:
    """The session of a name as people write it. Raises CommandError when it is none."""
    try:
        return session_id(name)
    except ValueError:
        raise CommandError(f"{name} is no session's id", "`narrows sessions list` names them.") from None
