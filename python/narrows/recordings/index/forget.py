"""Taking a session out of the index, as when its content was deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from narrows.errors import StoreError
from narrows.recordings.index.schema import write_index

if TYPE_CHECKING:
    from pathlib import Path

STATEMENTS = (
    "DELETE FROM touches WHERE number IN (SELECT number FROM operations WHERE session = ?)",
    "DELETE FROM outbox WHERE session = ?",
    "DELETE FROM operations WHERE session = ?",
    "DELETE FROM places WHERE session = ?",
    "DELETE FROM sessions WHERE id = ?",
)


def forget(path: Path, session: int) -> None:
    """Removes everything of a session, its words among it. It does nothing where there is no index.

    Args:
        path: The index's file.
        session: A session that is over.

    Raises:
        StoreError: The index cannot be written.
    """
    if not path.exists():
        return
    try:
        with closing(write_index(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in STATEMENTS:
                connection.execute(statement, (session,))
            connection.execute("COMMIT")
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    except sqlite3.Error as error:
        raise StoreError(f"the index {path} cannot be written: {error}") from error
