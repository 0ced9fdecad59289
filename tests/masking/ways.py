"""The ways in which a statement can reach the database, each returning every byte that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from tests.raw_client import (
    COPY_DONE,
    SYNC,
    Message,
    RawClient,
    bind,
    copy_data,
    describe,
    execute,
    parse,
    query,
)

if TYPE_CHECKING:
    from collections.abc import Callable

RawWay = "Callable[[RawClient, str], list[Message]]"
COPIED_IN = b"9\tcopied\n"


def simple(agent: RawClient, sql: str) -> list[Message]:
    """One Query message."""
    agent.send(query(sql))
    return _to_ready(agent)


def extended_text(agent: RawClient, sql: str) -> list[Message]:
    """Parse, Bind, Describe, Execute and Sync, results as text."""
    agent.send(parse(sql), bind(), describe("P"), execute(), SYNC)
    return _to_ready(agent, sync_again=True)


def extended_binary(agent: RawClient, sql: str) -> list[Message]:
    """A named statement, described before it is bound, and a portal read in two parts, results in binary.

    COPY allows nothing to be sent behind it.
    """
    if _copies(sql):
        return extended_text(agent, sql)
    agent.send(parse(sql, "named"), describe("S", "named"), bind("", "named", binary=True))
    agent.send(execute(rows_max=2), execute(), b"C\0\0\0\x0bSnamed\0", SYNC)
    return _to_ready(agent, sync_again=True)


RAW_WAYS: dict[str, Callable[[RawClient, str], list[Message]]] = {
    "simple": simple,
    "text": extended_text,
    "binary": extended_binary,
}


def by_driver(connection: psycopg.Connection[tuple[object, ...]], sql: str) -> bytes:
    """psycopg, results in binary and decoded: everything it made of the answer, as text."""
    told: list[object] = []
    notices: list[object] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        notices.append(_diagnostic(notice))

    connection.add_notice_handler(note)
    try:
        with connection.cursor(binary=True) as cursor:
            if _copies(sql):
                with cursor.copy(sql.encode()) as copy:
                    if "FROM STDIN" in sql.upper():
                        copy.write(COPIED_IN)
                    else:
                        told.extend(bytes(block) for block in copy)
            else:
                cursor.execute(sql.encode())
                if cursor.description is not None:
                    told.extend(cursor.fetchall())
            told.append(cursor.statusmessage)
    except psycopg.Error as error:
        told.append(_diagnostic(error.diag))
    finally:
        connection.remove_notice_handler(note)
    return repr((told, notices)).encode()


def _diagnostic(diagnostic: psycopg.errors.Diagnostic) -> dict[str, object]:
    names = [name for name in dir(diagnostic) if not name.startswith("_")]
    return {name: getattr(diagnostic, name) for name in names}


def _copies(sql: str) -> bool:
    upper = sql.lstrip().upper()
    return upper.startswith("COPY") and ("STDOUT" in upper or "STDIN" in upper)


def _to_ready(agent: RawClient, *, sync_again: bool = False) -> list[Message]:
    """Messages to ReadyForQuery, or to the end; a COPY that asks for data is given some."""
    seen = agent.until("ZGE")
    while seen and seen[-1].type in "GE":
        if seen[-1].type == "G":
            agent.send(copy_data(COPIED_IN), COPY_DONE)
            if sync_again:
                agent.send(SYNC)
        more = agent.until("ZGE")
        if not more:
            break
        seen += more
    return seen
