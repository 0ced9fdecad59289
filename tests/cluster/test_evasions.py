"""Whatever is asked of a real API server through the gateway, a masked value comes back in no form."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import tomllib
from http.client import HTTPResponse, HTTPSConnection, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster.cluster import pod, wait_ready
from tests.cluster.gateway import before
from tests.cluster.policies import CANARY
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

EVASIONS = tomllib.loads((Path(__file__).parent / "evasions.toml").read_text())["evasion"]
NAMESPACE = "canary"
PASSWORD = "c4n4ry-9f2b71d05e"
TOKEN = "t0k3n-canary-55aa01"
SECRETS = [
    form
    for value in (PASSWORD, TOKEN)
    for form in (value, value[::-1], base64.b64encode(value.encode()).decode(), value.encode().hex())
]
"""What is never to come back: the values, and forms that an API server or a client gives them."""


@pytest.fixture(scope="module")
def agent(cluster: Cluster) -> Iterator[Any]:
    """The gateway before the canaries, and the placeholder that the agent sees in the password's place."""
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", NAMESPACE)
    applied = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "held"}}
    applied |= {"type": "Opaque", "stringData": {"password": PASSWORD}}
    cluster.kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(applied))
    for name, data in {"settings": {"token": TOKEN}, "quotes": {"note": f"it is {PASSWORD}."}}.items():
        about = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        cluster.kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(about))
    for copied in copies():
        cluster.kubectl("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(copied))
    script = f"echo begins {PASSWORD} ends; sleep 1000"
    source = {"secretKeyRef": {"name": "held", "key": "password"}}
    told = {"env": [{"name": "PASSWORD", "valueFrom": source}]}
    cluster.apply(pod("talks", "sh", "-c", script, namespace=NAMESPACE, container=told))
    wait_ready(cluster, "talks", namespace=NAMESPACE)
    with folder("canary") as place, before(cluster, place, CANARY) as gateway, gateway.http() as client:
        seen = client.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/held").json()
        yield gateway, seen["data"]["password"]


def copies() -> list[dict[str, Any]]:
    """What others have made of the password: an event, encodings, an annotation, and equals of it."""
    encoded = {"base64": base64.b64encode(PASSWORD.encode()).decode(), "hex": PASSWORD.encode().hex()}
    about = {"kind": "Pod", "namespace": NAMESPACE, "name": "talks"}
    event = {"metadata": {"name": "quotes"}, "involvedObject": about, "message": f"{PASSWORD} is wrong"}
    noted = {"metadata": {"name": "annotated", "annotations": {"note": f"url?key={PASSWORD}"}}}
    twins = {"other": PASSWORD, "again": PASSWORD}
    kinds = {
        "Event": event,
        "ServiceAccount": noted,
        "ConfigMap": {"metadata": {"name": "encodes"}, "data": encoded},
        "Secret": {"metadata": {"name": "twin"}, "stringData": twins},
    }
    masked = {"kind": "ConfigMap", "metadata": {"name": "twin"}, "data": {"token": PASSWORD}}
    written = [*({"kind": kind} | each for kind, each in kinds.items()), masked]
    return [{"apiVersion": "v1"} | each for each in written]


@pytest.mark.parametrize("evasion", EVASIONS, ids=[each["is"] for each in EVASIONS])
def test_the_value_comes_back_in_no_form(agent: Any, evasion: dict[str, Any]) -> None:
    gateway, placeholder = agent
    method, path = evasion["call"].replace("{ns}", NAMESPACE).split(" ")
    headers = dict(evasion.get("headers", {}))
    body = evasion.get("body", "").replace("{placeholder}", placeholder)
    if body:
        headers["Content-Type"] = evasion.get("type", "application/json")
    token = gateway.tenant.short_token(evasion["token-s"]) if "token-s" in evasion else gateway.agent_token()
    status, told = asked(gateway, method, path, headers, body, token)
    due = evasion.get("status", 200)
    assert status in (due if isinstance(due, list) else [due]), told
    assert [form for form in SECRETS if form in told] == []
    assert not evasion.get("unlike") or placeholder not in told


def asked(
    gateway: ClusterGateway, method: str, path: str, headers: dict[str, str], body: str, token: str
) -> tuple[int, str]:
    """The status of an answer, and all that it tells; the path goes as it is written."""
    told = {"Authorization": f"Bearer {token}"} | headers
    connection = HTTPSConnection(gateway.address, context=gateway.tls_context(), timeout=30)
    with contextlib.closing(connection):
        connection.request(method, f"/clusters/prod{path}", body=body or None, headers=told)
        answer = connection.getresponse()
        return answer.status, f"{answer.headers}\n{_all_of(answer)}"


def _all_of(answer: HTTPResponse) -> str:
    """What comes until the answer ends, or is broken off with its session."""
    try:
        return answer.read().decode()
    except IncompleteRead as broken:
        return broken.partial.decode()


def test_the_secret_is_what_it_was(agent: Any, cluster: Cluster) -> None:
    held = json.loads(cluster.kubectl("get", "secret", "held", "-n", NAMESPACE, "-o", "json"))
    assert base64.b64decode(held["data"]["password"]).decode() == PASSWORD
    assert held["metadata"]["annotations"].keys() == {"kubectl.kubernetes.io/last-applied-configuration"}


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"X-Folded: a\r\n b\r\n\r\n",
        b"X-Bare: a\n\r\n\r\n",
        b"Host: other\r\n\r\n",
    ],
    ids=["length and chunks", "two lengths", "two codings", "a folded line", "a bare line feed", "two hosts"],
)
def test_a_request_that_ends_in_two_places_is_refused(agent: Any, framing: bytes) -> None:
    gateway, _ = agent
    said = raw(gateway, framing)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


def raw(gateway: ClusterGateway, rest: bytes) -> bytes:
    """What the gateway says to a request, byte by byte, until it closes."""
    host, _, port = gateway.address.rpartition(":")
    head = f"POST /clusters/prod/api/v1/namespaces/{NAMESPACE}/configmaps HTTP/1.1\r\nHost: {host}\r\n"
    bearer = f"Authorization: Bearer {gateway.agent_token()}\r\n"
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        gateway.tls_context().wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall((head + bearer).encode() + rest)
        said = b""
        while piece := connection.recv(4096):
            said += piece
    return said


def test_what_a_container_prints_is_masked_too(agent: Any, cluster: Cluster) -> None:
    gateway, _ = agent
    kubeconfig = gateway.kubeconfig()
    for websockets in (True, False):
        command = ["exec", "-n", NAMESPACE, "talks", "--", "printenv", "PASSWORD"]
        ran = cluster.run(*command, kubeconfig=kubeconfig, websockets=websockets)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.strip()
        assert PASSWORD not in ran.stdout
