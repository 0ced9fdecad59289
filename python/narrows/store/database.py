"""The way to the store from Trio: a thread for all that can wait, direct calls where nothing else runs yet.

There is one writer at a time, whatever the engine: SQLite has no more, and on PostgreSQL a lock makes it so
for all nodes (`postgres`). So a function over a connection may read, decide and write, and nobody comes
between. Who writes at the same time shares a transaction (`writer`), and cannot tell.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import trio
from sqlalchemy import create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from narrows.errors import StoreError
from narrows.store.migrations import migrate
from narrows.store.writer import Writer, store_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another one: a command on the same node, or another node."""


class Store:
    """Runs functions over a connection, each whole or not at all.

    Args:
        engine: The database. Its `begin` listener looks at the execution option `writes`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._writer = Writer(self._writing)
        self._beside = trio.CapacityLimiter(1)

    async def run(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs `work(connection, ...)` in the store's thread as the one writer, and commits.

        It cannot be abandoned half way: when the caller is cancelled, the transaction still ends first.

        Raises:
            StoreError: The database cannot be read or written.
        """
        result: T = await self._writer.run(lambda connection: work(connection, *args, **kwargs))
        return result

    async def run_beside(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, beside the writer: for what changes no table."""
        return await trio.to_thread.run_sync(
            partial(_transact, self._engine, work, *args, **kwargs), limiter=self._beside
        )

    def run_here(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `run`, in the calling thread: at start, and for commands outside Trio."""
        return _transact(self._writing, work, *args, **kwargs)

    def close(self) -> None:
        """Closes every connection; SQLite folds its write-ahead log into the file."""
        self._engine.dispose()


def open_store(path: Path, *, create: bool = True) -> Store:
    """Opens the SQLite store at `path` and migrates it.

    Args:
        path: The database file.
        create: Make the file, and its directory, when missing.

    Raises:
        StoreError: It does not exist, is no database, cannot be opened, or is of a newer version.
    """
    if create:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    elif not path.exists():
        raise StoreError(f"there is no store at {path}; has `narrows serve` run with this configuration?")
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
        pool_size=2,
        max_overflow=2,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return migrated(engine)


def migrated(engine: Engine) -> Store:
    """The store in a database, once it has the newest tables. Raises StoreError."""
    store = Store(engine)
    store.run_here(migrate, time.time_ns() // 1_000_000)
    return store


def _transact(
    engine: Engine, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with _store_errors(), engine.begin() as connection:
        return work(connection, *args, **kwargs)


def _prepare(connection: Any, _record: object) -> None:
    """WAL lets readers and the writer work side by side; NORMAL survives kill -9 and syncs at checkpoints.

    The driver's own transactions are turned off: they would leave a migration's DDL outside.
    """
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", f"busy_timeout = {BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: who starts as a reader may be too late to become a writer."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise store_error(error) from None
