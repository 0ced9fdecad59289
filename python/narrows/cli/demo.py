"""`narrows demo`: the main job on embedded defaults, every promise checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("demo")
    parser.add_argument("--keep", action="store_true", help="leave it running, and print commands to paste")
    parser.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    try:
        from narrows.demo.run import run
    except ModuleNotFoundError as error:
        raise CommandError(f"the demo needs {error.name}", "pip install 'narrows[demo]'") from None
    return run(keep=arguments.keep)
