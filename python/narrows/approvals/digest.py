"""What an approval is bound to: one canonical document and its SHA-256.

An approver sees the document and approves its digest. If anything in it is different when the statement
is to be released, the digest is another one and the approval is void.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.model import Decision, Parameter, Principal, Statement

PARAMETER_BYTES_SHOWN_MAX = 1_024
"""A longer parameter stands in the document as its length and SHA-256."""

DOCUMENT_BYTES_MAX = 2 << 20
"""A person cannot review more; a statement whose document is larger is denied."""


def document_of(
    principal: Principal, target: str, database: str, statement: Statement, decision: Decision
) -> dict[str, Any]:
    """The canonical document of one operation: who wants what where, under which rule of which policy."""
    return {
        "version": 1,
        "principal": principal.key,
        "target": target,
        "database": database,
        "statement": statement.text,
        "parameter_types": list(statement.parameter_types),
        "parameters": [_parameter(parameter) for parameter in statement.parameters or ()],
        "transaction": statement.transaction,
        "policy": decision.policy_version,
        "rule": decision.rule,
    }


def canonical(document: dict[str, Any]) -> bytes:
    """The one encoding of a document: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 over the canonical encoding, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _parameter(parameter: Parameter) -> dict[str, Any]:
    if parameter.value is None:
        return {"format": parameter.format, "value": None}
    if len(parameter.value) > PARAMETER_BYTES_SHOWN_MAX:
        return {
            "format": parameter.format,
            "bytes": len(parameter.value),
            "sha256": hashlib.sha256(parameter.value).hexdigest(),
        }
    text = _decoded(parameter.value) if parameter.format == 0 else None
    if text is None:
        return {"format": parameter.format, "hex": parameter.value.hex()}
    return {"format": parameter.format, "value": text}


def _decoded(value: bytes) -> str | None:
    """The text, or None where the bytes are none: the server will refuse them, approvers see hex."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
