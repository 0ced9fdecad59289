"""`narrows revoke`: accept nothing more from a principal, an app or some evidence, and end what it opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.cli.client import call
from narrows.cli.options import add_console
from narrows.identity.revocation import SUBJECTS

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("revoke")
    subject = parser.add_mutually_exclusive_group(required=True)
    subject.add_argument(
        "principal", nargs="?", help="its key, as `narrows sessions show` prints it: issuer/tenant/object-id"
    )
    subject.add_argument("--app", help="every principal of this application, by its id")
    subject.add_argument("--token", help="what one token opens, by its id (`uti` or `jti`)")
    subject.add_argument("--certificate", help="what one SSH certificate opens, by its serial")
    parser.add_argument("--reason", default="", help="shown to who is refused, and kept")
    add_console(parser)
    parser.set_defaults(run=_revoke)


def _revoke(arguments: argparse.Namespace) -> int:
    named = next((one, value) for one in SUBJECTS if (value := getattr(arguments, one)))
    body = dict([named], reason=arguments.reason)
    answer = call(arguments, "POST", "/v1/revocations", body=body)
    print(f"{' '.join(named)} is revoked; {answer['sessions_ended']} sessions ended")
    return 0
