"""`narrows known-hosts`: the line that makes SSH clients believe the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.cli.options import add_config, located

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "known-hosts",
        description="Prints one line for a known_hosts file, by which clients believe this gateway.",
    )
    add_config(parser)
    parser.set_defaults(run=_print)


def _print(arguments: argparse.Namespace) -> int:
    from narrows.identity.certificates import SshAuthorities

    print(SshAuthorities(located(arguments).state).known_hosts_line)
    return 0
