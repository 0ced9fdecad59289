"""Legal holds: what must not be deleted, whatever its age."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from narrows.store.schema import holds

if TYPE_CHECKING:
    from sqlalchemy import Connection

SUBJECTS = ("session", "principal", "target")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One hold."""

    id: str
    subject: str
    """What it is on: one of `SUBJECTS`."""
    value: str
    """Which: a session's name, a principal's key, a target's name."""
    reason: str
    placed_by: str
    placed_ms: int
    lifted_by: str = ""
    lifted_ms: int | None = None


def place(connection: Connection, hold: Hold) -> None:
    """Notes a hold."""
    connection.execute(insert(holds).values(asdict(hold)))


def lift(connection: Connection, hold: str, *, by: str, now_ms: int) -> bool:
    """Ends a hold; False when there is none of that id in force."""
    statement = update(holds).where(holds.c.id == hold, holds.c.lifted_ms.is_(None))
    return connection.execute(statement.values(lifted_by=by, lifted_ms=now_ms)).rowcount > 0


def everything(connection: Connection) -> list[Hold]:
    """Every hold, lifted ones too, newest first."""
    columns = [holds.c[name] for name in Hold.__slots__]
    query = select(*columns).order_by(holds.c.placed_ms.desc(), holds.c.id)
    return [Hold(**row) for row in connection.execute(query).mappings()]
