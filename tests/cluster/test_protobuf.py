"""Protobuf is understood as the API server understands it, and hides nothing from policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster import build
from tests.cluster.gateway import before
from tests.cluster.policies import PLAIN
from tests.cluster.protobuf import MEDIA_TYPE, enveloped
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway
    from tests.cluster.protobuf import Field

WIRE = Path(__file__).parents[2] / "rust" / "wire"
NAMESPACE = "protobuf"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods?dryRun=All"


def printed(command: str, *arguments: str) -> str:
    try:
        return build.run(command, *arguments)
    except build.Unbuildable as why:
        pytest.skip(f"what is written in Go is not run: {why}")


@pytest.mark.parametrize(
    ("command", "made"),
    [("table", "src/kubernetes/protobuf/table.rs"), ("pairs", "tests/kubernetes_protobuf.pairs")],
)
def test_what_was_made_of_gos_types_is_what_would_be_made_now(command: str, made: str) -> None:
    assert printed(command) == (WIRE / made).read_text(), f"make it anew: cmd/{command} says how"


@pytest.fixture(scope="module")
def gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", NAMESPACE)
    with folder("protobuf") as place, before(cluster, place, PLAIN) as gateway:
        yield gateway


def test_gos_typed_client_works_as_it_comes(gateway: ClusterGateway) -> None:
    said = printed("typed", str(gateway.kubeconfig()), NAMESPACE)
    assert said == "registry.example/shop/web:2 1 typed\n"


def pod(*fields: Field, **container: Any) -> bytes:
    """A pod in protobuf: fields of its specification, and of its one container by their numbers."""
    held: list[Field] = [(1, "main"), (2, "local"), *container.get("fields", [])]
    return enveloped("v1", "Pod", [(1, [(1, "new")]), (2, [(2, held), *fields])])


FROM_A_SECRET = (7, [(1, "A"), (3, [(4, [(1, [(1, "held")]), (2, "k")])])])

CASES: list[tuple[str, bytes, int, str]] = [
    ("a plain pod", pod(), 201, '"name":"new"'),
    ("privileged", pod(fields=[(15, [(2, 1)])]), 403, "privileged"),
    ("the host's network", pod((11, 1)), 403, "host"),
    ("another account", pod((8, "robot")), 403, "robot"),
    ("a Secret in the environment", pod(fields=[FROM_A_SECRET]), 403, "held"),
    ("a Secret as a volume", pod((1, [(1, "v"), (2, [(6, [(1, "held")])])])), 403, "held"),
    ("another kind", enveloped("v1", "Secret", [(1, [(1, "new")])]), 403, "Secret"),
    ("another version", enveloped("apps/v1", "Deployment", [(1, [(1, "new")])]), 403, "apps/v1"),
    ("another namespace", enveloped("v1", "Pod", [(1, [(1, "new"), (3, "default")])]), 403, "namespace"),
    ("a list", enveloped("v1", "PodList", []), 415, "PodList"),
    ("an unknown field", pod((999, 1)), 415, "field 999"),
    ("a field twice", pod((8, "default"), (8, "robot")), 400, "twice"),
    ("JSON", json.dumps({"kind": "Pod", "apiVersion": "v1"}).encode(), 400, "k8s"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_policy_sees_into_protobuf(gateway: ClusterGateway, body: bytes, status: int, says: str) -> None:
    with gateway.http() as client:
        answer = client.post(PODS, content=body, headers={"Content-Type": MEDIA_TYPE})
    assert answer.status_code == status, answer.text
    assert says in answer.text


def test_cbor_is_refused(gateway: ClusterGateway) -> None:
    with gateway.http() as client:
        answer = client.post(PODS, content=b"\xd9\xd9\xf7\xa0", headers={"Content-Type": "application/cbor"})
    assert answer.status_code == 415
    assert "application/vnd.kubernetes.protobuf" in answer.json()["message"]
