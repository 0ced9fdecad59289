"""What lists and shows print: JSON for programs, tables for people."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from narrows.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PIPED_COLUMNS = 200
"""The width of a table that goes to a file or another program."""


def print_json(document: Any) -> None:
    """Prints a document as indented JSON."""
    print(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table; what agents wrote cannot move the cursor or style itself."""
    from rich import box  # here, because it takes a while and --json needs none
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    piped = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_COLUMNS
    Console(highlight=False, width=piped).print(table)


def print_fields(fields: Mapping[str, object]) -> None:
    """Prints names and values, one a line; further lines of a value are indented."""
    width = max(map(len, fields), default=0)
    for name, value in fields.items():
        text = printable(str(value)).replace("\n", "\n" + " " * (width + 2))
        print(f"{name:<{width}}  {text}".rstrip())


def moment(milliseconds: int | None) -> str:
    """A time in UTC, to the second; empty for None."""
    if milliseconds is None:
        return ""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"
