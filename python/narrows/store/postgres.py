"""The store of many nodes: PostgreSQL, with one writer at a time and a line on which nodes ring each other.

A writer takes an advisory lock for its transaction (docs/decisions/0018). What it committed is told by
NOTIFY, which only says that something changed: a ring that is lost delays, and decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
import trio
from sqlalchemy import create_engine, event, func, select

from narrows.errors import StoreError
from narrows.store.database import BUSY_TIMEOUT_MS, migrated
from narrows.store.doorbell import Ring

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from narrows.store.database import Store
    from narrows.store.doorbell import Doorbell

WRITER_LOCK = 0x6E6172726F7773
"""The advisory lock of whoever writes: "narrows" in ASCII."""
CHANNEL = "narrows"
CONNECT_TIMEOUT_S = 5
RETRY_S = 1.0
"""Pause before the line is taken up again."""
OUTGOING_MAX = 1_000
"""Rings that may wait to be told to the other nodes; more are lost, and those nodes look by themselves."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

log = structlog.get_logger("narrows.store")


def open_shared_store(url: str) -> Store:
    """Opens the store in a PostgreSQL database and migrates it.

    Args:
        url: `postgresql://user:password@host/database?sslmode=verify-full&sslrootcert=…`.

    Raises:
        StoreError: It cannot be reached over TLS, or is of a newer version, or psycopg is not installed.
    """
    conninfo = _checked(url)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _connect(conninfo),
        pool_size=3,
        max_overflow=2,
        pool_pre_ping=True,
    )
    event.listen(engine, "begin", _begin)
    return migrated(engine)


class Line:
    """Rings at every node of a store when something changes at one.

    Args:
        url: The store's.
        store: The store.
        doorbell: This node's.
        node: This node's name.
    """

    def __init__(self, url: str, store: Store, doorbell: Doorbell, node: str) -> None:
        self._url = url
        self._store = store
        self._doorbell = doorbell
        self._node = node
        self._send, self._receive = trio.open_memory_channel[Ring](OUTGOING_MAX)
        doorbell.tell_others = self._take

    async def run(self) -> None:
        """Tells and listens until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tell)
            while True:
                try:
                    await self._listen()
                except (StoreError, OSError, _driver().Error) as error:
                    log.error("no line to the other nodes", error=str(error))
                await trio.sleep(RETRY_S)

    def _take(self, ring: Ring) -> None:
        try:
            self._send.send_nowait(ring)
        except trio.WouldBlock:
            log.warning("ring lost", kind=ring.kind, id=ring.id)

    async def _tell(self) -> None:
        async for ring in self._receive:
            try:
                await self._store.run_beside(_notify, f"{self._node} {ring.kind} {ring.id}")
            except StoreError as error:
                log.error("other nodes not told", kind=ring.kind, id=ring.id, error=str(error))

    async def _listen(self) -> None:
        connection = await trio.to_thread.run_sync(_connect, _checked(self._url))
        try:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            self._doorbell.miss()  # what was said before this is not known
            while True:
                await trio.lowlevel.wait_readable(connection.fileno())
                for notice in connection.notifies(timeout=0):
                    self._hear(notice.payload)
        finally:
            connection.close()

    def _hear(self, payload: str) -> None:
        node, _, rest = payload.partition(" ")
        kind, _, name = rest.partition(" ")
        if node != self._node:
            self._doorbell.hear(Ring(kind, name, node))


def _notify(connection: Connection, payload: str) -> None:
    connection.execute(select(func.pg_notify(CHANNEL, payload)))


def _begin(connection: Connection) -> None:
    """One writer at a time; who waits too long fails, as on SQLite. Later statements see what it wrote."""
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


def _checked(url: str) -> dict[str, Any]:
    """The parameters of a connection, which is to be encrypted or to stay on this machine."""
    driver = _driver()
    try:
        told = driver.conninfo.conninfo_to_dict(url)
    except driver.Error:
        raise StoreError("the store's address is not postgresql://…") from None
    host = str(told.get("host", ""))
    if not host.startswith("/") and host not in LOOPBACK and told.get("sslmode") != "verify-full":
        raise StoreError("the store's address needs sslmode=verify-full: approvals and tickets pass there")
    return dict(told) | {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "narrows"}


def _connect(conninfo: dict[str, Any]) -> Any:
    try:
        return _driver().connect(**conninfo)
    except _driver().Error as error:
        raise StoreError(f"the store cannot be reached: {error}") from None


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise StoreError('a store in PostgreSQL needs psycopg: pip install "narrows[nodes]"') from None
    return psycopg
