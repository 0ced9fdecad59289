"""What `ssh-agent` and `ssh-cert` share: an access token for an SSH certificate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from narrows.cli.client import call
from narrows.cli.options import add_console, token
from narrows.cli.token import ACCESS_TOKEN, GRANT_TYPE
from narrows.identity.ssh_agent import Shown

if TYPE_CHECKING:
    import argparse

CERTIFICATE_TYPE = "urn:narrows:token-type:ssh-certificate"


def add_options(parser: Any) -> None:
    """The options of whoever fetches certificates."""
    parser.add_argument(
        "--source",
        metavar="ADDRESS",
        default="",
        help="the address or network that certificates may be used from (default: any)",
    )
    add_console(parser)


def fetch(arguments: argparse.Namespace, public_key: str) -> Shown:
    """A certificate over a key, for whoever the access token stands for. Raises CommandError."""
    form = {
        "grant_type": GRANT_TYPE,
        "subject_token": token(arguments),
        "subject_token_type": ACCESS_TOKEN,
        "requested_token_type": CERTIFICATE_TYPE,
        "public_key": public_key,
    }
    if arguments.source:
        form["source_address"] = arguments.source
    answer = call(arguments, "POST", "/v1/token", form=form)
    return Shown(answer["access_token"], time.time() + answer["expires_in"])
