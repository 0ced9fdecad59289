"""An object that was read masked and is saved again keeps its values, on a real API server."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster.gateway import before
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

WAYS = tomllib.loads((Path(__file__).parent / "written_back.toml").read_text())["way"]
NAMESPACE = "written-back"
VALUES = {"a": "c4n4ry-a-71d05e", "b": "c4n4ry-b-9f2b71"}
MERGE = "application/merge-patch+json"
POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "objects"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["*"], resources = ["*/*/*"] }

[[rule]]
id = "labels-need-a-person"
principals = ["agents"]
targets = ["prod"]
effect = "require-approval"
kubernetes = { verbs = ["update"], resources = ["secrets"], names = ["asked"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m" }

[[mask]]
id = "kept-secrets"
targets = ["prod"]
kubernetes = { resources = ["secrets"], paths = ["$.data.*", "$.stringData.*"] }
written-back = "restore"
"""


@pytest.fixture(scope="module")
def gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    for namespace in (NAMESPACE, f"{NAMESPACE}-two"):
        cluster.kubectl("create", "namespace", namespace)
        cluster.kubectl("create", "secret", "generic", "kept", "-n", namespace, "--from-literal=a=unlike")
    cluster.kubectl("create", "secret", "generic", "other", "-n", NAMESPACE, "--from-literal=a=unlike")
    cluster.kubectl("create", "configmap", "open", "-n", NAMESPACE)
    with folder("written-back") as place, before(cluster, place, POLICY) as gateway:
        yield gateway


@pytest.fixture
def kept(cluster: Cluster) -> str:
    """A Secret as it was to begin with."""
    held = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "kept", "namespace": NAMESPACE}}
    cluster.kubectl("replace", "-f", "-", stdin=json.dumps(held | {"stringData": VALUES}))
    return "kept"


def held(cluster: Cluster, name: str) -> dict[str, Any]:
    """The Secret as it is, past the gateway."""
    document: dict[str, Any] = json.loads(
        cluster.kubectl("get", "secret", name, "-n", NAMESPACE, "-o", "json")
    )
    return document


def values(cluster: Cluster, name: str) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in held(cluster, name)["data"].items()}


@pytest.mark.parametrize("way", WAYS, ids=[way["is"] for way in WAYS])
def test_a_value_is_put_nowhere_else(
    gateway: ClusterGateway, cluster: Cluster, kept: str, way: dict[str, Any]
) -> None:
    with gateway.http() as client:
        seen = client.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/kept").json()
        method, path = way["call"].replace("{ns}", NAMESPACE).split(" ")
        plain = base64.b64decode(seen["data"]["a"]).decode()
        stands = seen["data"] | {"plain": plain, "plain-1": plain[1:]}
        stands["twice"] = base64.b64encode(stands["a"].encode()).decode()
        body = way["body"]
        for name, text in stands.items():
            body = body.replace(f"{{{name}}}", text)
        told = client.request(method, path, content=body, headers={"Content-Type": kind(way, method)})
    assert told.status_code == way.get("status", 403), told.text
    if told.status_code == 403:
        assert "masked-data" in told.text
    assert values(cluster, "kept") == VALUES
    assert not held(cluster, "kept")["metadata"].get("annotations")
    everything = cluster.kubectl("get", "secrets,configmaps,pods", "-A", "-o", "json")
    assert "narrows-masked-" not in everything
    assert stands["a"] not in everything


def kind(way: dict[str, Any], method: str) -> str:
    return str(way.get("type", MERGE if method == "PATCH" else "application/json"))


SAVED = {
    "replace": ["replace", "-f"],
    "apply": ["apply", "-f"],
    "apply on the server's side": ["apply", "--server-side", "--force-conflicts", "-f"],
    "patch": ["patch", "secret", "kept", "--type=merge", "--patch-file"],
    "strategic patch": ["patch", "secret", "kept", "--patch-file"],
}


@pytest.mark.parametrize("saving", SAVED.values(), ids=SAVED)
def test_kubectl_saves_what_it_has_read(
    gateway: ClusterGateway, cluster: Cluster, kept: str, tmp_path: Path, saving: list[str]
) -> None:
    kubeconfig = gateway.kubeconfig()
    read = cluster.run("get", "secret", "kept", "-n", NAMESPACE, "-o", "json", kubeconfig=kubeconfig)
    document = json.loads(read.stdout)
    assert base64.b64decode(document["data"]["a"]).startswith(b"narrows-masked-")
    document["metadata"]["labels"] = {"saved": "yes"}
    document["data"] |= {"b": base64.b64encode(b"another").decode(), "c": base64.b64encode(b"new").decode()}
    file = tmp_path / "kept.json"
    file.write_text(json.dumps(document))
    saved = cluster.run(*saving, str(file), "-n", NAMESPACE, kubeconfig=kubeconfig)
    assert saved.returncode == 0, saved.stderr
    assert values(cluster, "kept") == {"a": VALUES["a"], "b": "another", "c": "new"}
    assert held(cluster, "kept")["metadata"]["labels"] == {"saved": "yes"}
    assert VALUES["a"] not in read.stdout + saved.stdout + saved.stderr


def test_what_people_see_and_the_recording_keep_the_placeholder(
    gateway: ClusterGateway, cluster: Cluster
) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "asked", "namespace": NAMESPACE}}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(secret | {"stringData": VALUES}))
    path = f"/api/v1/namespaces/{NAMESPACE}/secrets/asked"
    with gateway.http() as client, ThreadPoolExecutor(1) as agent:
        document = client.get(path).json()
        document["metadata"]["labels"] = {"saved": "yes"}
        saving = agent.submit(client.put, path, json=document)
        shown = previewed(gateway, gateway.pending())
        gateway.console("POST", f"approvals/{shown['id']}/approve")
        saved = saving.result()
    assert saved.status_code == 200, saved.text
    assert values(cluster, "asked") == VALUES
    assert "+    saved: 'yes'" in shown["preview"]["diff"]
    assert "narrows-masked" not in shown["preview"]["diff"], "what stays is no change"
    recorded = replayed(gateway, saved.headers["audit-id"].rpartition("-")[0])
    assert document["data"]["a"] in recorded, "the write is recorded as the agent sent it"
    for value in VALUES.values():
        for form in (value, base64.b64encode(value.encode()).decode()):
            assert form not in json.dumps(shown) + saved.text + gateway.log + recorded


def previewed(gateway: ClusterGateway, request: str) -> dict[str, Any]:
    """The request as people see it, once the gateway has looked for them."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        shown: dict[str, Any] = gateway.console("GET", f"approvals/{request}")
        if shown["preview"] is not None:
            return shown
    raise AssertionError("no preview came")


def replayed(gateway: ClusterGateway, session: str) -> str:
    """Everything that is recorded of a session."""
    config = gateway.directory / "narrows.toml"
    command = [sys.executable, "-m", "narrows", "replay", session, "--json", "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
