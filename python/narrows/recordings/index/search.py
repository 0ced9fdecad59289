"""Finding operations: by words in them, and by what they are about, newest first."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from narrows.errors import StoreError
from narrows.recordings.index.query import SearchError, fts_query, is_text
from narrows.recordings.index.schema import NUMBER_BITS
from narrows.recordings.journal import session_id, session_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOUND_MAX = 1_000
"""The most that one search returns; `before` goes on."""
STEPS_MAX = 20_000_000
"""Virtual machine instructions of SQLite that one search may take: about a second."""
STEPS_CHECKED = 100_000
MARK_START, MARK_END = "\x02", "\x03"
"""Around what matched in an excerpt; an agent that writes them itself has more of it marked, and no more."""
EXCERPT_TOKENS = 24

TIME_MAX_US = (1 << (63 - NUMBER_BITS)) - 2
"""The last time that an operation's number can hold."""
SESSION_CONDITIONS = {
    "session": "s.id = ?",
    "principal": "? IN (s.principal, s.object, s.name)",
    "target": "s.target = ?",
    "peer": "(s.peer = ? OR rtrim(rtrim(s.peer, '0123456789'), ':') = ?)",
    "mask": "EXISTS (SELECT 1 FROM json_each(s.masks) WHERE value = ?)",
}

EFFECTS = ("allow", "deny", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; everything that is given must be so."""

    text: str = ""
    principal: str = ""
    """Key, object id or display name."""
    target: str = ""
    peer: str = ""
    """Source address, with or without its port."""
    session: int | None = None
    since_us: int = 0
    until_us: int | None = None
    verb: str = ""
    table: str = ""
    resource: str = ""
    namespace: str = ""
    rule: str = ""
    effect: str = ""
    approval: str = ""
    mask: str = ""
    """A mask, of columns or detectors, that applied to the session; only operations with masked values."""
    before: int | None = None
    """Only operations with smaller numbers: the last one found, to go on from there."""
    after: int | None = None
    """Only operations with larger numbers, and the oldest first."""
    limit: int = 100

    def described(self) -> str:
        """What is looked for, on one line, for the record of who looked."""
        given = {
            name: getattr(self, name) for name in self.__slots__ if name not in ("before", "after", "limit")
        }
        return " ".join(f"{name}={value}" for name, value in given.items() if value) or "everything"


@dataclass(frozen=True, slots=True)
class Hit:
    """An operation that was found."""

    number: int
    session: int
    moment: int
    time_us: int
    opened_us: int
    principal: str
    name: str
    target: str
    peer: str
    kind: str
    """`statement`, `command`, `transfer`, `forward` or `call`."""
    text: str
    parameters: str
    """As JSON, where there are any."""
    effect: str
    rule: str
    reason: str
    approval: str
    rows: int
    masked: int
    took_us: int
    error: str
    left_out_bytes: int
    """Bytes of its answer that the recording has no copy of, by a rule's `record`."""
    ended: bool
    """False: it goes on, and is here as far as it has come."""
    excerpt: str
    """Around what matched, marked with `MARK_START` and `MARK_END`; empty without a text."""

    def shown(self) -> dict[str, Any]:
        """As commands and the API show it."""
        names = (
            "number", "time_us", "principal", "name", "target", "peer", "moment", "text", "parameters",
            "effect", "rule", "reason", "approval", "rows", "masked", "took_us", "error",
            "left_out_bytes", "ended",
        )  # fmt: skip
        found = {name: getattr(self, name) for name in names}
        excerpt = self.excerpt.replace(MARK_START, "").replace(MARK_END, "")
        return {"session": session_name(self.session), **found, "excerpt": excerpt, "at_s": self.at_s}

    @property
    def at_s(self) -> float:
        """Seconds since the session opened: where `narrows replay --from` starts."""
        return max(0, self.time_us - self.opened_us) / 1_000_000


@dataclass(slots=True)
class _Select:
    """A statement in the making."""

    source: str = "operations AS o"
    key: str = "o.number"
    """What the newest are found by without sorting."""
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def where(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values += values


def search(connection: sqlite3.Connection, wanted: Wanted) -> list[Hit]:
    """The newest operations that are as wanted; with `after` the oldest.

    Args:
        connection: Of `read_index`.
        wanted: What is looked for.

    Raises:
        SearchError: It cannot be understood, or takes too long.
        StoreError: The index cannot be read.
    """
    if not is_text(wanted.described()):
        raise SearchError("what is looked for is not UTF-8")
    if wanted.effect and wanted.effect not in EFFECTS:
        raise SearchError(f"{wanted.effect} is no effect", f"Effects are {', '.join(EFFECTS)}.")
    if not 1 <= wanted.limit <= FOUND_MAX:
        raise SearchError(f"a search finds 1 to {FOUND_MAX} operations at a time")
    select = _select(wanted)
    if not _narrow(connection, select, wanted):
        return []
    excerpt = "''"
    if wanted.text:
        excerpt = f"snippet(words, -1, char(2), char(3), '…', {EXCERPT_TOKENS})"
    where = f"WHERE {' AND '.join(select.conditions)} " if select.conditions else ""
    statement = (
        f"SELECT o.*, s.principal, s.name, s.target, s.peer, s.opened_us, {excerpt} AS excerpt "  # noqa: S608
        f"FROM {select.source} CROSS JOIN sessions AS s ON s.id = o.session "
        f"{where}ORDER BY {select.key} {'DESC' if wanted.after is None else 'ASC'} LIMIT ?"
    )
    return [_hit(row) for row in _bounded(connection, statement, [*select.values, wanted.limit])]


def found(connection: sqlite3.Connection, number: int) -> Hit | None:
    """The operation of that number. Raises StoreError."""
    statement = (
        "SELECT o.*, s.principal, s.name, s.target, s.peer, s.opened_us, '' AS excerpt"
        " FROM operations AS o JOIN sessions AS s ON s.id = o.session WHERE o.number = ?"
    )
    return next((_hit(row) for row in _bounded(connection, statement, [number])), None)


def _select(wanted: Wanted) -> _Select:
    """Starts from what is rarest by its kind, and asks the rest of each operation."""
    select = _Select()
    touched = [
        f"{kind}:{value}"
        for kind in ("approval", "table", "resource", "namespace", "rule", "verb", "effect")
        if (value := getattr(wanted, kind))
    ]
    if wanted.text:
        select.source = "words CROSS JOIN operations AS o ON o.number = words.rowid"
        select.key = "words.rowid"
        select.where("words MATCH ?", fts_query(wanted.text))
    elif touched:
        select.source = "touches AS t CROSS JOIN operations AS o ON o.number = t.number"
        select.key = "t.number"
        select.where("t.name = ?", touched.pop(0))
    for name in touched:
        select.where("EXISTS (SELECT 1 FROM touches AS x WHERE x.name = ? AND x.number = o.number)", name)
    if wanted.since_us:
        select.where(f"{select.key} >= ?", wanted.since_us << NUMBER_BITS)
    if wanted.until_us is not None:
        select.where(f"{select.key} < ?", wanted.until_us << NUMBER_BITS)
    if wanted.before is not None:
        select.where(f"{select.key} < ?", wanted.before)
    if wanted.after is not None:
        select.where(f"{select.key} > ?", wanted.after)
    if wanted.mask:
        select.where("o.masked > 0")
    return select


def _of_session(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """What is asked of an operation's session."""
    conditions: list[str] = []
    values: list[Any] = []
    for name, condition in SESSION_CONDITIONS.items():
        value = getattr(wanted, name)
        if value not in ("", None):
            conditions.append(condition)
            values += [value] * condition.count("?")
    return conditions, values


def _narrow(connection: sqlite3.Connection, select: _Select, wanted: Wanted) -> bool:
    """Confines the search to when such sessions were open; False when there is none.

    Words that occur everywhere are not looked up all over for a principal who was here once.
    """
    conditions, values = _of_session(wanted)
    if not conditions:
        return True
    where = " AND ".join(conditions)
    query = f"SELECT min(opened_us), max(coalesce(closed_us, ?)) FROM sessions AS s WHERE {where}"  # noqa: S608
    (first, last) = next(_bounded(connection, query, [TIME_MAX_US, *values]))
    if first is None:
        return False
    select.where(f"{select.key} >= ?", first << NUMBER_BITS)
    select.where(f"{select.key} <= ?", ((last + 1) << NUMBER_BITS) - 1)
    for condition in conditions:
        select.conditions.append(condition)
    select.values += values
    return True


def _bounded(connection: sqlite3.Connection, statement: str, values: Sequence[Any]) -> Iterator[sqlite3.Row]:
    """Runs a search that ends with an error when it takes too many steps."""
    left = STEPS_MAX // STEPS_CHECKED

    def too_long() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    connection.set_progress_handler(too_long, STEPS_CHECKED)
    try:
        yield from connection.execute(statement, values)
    except sqlite3.OperationalError as error:
        if left < 0:
            raise SearchError(
                "the search takes too long", "Narrow it: --since, --target, --table, or rarer words."
            ) from None
        raise StoreError(f"the index cannot be read: {error}") from error
    except sqlite3.Error as error:
        raise StoreError(f"the index cannot be read: {error}") from error
    finally:
        connection.set_progress_handler(None, 0)


def _hit(row: sqlite3.Row) -> Hit:
    time_us = row["number"] >> NUMBER_BITS
    same = {name: row[name] for name in Hit.__slots__ if name not in ("time_us", "ended")}
    return Hit(time_us=time_us, ended=bool(row["ended"]), **same)


def session_of(name: str) -> int:
    """The session that a search names. Raises SearchError when it is none."""
    try:
        return session_id(name)
    except ValueError:
        raise SearchError(f"{name} is no session's id", "`narrows sessions list` names them.") from None
