"""The one writer: whoever comes while a transaction is under way shares the next one with all who wait.

A transaction of its own for each costs a thread's turn, a BEGIN and a COMMIT; many sessions that open at
once need one of each. Nobody waits longer for that: the first to come writes at once, and those behind
would have waited for that transaction anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import outcome
import trio
from sqlalchemy.exc import SQLAlchemyError

from narrows.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine

SHARED_MAX = 100
"""The most that share one transaction."""


@dataclass(slots=True, eq=False)
class _Piece:
    """Work for one caller, and what came of it once the transaction has ended."""

    work: Callable[[Connection], Any]
    result: outcome.Outcome[Any] | None = None


class Writer:
    """Runs functions over a connection, one after the other, each whole or not at all.

    Args:
        engine: The database; its transactions are a writer's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: list[_Piece] = []
        self._turn = trio.Lock()

    async def run(self, work: Callable[[Connection], Any]) -> Any:
        """Runs `work(connection)` in a thread; returns once it is committed.

        A caller who is cancelled before its transaction begins leaves nothing behind; one who is cancelled
        later waits for its end.

        Raises:
            StoreError: The database cannot be read or written.
        """
        piece = _Piece(work)
        self._waiting.append(piece)
        await self._take_turn(piece)
        try:
            if piece.result is None:
                await self._write()
        finally:
            self._turn.release()
        assert piece.result is not None
        return piece.result.unwrap()

    async def _take_turn(self, piece: _Piece) -> None:
        try:
            await self._turn.acquire()
        except trio.Cancelled:
            if piece in self._waiting:
                self._waiting.remove(piece)
                raise
            with trio.CancelScope(shield=True):
                await self._turn.acquire()

    async def _write(self) -> None:
        """The first who waits is whose turn it is."""
        shared = self._waiting[:SHARED_MAX]
        del self._waiting[:SHARED_MAX]
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(_transact, self._engine, shared)


def _transact(engine: Engine, pieces: Sequence[_Piece]) -> None:
    try:
        with engine.begin() as connection:
            results = [_attempt(connection, piece, shares=len(pieces) > 1) for piece in pieces]
    except BaseException as error:  # whatever it is, each of them is told
        results = [outcome.Error(_told(error)) for _ in pieces]
    for piece, result in zip(pieces, results, strict=True):
        piece.result = result


def _attempt(connection: Connection, piece: _Piece, *, shares: bool) -> outcome.Outcome[Any]:
    """Whoever fails takes back what it did itself, and nothing else."""
    if not shares:
        return outcome.Value(piece.work(connection))
    connection.exec_driver_sql("SAVEPOINT piece")
    try:
        result = outcome.Value(piece.work(connection))
    except Exception as error:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT piece")
        return outcome.Error(_told(error))
    connection.exec_driver_sql("RELEASE SAVEPOINT piece")
    return result


def _told(error: BaseException) -> BaseException:
    return store_error(error) if isinstance(error, SQLAlchemyError) else error


def store_error(error: SQLAlchemyError) -> StoreError:
    """The driver's error as ours, without the statement's parameters, which may be sensitive."""
    cause = getattr(error, "orig", None) or type(error).__name__
    return StoreError(f"the store cannot be read or written: {cause}")
