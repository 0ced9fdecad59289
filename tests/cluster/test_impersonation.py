"""A cluster that is told whom the gateway serves applies its own rights to agents and writes who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster.ways import Way

if TYPE_CHECKING:
    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

NAMESPACE = "rights"
RIGHTS = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: looks}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: looks}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: looks}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "narrows:group:sg-support"}]
"""
CONFIGMAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
AGENT = {"narrows:agents", "narrows:group:sg-support", "system:authenticated"}


@pytest.fixture(scope="module")
def agent(cluster: Cluster, open_gateway: ClusterGateway) -> Way:
    """kubectl where the gateway says yes to everything, and the cluster does not."""
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=RIGHTS)
    cluster.kubectl("create", "configmap", "settings", "-n", NAMESPACE, "--from-literal=colour=blue")
    return Way("as-agent", cluster, open_gateway.kubeconfig(target="as-agent"))


def test_the_clusters_own_rights_let_an_agent_do_one_thing_and_not_another(
    cluster: Cluster, agent: Way
) -> None:
    assert "configmap/settings" in agent.kubectl("get", "configmaps", "-n", NAMESPACE, "-o", "name")
    for forbidden in (
        ("delete", "configmap", "settings", "-n", NAMESPACE),
        ("get", "configmaps", "-n", "default"),
        ("get", "secrets", "-n", NAMESPACE),
    ):
        ran = agent.run(*forbidden)
        assert ran.returncode == 1
        assert "(Forbidden): " in ran.stderr
        assert 'is forbidden: User "' in ran.stderr, "the API server says it, not the gateway"
    assert cluster.kubectl("get", "configmap", "settings", "-n", NAMESPACE, "-o", "name")


def test_the_audit_log_names_the_agent_and_its_session(cluster: Cluster, agent: Way) -> None:
    agent.kubectl("get", "--raw", f"{CONFIGMAPS}?limit=7")
    record = of(cluster, f"{CONFIGMAPS}?limit=7")
    assert record["user"]["username"] == "admin"
    told = record["impersonatedUser"]
    assert told["username"].startswith("narrows:entra/")
    assert set(told["groups"]) >= AGENT
    assert told["uid"]
    assert told["extra"]["narrows.dev/session"] == [record["auditID"].partition("-")[0]]


@pytest.mark.parametrize(
    "claimed",
    [
        {"Impersonate-User": "admin", "Impersonate-Group": "system:masters"},
        {"impersonate-user": "admin", "IMPERSONATE-UID": "0", "Impersonate-Extra-narrows.dev%2fsession": "x"},
        {"Impersonate-User": "admin", "Connection": "Impersonate-User"},
        {"X-Remote-User": "admin", "X-Remote-Group": "system:masters", "Impersonate_User": "admin"},
    ],
    ids=["a user and a group", "in other letters", "as a header of one hop", "as a proxy in front"],
)
@pytest.mark.parametrize("target", ["prod", "as-agent"])
def test_whom_an_agent_claims_to_be_never_passes(
    cluster: Cluster,
    open_gateway: ClusterGateway,
    agent: Way,
    target: str,
    claimed: dict[str, str],
    request: Any,
) -> None:
    path = f"{CONFIGMAPS}?limit=1&labelSelector=test%3D{abs(hash(request.node.name))}"
    with open_gateway.http(target=target) as client:
        answer = client.get(path, headers=claimed)
    if answer.status_code == 400:
        return  # refused as it stands, and so never passed
    assert answer.status_code == 200, answer.text
    record = of(cluster, path)
    if target == "prod":
        assert record["user"]["username"] == "narrows-gateway"
        assert "impersonatedUser" not in record
    else:
        assert record["impersonatedUser"]["username"].startswith("narrows:entra/")
        assert "system:masters" not in record["impersonatedUser"]["groups"]


def test_as_somebody_else_an_agent_is_still_itself(agent: Way) -> None:
    ran = agent.run("--as=admin", "--as-group=system:masters", "get", "configmaps", "-n", "default")
    assert ran.returncode == 1
    assert 'User "narrows:entra/' in ran.stderr


def test_an_agent_is_told_who_the_cluster_takes_it_for(open_gateway: ClusterGateway) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    with open_gateway.http(target="as-agent") as client:
        answer = client.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", json=review)
    told = answer.json()["status"]["userInfo"]
    assert told["username"].startswith("narrows:entra/")
    assert set(told["groups"]) >= AGENT


def of(cluster: Cluster, uri: str) -> dict[str, Any]:
    """The audit log's record of the one request for a path."""
    (record,) = [
        each for each in cluster.audit() if each["requestURI"] == uri and each["stage"] == "ResponseComplete"
    ]
    return record
