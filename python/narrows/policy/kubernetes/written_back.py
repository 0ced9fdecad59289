"""Placeholders that come back in a write, and the body in which real values stand in their place.

An agent that reads a masked object, changes a field and saves the whole writes back what it was shown. Where
a mask says so, that is taken for what it means: leave this value as it is. A value is put only where it is
already, in the same object at the same place, so none can be moved to where it could be read.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.bodies import BodyRefused, read_body
from narrows.policy.kubernetes.masks import DROPPED_ANNOTATIONS
from narrows.policy.kubernetes.placeholders import holds_placeholder
from narrows.policy.kubernetes.resources import Resource

if TYPE_CHECKING:
    from narrows.model import ApiCall
    from narrows.policy.kubernetes.masks import ObjectMask

RESTORED_VERBS = frozenset({"update", "patch"})
"""What changes an object that is there."""
COPIES = frozenset(("metadata", "annotations", name) for name in DROPPED_ANNOTATIONS)
"""Where clients keep what they have sent. Nobody reads a value there, so a placeholder may stay one."""

Keys = tuple[str, ...]

UID = ("metadata", "uid")
RESOURCE_VERSION = ("metadata", "resourceVersion")


def restorable_places(call: ApiCall, document: Any) -> tuple[Keys, ...] | None:
    """Where in a body placeholders stand that could be restored.

    Args:
        call: What is sent.
        document: Its body.

    Returns:
        The keys that lead to each; None where one stands elsewhere: in a list, whose elements have no names,
        in a key, or in a body that does not say how the object is to be.
    """
    if call.verb not in RESTORED_VERBS or call.subresource or not isinstance(document, dict):
        return None
    if not isinstance(document.get("metadata", {}), dict):
        return None
    found: list[Keys] = []
    waiting: list[tuple[Keys, Any]] = [((), document)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            if holds_placeholder(list(value)):
                return None
            waiting += [((*keys, key), inner) for key, inner in value.items()]
        elif holds_placeholder(value) and keys not in COPIES:
            if isinstance(value, list):
                return None
            found.append(keys)
    return tuple(found)


def is_restorable(call: ApiCall, masks: tuple[ObjectMask, ...]) -> bool:
    """Whether a write holds placeholders that can be restored, if they are good.

    Args:
        call: What is sent.
        masks: What the principal sees masked there.
    """
    if not call.resource or not any(mask.restores(Resource.of(call)) for mask in masks):
        return False
    try:
        return bool(restorable_places(call, read_body(call.content_type, call.body)))
    except BodyRefused:
        return False


def restored_body(call: ApiCall, now: bytes, shown: bytes) -> bytes:
    """The body as it goes to the API server.

    Args:
        call: What is sent, with placeholders at places that can be restored.
        now: The object as it is, in JSON.
        shown: The same with those masks on it that restore what comes back.

    Returns:
        The body in JSON, bound to the object's resourceVersion so that what is restored is not older than
        what it replaces; empty where it holds a placeholder that the agent would not be shown there now.
    """
    body = copy.deepcopy(read_body(call.content_type, call.body))
    real, masked = json.loads(now), json.loads(shown)
    for keys in restorable_places(call, body) or ():
        value = _at(real, keys)
        if not isinstance(value, str) or _at(body, keys) != _at(masked, keys):
            return b""
        _at(body, keys[:-1])[keys[-1]] = value
    metadata = body.setdefault("metadata", {})
    if metadata.get("uid") not in (None, "", _at(real, UID)):
        return b""
    if not metadata.get("resourceVersion"):
        metadata["resourceVersion"] = _at(real, RESOURCE_VERSION)
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError:  # a number that JSON can write and no API server can hold
        return b""


def _at(document: Any, keys: Keys) -> Any:
    """What the keys lead to; None where there is nothing."""
    for key in keys:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document
