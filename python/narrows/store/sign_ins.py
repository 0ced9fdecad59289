"""People's sign-ins at the console: those that are under way, and those that hold.

Rows are found by the hash of what a browser keeps, and what they say is sealed with it
(`console.web.logins`): whoever reads the store, or a copy of it, learns that somebody is signed in, not who.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, or_, select, update

from narrows.store.schema import attempts, logins

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


@dataclass(frozen=True, slots=True)
class LoginRow:
    """One browser that a person is signed in with."""

    digest: str
    """SHA-256 of its cookie, in hex."""
    opened_ms: int
    seen_ms: int
    sealed: str
    """Who, in a form that only the cookie opens."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A sign-in that a browser has begun."""

    digest: str
    """SHA-256 of its state, in hex."""
    browser: str
    """The same of the cookie of the browser that began it."""
    began_ms: int
    sealed: str


def add_login(
    connection: Connection, row: LoginRow, *, opened_before_ms: int, seen_before_ms: int, most: int
) -> None:
    """Stores a login and drops those that are over, by when they were opened or last seen.

    Args:
        connection: A writer's.
        row: The login.
        opened_before_ms: What was opened before is over.
        seen_before_ms: What was last seen before is over.
        most: How many there may be; the ones seen longest ago go.
    """
    connection.execute(
        delete(logins).where(or_(logins.c.opened_ms <= opened_before_ms, logins.c.seen_ms <= seen_before_ms))
    )
    _make_room(connection, logins, "seen_ms", most)
    connection.execute(insert(logins).values(asdict(row)))


def find_login(connection: Connection, digest: str) -> LoginRow | None:
    """The login of a cookie."""
    row = connection.execute(select(logins).where(logins.c.digest == digest)).mappings().first()
    return LoginRow(**row) if row else None


def see_login(connection: Connection, digest: str, now_ms: int) -> None:
    """Notes that a page was asked for with a cookie."""
    connection.execute(update(logins).where(logins.c.digest == digest).values(seen_ms=now_ms))


def remove_login(connection: Connection, digest: str) -> None:
    """Ends the login of a cookie, at every node."""
    connection.execute(delete(logins).where(logins.c.digest == digest))


def add_attempt(connection: Connection, row: AttemptRow, *, began_before_ms: int, most: int) -> None:
    """Stores an attempt and drops those that began too long ago, and the oldest beyond `most`."""
    connection.execute(delete(attempts).where(attempts.c.began_ms <= began_before_ms))
    _make_room(connection, attempts, "began_ms", most)
    connection.execute(insert(attempts).values(asdict(row)))


def take_attempt(connection: Connection, digest: str, browser: str) -> AttemptRow | None:
    """The attempt of a state, where this browser began it; there is none any more afterwards."""
    mine = (attempts.c.digest == digest) & (attempts.c.browser == browser)
    row = connection.execute(select(attempts).where(mine)).mappings().first()
    if row is None:
        return None
    connection.execute(delete(attempts).where(mine))
    return AttemptRow(**row)


def _make_room(connection: Connection, table: Table, by: str, most: int) -> None:
    """Removes the oldest rows until one more is not too many."""
    there: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    if there < most:
        return
    oldest = select(table.c.digest).order_by(table.c[by]).limit(there - most + 1)
    connection.execute(delete(table).where(table.c.digest.in_(oldest)))
