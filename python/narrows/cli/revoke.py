"""`narrows revoke`: accept nothing more from a principal, and end its sessions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.cli.client import call
from narrows.cli.options import add_console

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("revoke")
    parser.add_argument(
        "principal", help="its key, as `narrows sessions show` prints it: issuer/tenant/object-id"
    )
    parser.add_argument("--reason", default="", help="shown to the principal and kept")
    add_console(parser)
    parser.set_defaults(run=_revoke)


def _revoke(arguments: argparse.Namespace) -> int:
    body = {"principal": arguments.principal, "reason": arguments.reason}
    answer = call(arguments, "POST", "/v1/revocations", body=body)
    print(f"{answer['principal']} is revoked; {answer['sessions_ended']} sessions ended")
    return 0
