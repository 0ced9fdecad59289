"""What an approval is bound to: one canonical document and its SHA-256.

An approver is shown the document, and beside it what the operation would touch; a yes is for the digest of
both. When the operation is to be released, its document is made anew: if anything in that is different, its
digest is another one and the approval is void. What it would touch is not looked at again, for rows come and
go; a rule's `limit` is in the document and enforces a number.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.model import Decision, Operation, Principal

DOCUMENT_BYTES_MAX = 2 << 20
"""A person cannot review more; an operation whose document is larger is denied."""


def document_of(
    principal: Principal, target: str, database: str, operation: Operation, decision: Decision
) -> dict[str, Any]:
    """The canonical document of one operation: who wants what where, under which rule of which policy."""
    where = {"target": target, "database": database} if database else {"target": target}
    limit = {} if decision.rows_max is None else {"rows_max": decision.rows_max}
    return {
        "version": 1,
        "principal": principal.key,
        **where,
        **operation.document(),
        **limit,
        "policy": decision.policy_version,
        "rule": decision.rule,
    }


def shown_document(document: dict[str, Any], preview: dict[str, Any] | None) -> dict[str, Any]:
    """All that approvers are shown of an operation: its document, and its preview where there is one."""
    return document if preview is None else {**document, "preview": preview}


def canonical(document: dict[str, Any]) -> bytes:
    """The one encoding of a document: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 over the canonical encoding, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()
