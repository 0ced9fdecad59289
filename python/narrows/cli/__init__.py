"""The `narrows` command.

Exit codes: 0 done, 1 refused or failed check, 2 usage. Errors are one line with a hint on stderr.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from narrows import __version__
from narrows.cli.errors import CommandError, UsageError
from narrows.errors import NarrowsError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "init": "write a configuration and a policy to start from",
    "serve": "run the gateway",
    "check": "check configuration, policy, issuers and credentials",
    "policy": "check, test and explain policy",
    "mask": "sample a database and propose masks",
    "approvals": "list, show, approve, deny or watch approval requests",
    "sessions": "list or show sessions, or end one",
    "replay": "play a recorded session",
    "recordings": "list, search and export recordings; prove, verify or erase them",
    "token": "exchange your access token for a ticket to one target",
    "ssh-agent": "show SSH clients fresh certificates, over a socket",
    "ssh-cert": "keep a key and its SSH certificate fresh, in files",
    "kubeconfig": "print what kubectl and every other client of Kubernetes needs",
    "kube-token": "print an access token as clients of Kubernetes ask for one",
    "known-hosts": "print the line by which SSH clients believe the gateway",
    "revoke": "refuse a principal from now on, and end its sessions (operators)",
    "demo": "run everything on loopback and check what it promises",
}
"""In the order of the help text, with its line there; each is a module here (with `_` for `-`) that has
`add_parser` and is imported only when its command is called."""

DONE = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130
"""As shells report a command ended by Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: The arguments; None: the process's own.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _parser(given).parse_args(given)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else USAGE
    try:
        code: int = arguments.run(arguments)
    except UsageError as wrong:
        _complain(str(wrong), wrong.hint)
        return USAGE
    except CommandError as failure:
        return _complain(str(failure), failure.hint)
    except NarrowsError as error:
        return _complain(str(error), getattr(error, "hint", ""))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has had enough
        return DONE
    return code


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    """A parser of the command that is called; of the others it knows the names."""
    parser = argparse.ArgumentParser(
        prog="narrows",
        description="The one narrow place that an agent's traffic to infrastructure passes through.",
        epilog="`narrows COMMAND --help` tells more. The configuration is ./narrows.toml unless told.",
    )
    parser.add_argument("--version", action="version", version=f"narrows {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if argv and argv[0] == name:
            module: Any = import_module(f"narrows.cli.{name.replace('-', '_')}")
            module.add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser


def _complain(message: str, hint: str) -> int:
    print(f"narrows: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return FAILED
