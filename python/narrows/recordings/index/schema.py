"""The index's file: SQLite with FTS5, made from the journal and made again whenever its form changes.

An operation's number is the microsecond at which it was asked, and a count within that. So a time is a range
of numbers, and the newest come first without sorting, also from a full-text query, which goes by numbers.
"""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from narrows.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

VERSION = 3
"""Of the tables below. An index of another version is made anew."""
NOT_COMPARED = tuple(f'INSERT INTO "{table}"' for table in ("progress", "words_data", "words_idx"))
BUSY_TIMEOUT_S = 5.0
NUMBER_BITS = 12
"""Bits of an operation's number below its time."""

TABLES = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY, principal TEXT NOT NULL, name TEXT NOT NULL, object TEXT NOT NULL,
    target TEXT NOT NULL, peer TEXT NOT NULL, masks TEXT NOT NULL, opened_us INTEGER NOT NULL,
    closed_us INTEGER, close_reason TEXT NOT NULL DEFAULT '', bytes_to_agent INTEGER NOT NULL DEFAULT 0,
    frames INTEGER NOT NULL, last_segment INTEGER, document TEXT NOT NULL);
CREATE INDEX sessions_open ON sessions (id) WHERE closed_us IS NULL;
CREATE INDEX sessions_by_time ON sessions (opened_us);

CREATE TABLE operations (
    number INTEGER PRIMARY KEY, session INTEGER NOT NULL, operation INTEGER NOT NULL, moment INTEGER NOT NULL,
    kind TEXT NOT NULL, effect TEXT NOT NULL, rule TEXT NOT NULL, reason TEXT NOT NULL,
    approval TEXT NOT NULL, rows INTEGER NOT NULL, masked INTEGER NOT NULL, took_us INTEGER NOT NULL,
    error TEXT NOT NULL, left_out_bytes INTEGER NOT NULL, ended INTEGER NOT NULL,
    text TEXT NOT NULL, parameters TEXT NOT NULL, output TEXT NOT NULL, UNIQUE (session, operation));

CREATE TABLE touches (
    name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (name, number)) WITHOUT ROWID;

CREATE TABLE places (
    session INTEGER NOT NULL, moment INTEGER NOT NULL, sequence INTEGER NOT NULL, time_us INTEGER NOT NULL,
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (session, moment))
    WITHOUT ROWID;

CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1), segment INTEGER NOT NULL, offset INTEGER NOT NULL,
    time_us INTEGER NOT NULL);
INSERT INTO progress VALUES (1, 0, 0, 0);

CREATE TABLE outbox (
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, n INTEGER NOT NULL, time_us INTEGER NOT NULL,
    event TEXT NOT NULL, session INTEGER NOT NULL, number INTEGER,
    PRIMARY KEY (segment, offset, n)) WITHOUT ROWID;

CREATE INDEX outbox_by_number ON outbox (number);

CREATE VIRTUAL TABLE words USING fts5 (
    text, parameters, output, content = 'operations', content_rowid = 'number', tokenize = 'unicode61');
CREATE TRIGGER operation_added AFTER INSERT ON operations BEGIN
    INSERT INTO words (rowid, text, parameters, output)
    VALUES (new.number, new.text, new.parameters, new.output); END;
CREATE TRIGGER operation_removed AFTER DELETE ON operations BEGIN
    INSERT INTO words (words, rowid, text, parameters, output)
    VALUES ('delete', old.number, old.text, old.parameters, old.output); END;
"""
"""`touches` says what operations are about: `verb:select`, `table:public.orders`, `resource:pods/log`,
`namespace:shop`, `rule:…`, `effect:…`, `approval:…`. `places` are where a recording can be read from without
what is before: with the state of the transcript there, as JSON. `outbox` is what exports
send: what happened, by the frame."""


def open_index(path: Path) -> sqlite3.Connection:
    """Opens the index for writing, made when missing; one of another version is thrown away first.

    Raises:
        StoreError: It cannot be made.
    """
    try:
        connection = _connect(path)
        if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            connection.close()
            remove(path)
            connection = _connect(path)
            connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    except sqlite3.Error as error:
        raise StoreError(f"the index {path} cannot be used: {error}") from error
    return connection


def read_index(path: Path) -> sqlite3.Connection:
    """Opens the index for reading.

    Raises:
        StoreError: There is none, or it is of another version.
    """
    hint = "`narrows serve` makes it while it runs, `narrows recordings index` by hand"
    if not path.exists():
        raise StoreError(f"there is no index at {path}: {hint}")
    try:
        connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(f"the index {path} cannot be read: {error}") from error
    if version != VERSION:
        connection.close()
        raise StoreError(f"the index {path} is of another version: {hint}")
    return connection


def write_index(path: Path) -> sqlite3.Connection:
    """Opens an index that is there for taking something out of it, beside whoever keeps it."""
    return _connect(path)


def lock_index(path: Path) -> IO[bytes]:
    """Keeps other writers out for as long as the file that is returned stays open.

    Raises:
        StoreError: Somebody writes the index.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = path.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise StoreError(
            f"another process writes the index {path}; a gateway that runs keeps it by itself"
        ) from None
    return file


def remove(path: Path) -> None:
    """Removes the index, as before it is made anew; whoever does holds its lock."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def dump(path: Path) -> list[str]:
    """Everything in the index as SQL, for comparing one with another; not how far it has looked for more, nor
    in which pieces its words lie, once they are found to be those of its operations.

    Raises:
        sqlite3.DatabaseError: They are not.
    """
    with closing(write_index(path)) as connection:
        connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        return [line for line in connection.iterdump() if not line.startswith(NOT_COMPARED)]


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # it can be made again from the journal
    return connection
