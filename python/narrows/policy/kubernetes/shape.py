"""The shape of an API call: the same thing done to another object, or to another state of it.

A person may approve a shape for a while. It decides only whether they were asked before: policy still judges
every call as it is. So it errs towards telling apart: all but the object's name and state must be the same.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from narrows.policy.kubernetes.bodies import BodyRefused, read_body

if TYPE_CHECKING:
    from narrows.model import ApiCall

STATE = frozenset({"resourceVersion", "uid", "generation", "creationTimestamp", "managedFields"})
"""What an object's metadata, or an option, says of the state that it was read in."""


def call_shape(call: ApiCall) -> dict[str, Any]:
    """What stays the same in every call that an approval of this one's shape covers, as JSON values."""
    return {
        "verb": call.verb,
        "method": call.method,
        "group": call.group,
        "version": call.version,
        "resource": call.resource,
        "subresource": call.subresource,
        "namespace": call.namespace,
        **({} if call.resource else {"path": call.route}),
        "query": sorted([name, value] for name, value in call.query if name not in STATE),
        "argv": list(call.argv),
        "content_type": call.content_type,
        "body_sha256": hashlib.sha256(_timeless(call)).hexdigest(),
    }


def _timeless(call: ApiCall) -> bytes:
    """The body without the state that it was read in; as it is, where it is no object."""
    try:
        document = read_body(call.content_type, call.body)
    except BodyRefused:
        return call.body
    if isinstance(document, dict) and isinstance(metadata := document.get("metadata"), dict):
        kept = {name: value for name, value in metadata.items() if name not in STATE}
        document = {**document, "metadata": kept}
    return msgspec.json.encode(document, order="deterministic")
