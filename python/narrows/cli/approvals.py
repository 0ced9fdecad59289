"""`narrows approvals`: what waits for people, and their answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from narrows.approvals.preview import touched
from narrows.approvals.request import State
from narrows.cli.client import call, events
from narrows.cli.errors import CommandError
from narrows.cli.options import add_console, add_json
from narrows.cli.show import moment, print_fields, print_json, print_table
from narrows.operation import kind_in

if TYPE_CHECKING:
    import argparse

PENDING = "pending"
"""What people call a request that waits."""
DIGEST_SHOWN = 12


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("approvals")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the requests that you may decide or have made, newest first")
    listed.add_argument("--state", choices=[PENDING, *(state.value for state in State)], default="")
    add_json(listed)
    listed.set_defaults(run=_list)
    shown = actions.add_parser("show", help="one request, with the exact statement and its digest")
    shown.add_argument("id")
    add_json(shown)
    shown.set_defaults(run=_show)
    for vote, text in (("approve", "let the statement run"), ("deny", "refuse it")):
        voted = actions.add_parser(vote, help=text)
        voted.add_argument("id")
        voted.add_argument("--digest", default="", help="the digest, or its beginning, that you were shown")
        voted.add_argument("--reason", default="", help="for the agent and the audit log")
        add_json(voted)
        voted.set_defaults(run=_vote, vote=vote)
    broken = actions.add_parser("break-glass", help="let it run at once, alone; it is reviewed afterwards")
    broken.add_argument("id")
    broken.add_argument("--digest", default="", help="the digest, or its beginning, that you were shown")
    broken.add_argument("--reason", required=True, help="why it cannot wait")
    add_json(broken)
    broken.set_defaults(run=_vote, vote="break-glass")
    reviewed = actions.add_parser("review", help="note that you have looked at a broken glass")
    reviewed.add_argument("id", nargs="?", help="left out: list what is due")
    reviewed.add_argument("--reason", default="", help="what you found")
    add_json(reviewed)
    reviewed.set_defaults(run=_review)
    granted = actions.add_parser("grants", help="what approvals let through for a while, newest first")
    granted.add_argument("--live", action="store_true", help="leave out those that are over")
    add_json(granted)
    granted.set_defaults(run=_grants)
    revoked = actions.add_parser("revoke", help="end a grant at once")
    revoked.add_argument("id")
    revoked.add_argument("--reason", default="")
    add_json(revoked)
    revoked.set_defaults(run=_revoke)
    watched = actions.add_parser("watch", help="print requests as they come and are decided, until Ctrl-C")
    add_json(watched)
    watched.set_defaults(run=_watch)
    for action in actions.choices.values():
        add_console(action)


def _list(arguments: argparse.Namespace) -> int:
    return _print_list(arguments, _approvals(arguments, arguments.state))


def _print_list(arguments: argparse.Namespace, found: list[dict[str, Any]]) -> int:
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("ID", "STATE", "REQUESTED (UTC)", "PRINCIPAL", "TARGET", "RULE", "STATEMENT"),
        (
            (
                one["id"],
                one["state"],
                moment(one["requested_ms"]),
                one["principal_name"] or one["principal"],
                one["target"],
                one["rule"],
                one["statement"],
            )
            for one in found
        ),
    )
    return 0


def _show(arguments: argparse.Namespace) -> int:
    _print(arguments, call(arguments, "GET", f"/v1/approvals/{arguments.id}"))
    return 0


def _vote(arguments: argparse.Namespace) -> int:
    body = {"digest": arguments.digest, "reason": arguments.reason}
    found = call(arguments, "POST", f"/v1/approvals/{arguments.id}/{arguments.vote}", body=body)
    if arguments.json:
        print_json(found)
    else:
        print(f"{found['id']} is {found['state']}")
    return 0


def _review(arguments: argparse.Namespace) -> int:
    if not arguments.id:
        due = call(arguments, "GET", "/v1/approvals", query={"review": "due"})["approvals"]
        return _print_list(arguments, due)
    body = {"reason": arguments.reason}
    found = call(arguments, "POST", f"/v1/approvals/{arguments.id}/review", body=body)
    if arguments.json:
        print_json(found)
    else:
        print(f"{found['id']} is reviewed")
    return 0


def _grants(arguments: argparse.Namespace) -> int:
    query = {"live": "1"} if arguments.live else None
    found = call(arguments, "GET", "/v1/grants", query=query)["grants"]
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("ID", "STANDING", "UNTIL (UTC)", "USES", "PRINCIPAL", "TARGET", "SCOPE", "RULE", "STATEMENT"),
        (
            (
                one["id"],
                one["standing"],
                moment(one["expires_ms"]),
                f"{one['uses']} of {one['uses_max']}" if one["uses_max"] else str(one["uses"]),
                one["principal"],
                one["target"],
                one["scope"],
                one["rule"],
                one["statement"],
            )
            for one in found
        ),
    )
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    body = {"reason": arguments.reason}
    found = call(arguments, "POST", f"/v1/grants/{arguments.id}/revoke", body=body)
    if arguments.json:
        print_json(found)
    else:
        print(f"{found['id']} is {found['standing']}")
    return 0


def _watch(arguments: argparse.Namespace) -> int:
    """Prints each request as it comes, what it would touch, and what became of it."""
    told: dict[str, dict[str, Any]] = {}
    while True:
        for kind, one in events(arguments, "/v1/events"):
            if kind == "missed":
                break  # a new stream begins with all that waits
            if kind == "approval":
                _tell(arguments, one, told.get(one["id"]))
                told[one["id"]] = one
        else:
            raise CommandError("the stream has ended", "Get a new token, and watch again.")


def _tell(arguments: argparse.Namespace, one: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Prints what is new of a request."""
    if before == one:
        return
    if arguments.json:
        print(json.dumps(one, ensure_ascii=False), flush=True)
    elif before is None:
        _print(arguments, one)
        print(flush=True)
    elif before["state"] != one["state"]:
        print(f"{one['id']} is {one['state']}\n", flush=True)
    elif before["preview"] != one["preview"]:
        print(f"{one['id']} touches {touched(one['preview'])}\n", flush=True)


def _approvals(arguments: argparse.Namespace, state: str) -> list[dict[str, Any]]:
    wanted = State.REQUESTED.value if state == PENDING else state
    found: list[dict[str, Any]] = call(
        arguments, "GET", "/v1/approvals", query={"state": wanted} if wanted else None
    )["approvals"]
    return found


def _print(arguments: argparse.Namespace, one: dict[str, Any]) -> None:
    if arguments.json:
        print_json(one)
        return
    parameters = one["document"].get("parameters") or []
    votes = [
        f"{vote['vote']} by {vote['name'] or vote['approver']} {vote['reason']}".strip()
        for vote in one["votes"]
    ]
    print_fields(
        {
            "id": one["id"],
            "state": one["state"] + (f" ({one['close_reason']})" if one["close_reason"] else ""),
            "principal": f"{one['principal']} {one['principal_name']}",
            "target": one["target"] + (f", database {one['database']}" if one["database"] else ""),
            "rule": f"{one['rule']}: {one['reason']}",
            "requested": moment(one["requested_ms"]) + " UTC",
            "expires": moment(one["expires_ms"]) + " UTC",
            kind_in(one["document"]): one["statement"],
            **({"parameters": json.dumps(parameters, ensure_ascii=False)} if parameters else {}),
            **_further(one["document"]),
            "touches": touched(one["preview"]),
            **({"diff": one["preview"]["diff"]} if (one["preview"] or {}).get("diff") else {}),
            "good for": _good_for(one),
            "digest": one["digest"],
            "votes": "\n".join(votes) or "none",
            "quorum": one["quorum"],
            **_told(one),
            **({"review": "due"} if one["needs_review"] else {}),
            **({"review": one["review"]["text"]} if one["review"] else {}),
        }
    )


def _further(document: dict[str, Any]) -> dict[str, Any]:
    """What not every operation has: a transaction, a body, bounds, what its session has set, and so on."""
    shown = {
        name.replace("_", " "): document[name]
        for name in ("transaction", "content_type", "body", "body_sha256", "login")
        if document.get(name)
    }
    if preconditions := document.get("preconditions"):
        shown["as long as"] = "\n".join(f"{name} is {value}" for name, value in preconditions.items())
    if (rows_max := document.get("rows_max")) is not None:
        shown["at most"] = f"{rows_max} rows, or it is rolled back"
    if settings := document.get("settings"):
        shown["after"] = "\n".join(settings["statements"])
    return shown


def _good_for(one: dict[str, Any]) -> str:
    """What an approval lets through."""
    kind = kind_in(one["document"])
    if not one["grant_ms"]:
        return f"once, this {kind}"
    often = f", {one['grant_uses']} times" if one["grant_uses"] else ""
    what = f"this {kind if one['scope'] == 'once' else one['scope']}"
    return f"{what}{often}, for {one['grant_ms'] // 60_000} min"


def _told(request: dict[str, Any]) -> dict[str, str]:
    told = [
        f"{one['notifier']}: {one['state']} (attempt {one['attempts']}) {one['error']}".strip()
        for one in request.get("notified", [])
    ]
    return {"told": "\n".join(told)} if told else {}
