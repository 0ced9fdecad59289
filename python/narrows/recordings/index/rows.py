"""Operations as rows of the index: numbered by their time, written as they go on and again at their end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from narrows.recordings.index.schema import NUMBER_BITS
from narrows.recordings.index.subjects import subjects
from narrows.recordings.operations import TEXT_CHARACTERS_MAX

if TYPE_CHECKING:
    import sqlite3

    from narrows.recordings.operations import Operation

SAME = (
    "moment", "kind", "effect", "rule", "reason", "approval", "rows", "masked", "took_us", "error",
    "left_out_bytes", "output",
)  # fmt: skip
"""Columns that are what an operation has under that name."""


class OperationRows:
    """Writes operations within the transactions of whoever has the connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._given: dict[int, int] = {}

    def begin(self) -> None:
        """A transaction has begun: numbers given in one that was not committed are free again."""
        self._given.clear()

    def known(self, session: int, operation: int) -> tuple[int, bool] | None:
        """The number of an operation that has been written, and whether it had ended."""
        row = self._connection.execute(
            "SELECT number, ended FROM operations WHERE session = ? AND operation = ?", (session, operation)
        ).fetchone()
        return None if row is None else (row["number"], bool(row["ended"]))

    def next_number(self, time_us: int) -> int:
        """The first number of that microsecond that is free; where none is, one of the next."""
        number = time_us << NUMBER_BITS
        while True:
            last = number | ((1 << NUMBER_BITS) - 1)
            taken = self._connection.execute(
                "SELECT max(number) FROM operations WHERE number BETWEEN ? AND ?", (number, last)
            ).fetchone()[0]
            free = max(number, number if taken is None else taken + 1, self._given.get(number, number))
            if free <= last:
                self._given[number] = free + 1
                return free
            number = last + 1

    def write(self, session: int, number: int, operation: Operation, *, ended: bool, replaces: bool) -> bool:
        """Writes an operation as far as it has come.

        Args:
            session: Whose.
            number: Its number in the index.
            operation: What is known of it.
            ended: Nothing more will come of it.
            replaces: It was written before, when it had not ended.

        Returns:
            False where it had been written with its end before.
        """
        if replaces:
            self._remove(number, operation)
        values = {
            "number": number,
            "session": session,
            "operation": operation.number,
            "text": operation.text[:TEXT_CHARACTERS_MAX],
            "parameters": _parameters(operation),
            "ended": ended,
        } | {name: getattr(operation, name) for name in SAME}
        if not insert(self._connection, "operations", values):
            return False
        names = _names(operation, operation.rule, operation.effect, operation.approval)
        self._connection.executemany("INSERT INTO touches VALUES (?, ?)", [(name, number) for name in names])
        return True

    def _remove(self, number: int, operation: Operation) -> None:
        before = self._connection.execute(
            "DELETE FROM operations WHERE number = ? AND NOT ended RETURNING rule, effect, approval",
            (number,),
        ).fetchone()
        if before is not None:
            names = _names(operation, *before)
            self._connection.executemany(
                "DELETE FROM touches WHERE name = ? AND number = ?", [(name, number) for name in names]
            )


def insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> bool:
    """Adds a row; False where there is one of the same key already."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",  # noqa: S608, names of our own
        tuple(values.values()),
    )
    return cursor.rowcount > 0


def _names(operation: Operation, rule: str, effect: str, approval: str) -> list[str]:
    """What an operation is found by beside its words."""
    names = [f"rule:{rule}", f"effect:{effect}", *subjects(operation.text)]
    return [*names, f"approval:{approval}"] if approval else names


def _parameters(operation: Operation) -> str:
    """Parameters as JSON; where there is no room for all of them, as much as there is of its text."""
    if not operation.parameters:
        return ""
    return json.dumps(operation.parameters, ensure_ascii=False)[:TEXT_CHARACTERS_MAX]
