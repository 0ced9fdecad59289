"""What the gateway takes a request to be is what the API server takes it to be: its audit log judges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from narrows._core import read_api_call, session_id
from narrows.recordings.journal import read
from tests.cluster.cluster import pod, wait_ready
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

PATHS = [
    "/api/v1/pods",
    "/api/v1/namespaces/default",
    "/api/v1/namespaces/default/",
    "/api/v1/namespaces/default/pods?watch=0",
    "/api/v1/namespaces/default/pods?watch=false&fieldSelector=metadata.name%3Dshell",
    "/api/v1/namespaces/default/pods?fieldSelector=metadata.name%3Dshell,metadata.namespace%3Ddefault",
    "/api/v1/namespaces/default/pods?limit=1",
    "/api/v1/namespaces/default/pods/shell?watch=1",
    "/api/v1/namespaces/default/pods/shell/status",
    "/api/v1/namespaces/default/pods/shell/log?tailLines=1",
    "/api/v1/namespaces/default/%70ods/shell",
    "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication",
    "/api/v1/nodes/node-1",
    "/apis/apps/v1/namespaces/default/deployments/none/scale",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
    "/apis/none.example.com/v1/things",
    "/apis/none.example.com/v1/namespaces/default/things/a/b/c",
    "/api",
    "/api/v1",
    "/apis/apps/v1",
    "/version",
    "/readyz/ping",
    "/openapi/v2?timeout=32s",
]
"""What is read in as many ways as there are."""
OWN_ID = re.compile(r"[0-9a-z]+-[0-9]+")
"""What the gateway calls a request: the session, and which of it."""


@pytest.fixture(scope="module")
def gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    with folder("audited") as place, before(cluster, place, OPEN) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def sent(cluster: Cluster, gateway: ClusterGateway) -> int:
    """Sends requests of every kind; how many have been let through."""
    cluster.apply(pod("shell"))
    wait_ready(cluster, "shell")
    with gateway.http() as agent:
        for path in PATHS:
            for method in ("GET", "HEAD"):
                agent.request(method, path)
        thing = {"metadata": {"generateName": "audited-"}, "data": {"a": "b"}}
        made = agent.post("/api/v1/namespaces/default/configmaps", json=thing).json()
        own = f"/api/v1/namespaces/default/configmaps/{made['metadata']['name']}"
        merge = {"Content-Type": "application/merge-patch+json"}
        assert agent.patch(f"{own}?dryRun=All", json={"data": {"a": "c"}}, headers=merge).status_code == 200
        assert agent.put(own, json=made | {"data": {"a": "d"}}).status_code == 200
        assert agent.delete(own).status_code == 200
        many = "/api/v1/namespaces/default/configmaps?labelSelector=none%3Dsuch"
        assert agent.delete(many).status_code == 200
    kubeconfig = gateway.kubeconfig()
    for websockets in (True, False):
        ran = cluster.run("exec", "shell", "--", "true", kubeconfig=kubeconfig, websockets=websockets)
        assert ran.returncode == 0, ran.stderr
    return 2 * len(PATHS) + 5 + 2


def test_each_request_is_what_the_api_server_takes_it_to_be(
    cluster: Cluster, gateway: ClusterGateway, sent: int
) -> None:
    theirs = [each for each in cluster.audit() if each["stage"] == "ResponseComplete"]
    ours = [each for each in theirs if OWN_ID.fullmatch(each["auditID"])]
    assert len(ours) >= sent
    for record in ours:
        method, path = recorded(gateway, record["auditID"])
        assert described(method, path) == objects_of(record), (method, path)


def recorded(gateway: ClusterGateway, audit_id: str) -> tuple[str, str]:
    """The method and path that the gateway's journal has under an id of the audit log."""
    session, number = audit_id.split("-")
    frames = read(gateway.directory / "state" / "journal", session_id(session))
    heads = [each.payload for each in frames if each.kind == "request" and b" HTTP/1.1\r\n" in each.payload]
    method, path, _ = heads[int(number) - 1].split(b" ", 2)
    return method.decode(), path.decode()


def described(method: str, path: str) -> dict[str, Any]:
    """What our reader makes of a request, in the audit log's terms."""
    call = read_api_call(method, f"/clusters/prod{path}", [("Content-Type", "application/merge-patch+json")])
    told = {"verb": call.server_verb, "requestURI": path}
    if not call.resource_request:
        return told
    about = {
        "resource": call.resource,
        "subresource": call.subresource,
        "namespace": call.namespace,
        "name": call.name,
        "apiGroup": call.group,
        "apiVersion": call.version,
    }
    return told | {"objectRef": {key: value for key, value in about.items() if value}}


def objects_of(record: dict[str, Any]) -> dict[str, Any]:
    """The same of the API server's record. What it says of an object's uid and version is its answer's."""
    told = {"verb": record["verb"], "requestURI": record["requestURI"]}
    if "objectRef" not in record:
        return told
    answer = {"uid", "resourceVersion"}
    return told | {
        "objectRef": {key: value for key, value in record["objectRef"].items() if key not in answer}
    }
