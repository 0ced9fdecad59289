"""The tables as they are after the last migration. `migrations` makes them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

migrations = Table(
    "migrations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("applied_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("principal", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("close_reason", Text, nullable=False),
    Column("operations", BigInteger, nullable=False),
    Column("denials", BigInteger, nullable=False),
    Column("masked_values", BigInteger, nullable=False),
    Column("bytes_to_agent", BigInteger, nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("node", Text, nullable=False, server_default=""),
    Index("sessions_by_time", "opened_ms"),
)
"""One row per admitted session; `document` is what the recording's first frame holds."""

decisions = Table(
    "decisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("time_ms", BigInteger, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("principal", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("approval", Text),
    Column("approver", Text),
    Column("policy_version", Text, nullable=False),
    Index("decisions_by_session", "session", "number"),
)
"""The audit log: what was decided, by which rule and by whom."""

approvals = Table(
    "approvals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("principal", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("requested_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("close_reason", Text, nullable=False),
    Column("used_ms", BigInteger),
    Column("request", Text, nullable=False),
    Column("mode", Text, nullable=False, server_default="hold"),
    Column("policy_version", Text, nullable=False, server_default=""),
    Column("preview", Text),
    Column("review", Text),
    Index("approvals_by_state", "state", "requested_ms"),
    Index("approvals_by_digest", "digest", "requested_ms"),
    Index("approvals_by_principal", "principal", "requested_ms"),
)
"""Approval requests; `request` is the whole of one as JSON, the columns are what is searched by. What comes
later, `preview` and `review`, is JSON too."""

votes = Table(
    "votes",
    metadata,
    Column("approval", Text, primary_key=True),
    Column("approver", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("vote", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("digest", Text, nullable=False, server_default=""),
)
"""Who said what to an approval request: one row per person."""

waits = Table(
    "waits",
    metadata,
    Column("approval", Text, primary_key=True),
    Column("node", Text, primary_key=True),
)
"""Which nodes hold an operation for a request that is open."""

grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("approval", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("statement", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("granted_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("uses_max", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    Column("revoked_by", Text, nullable=False),
    Column("revoke_reason", Text, nullable=False),
    Index("grants_by_key", "key", "expires_ms"),
    Index("grants_by_approval", "approval"),
    Index("grants_by_time", "granted_ms"),
)
"""Rights that came out of approvals: found by key, used until a time or a count."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("approval", Text, primary_key=True),
    Column("notifier", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("reference", Text, nullable=False, server_default=""),
)
"""Whether approvers were told of a request, by notifier."""

tickets = Table(
    "tickets",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("expires_ms", BigInteger, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("uses_max", Integer, nullable=False),
    Column("used_ms", BigInteger, nullable=False),
    Column("used_from", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("tickets_by_expiry", "expires_ms"),
)
"""Tickets by the SHA-256 of their text; the text itself is nowhere."""

revocations = Table(
    "revocations",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("revoked_ms", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Principals, apps, tokens and certificates that are accepted no more."""

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("version", Text, primary_key=True),
    Column("first_ms", BigInteger, nullable=False),
)
"""Every policy version that has ever decided something here."""

readings = Table(
    "readings",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("time_ms", BigInteger, nullable=False),
    Column("reader", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("what", Text, nullable=False),
)
"""Who read recordings."""

exports = Table(
    "exports",
    metadata,
    Column("node", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("segment", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("failing_since_us", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
)
"""How far each export has come in what was recorded."""

segments = Table(
    "segments",
    metadata,
    Column("node", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("stored_ms", BigInteger, nullable=False),
)
"""Segments of the journal that the object store holds."""

holds = Table(
    "holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_ms", BigInteger, nullable=False),
    Column("lifted_by", Text, nullable=False),
    Column("lifted_ms", BigInteger),
)
"""Recordings that must not be deleted, by whose they are."""

logins = Table(
    "logins",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("opened_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("sealed", Text, nullable=False),
    Index("logins_by_use", "seen_ms"),
)
"""People signed in at the console, by the SHA-256 of their cookie; only the cookie opens what is `sealed`."""

attempts = Table(
    "attempts",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("sealed", Text, nullable=False),
    Index("attempts_by_time", "began_ms"),
)
"""Sign-ins under way, by the SHA-256 of their state."""
