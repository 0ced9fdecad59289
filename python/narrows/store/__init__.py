"""What outlives the process: sessions, decisions, approvals, tickets, revocations and policy versions.

SQLAlchemy Core over SQLite, one writer. Every module here but `database` is functions over a connection
and portable SQL, so that PostgreSQL can serve the same callers.
"""

from narrows.store.database import Store, open_store

__all__ = ["Store", "open_store"]
