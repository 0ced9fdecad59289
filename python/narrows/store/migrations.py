"""Numbered steps from an empty database to the tables of `schema`; a step, once released, never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from narrows.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST = (
    """CREATE TABLE sessions (
        id BIGINT NOT NULL PRIMARY KEY, principal TEXT NOT NULL, target TEXT NOT NULL, peer TEXT NOT NULL,
        opened_ms BIGINT NOT NULL, closed_ms BIGINT, close_reason TEXT NOT NULL, operations BIGINT NOT NULL,
        denials BIGINT NOT NULL, masked_values BIGINT NOT NULL, bytes_to_agent BIGINT NOT NULL,
        frames BIGINT NOT NULL, head TEXT NOT NULL, document TEXT NOT NULL)""",
    "CREATE INDEX sessions_by_time ON sessions (opened_ms)",
    """CREATE TABLE decisions (
        number {serial}, time_ms BIGINT NOT NULL, session BIGINT NOT NULL,
        principal TEXT NOT NULL, target TEXT NOT NULL, effect TEXT NOT NULL, rule TEXT NOT NULL,
        reason TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, approval TEXT, approver TEXT,
        policy_version TEXT NOT NULL)""",
    "CREATE INDEX decisions_by_session ON decisions (session, number)",
    """CREATE TABLE approvals (
        id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, session BIGINT NOT NULL, principal TEXT NOT NULL,
        target TEXT NOT NULL, rule TEXT NOT NULL, digest TEXT NOT NULL, requested_ms BIGINT NOT NULL,
        expires_ms BIGINT NOT NULL, closed_ms BIGINT, close_reason TEXT NOT NULL, used_ms BIGINT,
        request TEXT NOT NULL)""",
    "CREATE INDEX approvals_by_state ON approvals (state, requested_ms)",
    """CREATE TABLE votes (
        approval TEXT NOT NULL, approver TEXT NOT NULL, name TEXT NOT NULL, vote TEXT NOT NULL,
        reason TEXT NOT NULL, time_ms BIGINT NOT NULL, PRIMARY KEY (approval, approver))""",
    """CREATE TABLE tickets (
        digest TEXT NOT NULL PRIMARY KEY, expires_ms BIGINT NOT NULL, uses INTEGER NOT NULL,
        uses_max INTEGER NOT NULL, used_ms BIGINT NOT NULL, used_from TEXT NOT NULL,
        document TEXT NOT NULL)""",
    "CREATE INDEX tickets_by_expiry ON tickets (expires_ms)",
    """CREATE TABLE revocations (
        subject TEXT NOT NULL, value TEXT NOT NULL, revoked_ms BIGINT NOT NULL, revoked_by TEXT NOT NULL,
        reason TEXT NOT NULL, PRIMARY KEY (subject, value))""",
    "CREATE TABLE policy_versions (version TEXT NOT NULL PRIMARY KEY, first_ms BIGINT NOT NULL)",
)

GRANTS = (
    "ALTER TABLE approvals ADD COLUMN mode TEXT NOT NULL DEFAULT 'hold'",
    "ALTER TABLE approvals ADD COLUMN policy_version TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE approvals ADD COLUMN preview TEXT",
    "ALTER TABLE approvals ADD COLUMN review TEXT",
    "CREATE INDEX approvals_by_digest ON approvals (digest, requested_ms)",
    "CREATE INDEX approvals_by_principal ON approvals (principal, requested_ms)",
    """CREATE TABLE grants (
        id TEXT NOT NULL PRIMARY KEY, key TEXT NOT NULL, approval TEXT NOT NULL, principal TEXT NOT NULL,
        target TEXT NOT NULL, rule TEXT NOT NULL, scope TEXT NOT NULL, session BIGINT NOT NULL,
        statement TEXT NOT NULL, policy_version TEXT NOT NULL, granted_by TEXT NOT NULL,
        granted_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, uses_max INTEGER NOT NULL,
        uses INTEGER NOT NULL, used_ms BIGINT, revoked_ms BIGINT, revoked_by TEXT NOT NULL,
        revoke_reason TEXT NOT NULL)""",
    "CREATE INDEX grants_by_key ON grants (key, expires_ms)",
    "CREATE INDEX grants_by_approval ON grants (approval)",
    "CREATE INDEX grants_by_time ON grants (granted_ms)",
    """CREATE TABLE deliveries (
        approval TEXT NOT NULL, notifier TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
        error TEXT NOT NULL, time_ms BIGINT NOT NULL, PRIMARY KEY (approval, notifier))""",
)

NODES = (
    "ALTER TABLE sessions ADD COLUMN node TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE waits (approval TEXT NOT NULL, node TEXT NOT NULL, PRIMARY KEY (approval, node))",
    "ALTER TABLE deliveries ADD COLUMN reference TEXT NOT NULL DEFAULT ''",
)

RECORDINGS = (
    """CREATE TABLE readings (
        number {serial}, time_ms BIGINT NOT NULL, reader TEXT NOT NULL,
        how TEXT NOT NULL, what TEXT NOT NULL)""",
    """CREATE TABLE exports (
        node TEXT NOT NULL, name TEXT NOT NULL, segment BIGINT NOT NULL, "offset" BIGINT NOT NULL,
        n BIGINT NOT NULL, sent BIGINT NOT NULL, time_us BIGINT NOT NULL, failing_since_us BIGINT NOT NULL,
        error TEXT NOT NULL, PRIMARY KEY (node, name))""",
    """CREATE TABLE segments (
        node TEXT NOT NULL, number BIGINT NOT NULL, bytes BIGINT NOT NULL, sha256 TEXT NOT NULL,
        stored_ms BIGINT NOT NULL, PRIMARY KEY (node, number))""",
    """CREATE TABLE holds (
        id TEXT NOT NULL PRIMARY KEY, subject TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL,
        placed_by TEXT NOT NULL, placed_ms BIGINT NOT NULL, lifted_by TEXT NOT NULL, lifted_ms BIGINT)""",
)

SIGN_INS = (
    """CREATE TABLE logins (
        digest TEXT NOT NULL PRIMARY KEY, opened_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL,
        sealed TEXT NOT NULL)""",
    "CREATE INDEX logins_by_use ON logins (seen_ms)",
    """CREATE TABLE attempts (
        digest TEXT NOT NULL PRIMARY KEY, browser TEXT NOT NULL, began_ms BIGINT NOT NULL,
        sealed TEXT NOT NULL)""",
    "CREATE INDEX attempts_by_time ON attempts (began_ms)",
)

SHOWN = ("ALTER TABLE votes ADD COLUMN digest TEXT NOT NULL DEFAULT ''",)

MIGRATIONS: tuple[tuple[str, ...], ...] = (FIRST, GRANTS, NODES, RECORDINGS, SIGN_INS, SHOWN)
"""The step at index n has number n + 1."""

SERIAL = {
    "sqlite": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


def migrate(connection: Connection, now_ms: int) -> int:
    """Brings the database up to the newest schema, within the connection's transaction.

    Args:
        connection: An open transaction on the database.
        now_ms: The time to note against each step, in milliseconds since 1970.

    Returns:
        How many steps were applied.

    Raises:
        StoreError: A newer version of Narrows has already migrated the database.
    """
    done = _applied(connection)
    if done > len(MIGRATIONS):
        raise StoreError(
            f"the store is at schema {done}, newer than the {len(MIGRATIONS)} that this version knows; "
            "run the version of Narrows that migrated it, or restore a copy"
        )
    for number, statements in enumerate(MIGRATIONS[done:], start=done + 1):
        for statement in statements:
            connection.execute(text(statement.format(serial=SERIAL[connection.dialect.name])))
        connection.execute(
            text("INSERT INTO migrations (number, applied_ms) VALUES (:number, :now)"),
            {"number": number, "now": now_ms},
        )
    return len(MIGRATIONS) - done


def _applied(connection: Connection) -> int:
    if not inspect(connection).has_table("migrations"):
        connection.execute(
            text("CREATE TABLE migrations (number INTEGER NOT NULL PRIMARY KEY, applied_ms BIGINT NOT NULL)")
        )
    done: int = connection.execute(text("SELECT coalesce(max(number), 0) FROM migrations")).scalar_one()
    return done
