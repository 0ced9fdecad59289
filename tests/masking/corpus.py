"""The corpus as data: TOML files of statements grouped by idea, each with what must hold.

An entry is a name and the statements it sends, one after another on one session: a string, a list, or a table
with `sql` and what is special about it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "corpus"
KEYS = frozenset({"infers", "volatile", "commits", "target", "masked", "sql", "only", "untrusted"})


@dataclass(frozen=True, slots=True)
class Case:
    """One entry."""

    name: str
    """`file: entry`."""
    sql: tuple[str, ...]
    infers: bool = False
    """Which rows come, in which order or number follows from masked values: bytes differ between worlds."""
    volatile: bool = False
    """Bytes differ between runs: times, addresses, process ids."""
    commits: bool = False
    """It must not run inside a transaction that is rolled back."""
    untrusted: bool = False
    """A rule that names the function trusts it with this; it must be refused where none does."""
    only: str = ""
    """The way in which alone it makes sense, or none for all."""
    target: str = ""
    """The database, where it is not the usual one."""
    masked: tuple[str, ...] = ()
    """Of an ordinary statement: the result columns that come masked. All others come as they are."""


@cache
def cases(group: str) -> tuple[Case, ...]:
    """Every entry of the files in `corpus/GROUP/`."""
    found = []
    for path in sorted((FOLDER / group).glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text()).items():
            found.append(_case(f"{path.stem}: {name}", entry))
    return tuple(found)


def _case(name: str, entry: Any) -> Case:
    told = entry if isinstance(entry, dict) else {"sql": entry}
    unknown = told.keys() - KEYS
    if unknown:
        raise ValueError(f"{name}: unknown keys {sorted(unknown)}")
    sql = told["sql"]
    statements = (sql,) if isinstance(sql, str) else tuple(sql)
    masked = tuple(told.get("masked", ()))
    rest = {key: value for key, value in told.items() if key not in {"sql", "masked"}}
    return Case(name=name, sql=statements, masked=masked, **rest)
