"""What a target's database holds, for a question to policy: asked of it now, saved earlier, or assumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError
from narrows.errors import NarrowsError
from narrows.policy.postgres.catalogue import Catalogue

if TYPE_CHECKING:
    import argparse

    from narrows.config import Located, TargetSection

SAVED_VERSION = 1
HINT_ELSEWHERE = (
    "Use --catalogue FILE, saved by `narrows policy catalogue` where the target can be reached, or --assume."
)


def add_catalogue(parser: argparse.ArgumentParser) -> None:
    """`--catalogue FILE` and `--assume`; without either the target is asked."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--catalogue",
        metavar="FILE",
        type=Path,
        help="do not ask the target: this is what it holds (see `narrows policy catalogue`)",
    )
    choice.add_argument(
        "--assume",
        action="store_true",
        help="do not ask the target: what policy and statement name exists, with the columns that they name",
    )


def section_of(where: Located, target: str) -> TargetSection:
    """The configured target of that name. Raises CommandError."""
    for section in where.config.target:
        if section.name == target and section.kind == "postgres":
            return section
    known = ", ".join(section.name for section in where.config.target if section.kind == "postgres") or "none"
    raise CommandError(f"{where.path} has no postgres target {target}", f"Those there: {known}.")


def ask_catalogue(where: Located, section: TargetSection) -> dict[str, Any]:
    """Asks a target what it holds, over the gateway's own connection: the rows for `Catalogue.from_rows`.

    Raises:
        CommandError: It cannot be asked.
    """
    from narrows.gateway.catalogues import catalogue_rows
    from narrows.gateway.own_connection import ask_target

    try:
        return ask_target(where, section, lambda ask: catalogue_rows(section.name, ask))
    except NarrowsError as error:
        raise CommandError(str(error), HINT_ELSEWHERE) from None


def print_catalogue(where: Located, target: str) -> None:
    """Prints what a target holds, for `--catalogue`. Raises CommandError."""
    rows = ask_catalogue(where, section_of(where, target))
    print(json.dumps({"narrows-catalogue": SAVED_VERSION, "target": target, "rows": rows}))


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a file that `narrows policy catalogue` made. Raises CommandError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["narrows-catalogue"] != SAVED_VERSION:
            raise ValueError("it is of another version of Narrows")
        return Catalogue.from_rows(
            {name: [tuple(row) for row in rows] for name, rows in document["rows"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "Make one with `narrows policy catalogue --target NAME > FILE`."
        raise CommandError(f"{path} cannot be read as a catalogue: {error}", hint) from None
