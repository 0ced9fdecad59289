"""`narrows token`: an access token for a ticket, for clients with small password fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.cli.client import call
from narrows.cli.options import add_console, add_json, token
from narrows.cli.show import print_json

if TYPE_CHECKING:
    import argparse

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105, a name


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("token")
    parser.add_argument("--target", required=True, metavar="NAME", help="the target that the ticket is for")
    add_json(parser)
    add_console(parser)
    parser.set_defaults(run=_token)


def _token(arguments: argparse.Namespace) -> int:
    answer = call(
        arguments,
        "POST",
        "/v1/token",
        form={
            "grant_type": GRANT_TYPE,
            "subject_token": token(arguments),
            "subject_token_type": ACCESS_TOKEN,
            "audience": arguments.target,
        },
    )
    if arguments.json:
        print_json(answer)
    else:
        print(answer["access_token"])
    return 0
