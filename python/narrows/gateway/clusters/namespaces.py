"""What lives in a namespace, for who decides whether it may be deleted: so many of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trio

from narrows.errors import ClusterError
from narrows.gateway.clusters.api_server import METADATA_LIST
from narrows.gateway.clusters.listed import count_in, elements, metadata_of

if TYPE_CHECKING:
    from narrows.gateway.clusters.api_server import ApiServer

RESOURCES_MAX = 200
"""Kinds that are counted."""
COUNTED_AT_A_TIME = 8
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""All groups in one answer (kubernetes.io, "API discovery", "Aggregated discovery")."""
UNINTERESTING = frozenset({"events", "endpoints", "endpointslices", "leases", "controllerrevisions"})
"""What the cluster makes by itself."""


async def contents_of(server: ApiServer, namespace: str) -> dict[str, int]:
    """Counts what a namespace holds.

    Args:
        server: The cluster's API server.
        namespace: Its name.

    Returns:
        How many there are, by resource with its group; of what there is none, nothing. What may not be listed
        is left out.

    Raises:
        ClusterError: The API server cannot be asked what there is.
    """
    counts: dict[str, int] = {}
    turns = trio.CapacityLimiter(COUNTED_AT_A_TIME)

    async def count(name: str, path: str) -> None:
        async with turns:
            answer = await server.call("GET", f"{path}?limit=1", accept=METADATA_LIST)
        if answer.is_good and (found := count_in(answer.document())):
            counts[name] = found

    resources = await _resources(server, namespace)
    try:
        async with trio.open_nursery() as nursery:
            for name, path in resources[:RESOURCES_MAX]:
                nursery.start_soon(count, name, path)
    except* ClusterError:
        raise ClusterError("the contents of the namespace could not be counted") from None
    return dict(sorted(counts.items()))


async def _resources(server: ApiServer, namespace: str) -> list[tuple[str, str]]:
    """What can be listed in a namespace: name with its group, and path."""
    found: dict[str, str] = {}
    for root in ("/api", "/apis"):
        answer = await server.call("GET", root, accept=DISCOVERY)
        if not answer.is_good:
            raise ClusterError(f"the API server answered {answer.status} when it was asked what there is")
        for group in elements(answer.document(), "items"):
            group_name = str(metadata_of(group).get("name") or "")
            for version in elements(group, "versions")[:1]:  # the preferred one comes first
                path = [root, group_name, str(version.get("version")), "namespaces", namespace]
                for resource in filter(_is_counted, elements(version, "resources")):
                    name = str(resource["resource"])
                    found[_joined(group_name, name)] = _joined(*path, name)
    return list(found.items())


def _joined(*parts: str) -> str:
    """The parts that there are, with slashes between them."""
    return "/".join(part for part in parts if part)


def _is_counted(resource: dict[str, Any]) -> bool:
    return (
        resource.get("scope") == "Namespaced"
        and "list" in (resource.get("verbs") or ())
        and resource.get("resource") not in UNINTERESTING
    )
