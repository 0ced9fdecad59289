"""What the gateway takes a request to be is what the API server takes it to be: its audit log judges.

It judges last, and so all that any test of the run has sent through the gateway.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from narrows._core import read_api_call, read_journal, session_name
from tests.cluster.cluster import pod, wait_ready

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class Request:
    """One that the gateway has recorded."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def new_name(self) -> str:
        """What the object that it creates is to be called: its body says it."""
        if self.method != "POST" or not self.body.startswith(b"{"):
            return ""
        return str(json.loads(self.body).get("metadata", {}).get("name", ""))


@pytest.fixture(scope="module")
def sent(cluster: Cluster, open_gateway: ClusterGateway) -> int:
    """Sends requests of every kind; how many have been let through."""
    cluster.apply(pod("shell"))
    wait_ready(cluster, "shell")
    with open_gateway.http() as agent:
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
    kubeconfig = open_gateway.kubeconfig()
    for websockets in (True, False):
        ran = cluster.run("exec", "shell", "--", "true", kubeconfig=kubeconfig, websockets=websockets)
        assert ran.returncode == 0, ran.stderr
    return 2 * len(PATHS) + 5 + 2


def test_each_request_is_what_the_api_server_takes_it_to_be(
    cluster: Cluster, open_gateway: ClusterGateway, sent: int
) -> None:
    ours = recorded(open_gateway)
    compared = 0
    for record in cluster.audit():
        session, _, number = record["auditID"].partition("-")
        if session not in ours or record["stage"] != "ResponseComplete":
            continue  # past this gateway, or not yet answered
        request = ours[session][int(number) - 1]
        assert described(request) == objects_of(record), request
        compared += 1
    assert compared >= sent


def recorded(gateway: ClusterGateway) -> dict[str, list[Request]]:
    """The requests in the gateway's journal, in their order, by the session's name."""
    requests = defaultdict(list)
    for frame in read_journal(str(gateway.directory / "state" / "journal")):
        head, _, body = frame.payload.partition(b"\r\n\r\n")
        if frame.kind == "request" and b" HTTP/1.1\r\n" in head:
            line, *fields = head.decode().split("\r\n")
            method, path, _ = line.split(" ")
            named = [(name, value) for name, _, value in (each.partition(": ") for each in fields)]
            requests[session_name(frame.session)].append(Request(method, path, named, body))
    return requests


def described(request: Request) -> dict[str, Any]:
    """What our reader makes of a request, in the audit log's terms."""
    upgrade = [("Connection", "Upgrade")] if "upgrade" in dict(request.headers) else []
    call = read_api_call(request.method, f"/clusters/prod{request.path}", request.headers + upgrade)
    told = {"verb": call.server_verb, "requestURI": request.path}
    if not call.resource_request:
        return told
    about = {
        "resource": call.resource,
        "subresource": call.subresource,
        "namespace": call.namespace,
        "name": call.name or request.new_name,
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
