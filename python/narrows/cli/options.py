"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from narrows.cli.errors import CommandError
from narrows.config import locate

if TYPE_CHECKING:
    import argparse

    from narrows.config import Located
    from narrows.store import Store

TOKEN_BYTES_MAX = 64 * 1024


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        default=Path(os.environ.get("NARROWS_CONFIG", "narrows.toml")),
        help="the configuration (default: NARROWS_CONFIG or narrows.toml)",
    )


def add_json(parser: argparse.ArgumentParser, instead_of: str = "a table") -> None:
    """`--json`, with what is printed where it is left out."""
    parser.add_argument("--json", action="store_true", help=f"print JSON instead of {instead_of}")


def add_console(parser: argparse.ArgumentParser) -> None:
    """Options of commands that talk to a gateway's console: where it is, whom to trust, who asks."""
    add_config(parser)
    parser.add_argument(
        "--url", metavar="URL", default="", help="the console (default: from the configuration)"
    )
    parser.add_argument(
        "--ca",
        metavar="FILE",
        type=Path,
        help="PEM file of the console's CA (default: the gateway's local CA)",
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="file with your access token, - for stdin (default: NARROWS_TOKEN)",
    )


def located(arguments: argparse.Namespace) -> Located:
    """The configuration that `--config` names. Raises ConfigError."""
    return locate(arguments.config)


def store(arguments: argparse.Namespace) -> Store:
    """The store that the configuration names. Raises ConfigError, StoreError and CredentialError."""
    from narrows.gateway.stores import store_of  # here, because it takes a while and most commands need none

    return store_of(located(arguments), create=False)


def token(arguments: argparse.Namespace) -> str:
    """The access token of whoever runs the command.

    Raises:
        CommandError: There is none.
    """
    if arguments.token_file == "-":  # noqa: S105, the name of a stream
        found = sys.stdin.read(TOKEN_BYTES_MAX)
    elif arguments.token_file:
        try:
            found = Path(arguments.token_file).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{arguments.token_file} cannot be read as a token: {error}") from None
    else:
        found = os.environ.get("NARROWS_TOKEN", "")
    if not found.strip():
        raise CommandError("no access token was given", "Set NARROWS_TOKEN, or give --token-file FILE.")
    return found.strip()
