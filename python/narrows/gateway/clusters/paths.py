"""The paths of the objects that an API call is about (kubernetes.io, "API concepts", "Resource URIs")."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from narrows.model import ApiCall

SELECTORS = frozenset({"labelSelector", "fieldSelector"})


def collection_path(call: ApiCall, *, limit: int, selected: bool = True) -> str:
    """The list of all objects that a call on a collection is about.

    Args:
        call: The call.
        limit: The most that are listed at once.
        selected: Only those that the call's own selectors select.
    """
    chosen = [(name, value) for name, value in call.query if selected and name in SELECTORS]
    return f"{_collection(call)}?{urlencode([*chosen, ('limit', str(limit))])}"


def object_path(call: ApiCall, subresource: str = "") -> str:
    """The one object that a call on a named resource is about."""
    path = f"{_collection(call)}/{quote(call.name, safe='')}"
    return f"{path}/{quote(subresource, safe='')}" if subresource else path


def dry_run_path(call: ApiCall) -> str:
    """The call's own path, for a try that changes nothing."""
    query = [(name, value) for name, value in call.query if name not in {"dryRun", "pretty"}]
    return f"{call.route}?{urlencode([*query, ('dryRun', 'All')])}"


def _collection(call: ApiCall) -> str:
    version = quote(call.version, safe="")
    root = f"/apis/{quote(call.group, safe='')}/{version}" if call.group else f"/api/{version}"
    if call.namespace and call.resource != "namespaces":
        root += f"/namespaces/{quote(call.namespace, safe='')}"
    return f"{root}/{quote(call.resource, safe='')}"
