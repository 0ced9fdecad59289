"""`narrows kube-token`: a credential plugin for clients of Kubernetes, which prints an access token.

Source: kubernetes.io, "client-go credential plugins"; ExecCredential of client.authentication.k8s.io/v1.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError, UsageError
from narrows.cli.options import TOKEN_BYTES_MAX, token
from narrows.credentials.bearer import expiry_in

if TYPE_CHECKING:
    import argparse

API_VERSION = "client.authentication.k8s.io/v1"
COMMAND_DEADLINE_S = 30.0


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "kube-token",
        description="Prints an ExecCredential with an access token: from --token-command, --token-file, "
        "NARROWS_TOKEN, or from Entra through azure-identity's default chain (environment, workload "
        "identity, managed identity, Azure CLI).",
    )
    add_source(parser)
    parser.set_defaults(run=_print)


def add_source(parser: Any) -> None:
    """The options that say where tokens come from."""
    parser.add_argument(
        "--token-command", metavar="COMMAND", default="", help="a command that prints your access token"
    )
    parser.add_argument(
        "--token-file", metavar="FILE", default="", help="a file that your access token is kept fresh in"
    )
    parser.add_argument(
        "--audience",
        metavar="AUDIENCE",
        default="",
        help="the application that tokens from Entra are requested for, such as api://narrows",
    )


def _print(arguments: argparse.Namespace) -> int:
    found, expires_at = _token(arguments)
    status: dict[str, str] = {"token": found}
    if expires_at is not None:
        status["expirationTimestamp"] = f"{datetime.fromtimestamp(expires_at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    print(json.dumps({"kind": "ExecCredential", "apiVersion": API_VERSION, "status": status}))
    return 0


def _token(arguments: argparse.Namespace) -> tuple[str, float | None]:
    """The token, and when it ends, in seconds since 1970, where that is known."""
    if arguments.token_command:
        found = _from_command(arguments.token_command)
    elif arguments.token_file or os.environ.get("NARROWS_TOKEN"):
        found = token(arguments)
    else:
        return _from_entra(arguments.audience)
    return found, expiry_in(found.encode())


def _from_command(command: str) -> str:
    words = shlex.split(command)
    if not words:
        raise UsageError("--token-command is empty")
    try:
        ran = subprocess.run(  # noqa: S603, the user's own command
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_DEADLINE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"the token command cannot be run: {type(error).__name__}") from None
    found = ran.stdout[:TOKEN_BYTES_MAX].decode("ascii", "replace").strip()
    if ran.returncode or not found:
        raise CommandError(f"the token command ended with {ran.returncode} and printed no token")
    return found


def _from_entra(audience: str) -> tuple[str, float | None]:
    if not audience:
        raise CommandError(
            "no access token was given", "Give --audience for Entra, --token-file, or set NARROWS_TOKEN."
        )
    try:
        from azure.core.exceptions import AzureError
        from azure.identity import DefaultAzureCredential
    except ImportError:
        raise CommandError(
            "azure-identity is not installed", "Run: pip install 'narrows[entra]', or give --token-file."
        ) from None
    try:
        got = DefaultAzureCredential().get_token(f"{audience.rstrip('/')}/.default")
    except AzureError as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CommandError(
            f"Entra gave no token for {audience}: {said}", "Is this machine signed in?"
        ) from None
    return got.token, float(got.expires_on)
