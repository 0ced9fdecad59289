"""What outlives the process: sessions, decisions, approvals, tickets, revocations and policy versions.

SQLAlchemy Core over SQLite, or over PostgreSQL for many nodes; one writer at a time. Every module here but
`database` and `postgres` is functions over a connection and portable SQL, which serve on both.
"""

from narrows.store.database import Store, open_store

__all__ = ["Store", "open_store"]
