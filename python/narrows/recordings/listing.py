"""A session as people see it in lists, from the store's row of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    from narrows.store.sessions import SessionRow


def shown(row: SessionRow) -> dict[str, Any]:
    """A session as the API and the commands show it."""
    return {
        "id": session_name(row.id),
        "principal": row.principal,
        "target": row.target,
        "peer": row.peer,
        "opened_ms": row.opened_ms,
        "closed_ms": row.closed_ms,
        "close_reason": row.close_reason,
        "operations": row.operations,
        "denials": row.denials,
        "masked_values": row.masked_values,
        "bytes_to_agent": row.bytes_to_agent,
        "record": json.loads(row.document),
    }
