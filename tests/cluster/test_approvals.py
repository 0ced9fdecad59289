"""What kubectl and a person live through when a call waits for that person, on a real API server."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster.cluster import pod, wait_ready
from tests.cluster.gateway import before
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

NAMESPACE = "held"
POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "reads"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["get", "list", "watch"], resources = ["*/*/*"] }

[[rule]]
id = "changes-need-a-person"
principals = ["agents"]
targets = ["prod"]
effect = "require-approval"
kubernetes = { verbs = ["patch", "update", "deletecollection"], resources = ["configmaps"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m" }

[[rule]]
id = "commands-need-a-person"
principals = ["agents"]
targets = ["prod"]
effect = "require-approval"
kubernetes = { verbs = ["exec"], resources = ["pods"], argv = ["echo *"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m" }
"""


@pytest.fixture(scope="module")
def gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", NAMESPACE)
    for name in ("settings", "others"):
        cluster.kubectl("create", "configmap", name, "-n", NAMESPACE, "--from-literal=colour=blue")
    cluster.apply(pod("worker", namespace=NAMESPACE))
    wait_ready(cluster, "worker", namespace=NAMESPACE)
    with folder("held") as place, before(cluster, place, POLICY) as gateway:
        yield gateway


class Agent:
    """One kubectl that is held."""

    def __init__(self, gateway: ClusterGateway, *arguments: str, websockets: bool = True) -> None:
        cluster = gateway.cluster
        self.process = subprocess.Popen(
            cluster.command("-n", NAMESPACE, *arguments),
            env=cluster.environment(gateway.kubeconfig(), websockets=websockets),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def colour(cluster: Cluster, name: str = "settings") -> str:
    return cluster.kubectl("get", "configmap", name, "-n", NAMESPACE, "-o", "jsonpath={.data.colour}")


def changes(cluster: Cluster) -> int:
    """How many patches the API server was asked to do for real."""
    patches = [each["requestURI"] for each in cluster.audit() if each["verb"] == "patch"]
    return len([uri for uri in patches if f"/{NAMESPACE}/configmaps/" in uri and "dryRun=All" not in uri])


def patch(to: str) -> tuple[str, ...]:
    return ("patch", "configmap", "settings", "--type=merge", "-p", json.dumps({"data": {"colour": to}}))


def test_a_person_sees_the_servers_own_diff_and_lets_exactly_that_through(gateway: ClusterGateway) -> None:
    agent = Agent(gateway, *patch("green"))
    request = gateway.pending()
    assert colour(gateway.cluster) == "blue", "nothing has reached the API server"
    shown = json.dumps(gateway.console("GET", f"approvals/{request}"))
    assert "colour: blue" in shown, shown
    assert "colour: green" in shown, shown
    gateway.console("POST", f"approvals/{request}/approve")
    code, out, err = agent.end()
    assert (code, out) == (0, "configmap/settings patched\n"), err
    assert "Warning: " in err
    assert request in err
    assert colour(gateway.cluster) == "green"


def test_a_denial_is_an_error_and_nothing_reached_the_api_server(gateway: ClusterGateway) -> None:
    before_it, changed = colour(gateway.cluster), changes(gateway.cluster)
    agent = Agent(gateway, *patch("red"))
    gateway.console("POST", f"approvals/{gateway.pending()}/deny", {"reason": "not on a Friday"})
    code, _, err = agent.end()
    assert code == 1
    assert all(part in err for part in ("Forbidden", "not on a Friday", "changes-need-a-person")), err
    assert colour(gateway.cluster) == before_it
    assert changes(gateway.cluster) == changed


def test_an_object_that_changed_meanwhile_voids_the_approval(gateway: ClusterGateway) -> None:
    agent = Agent(gateway, *patch("void"))
    request = gateway.pending()
    gateway.cluster.kubectl(
        "annotate", "configmap", "settings", "-n", NAMESPACE, "touched=yes", "--overwrite"
    )
    gateway.console("POST", f"approvals/{request}/approve")
    code, _, err = agent.end()
    assert code == 1
    assert "approval" in err
    assert colour(gateway.cluster) != "void"


def test_who_deletes_many_is_shown_which(gateway: ClusterGateway) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps?fieldSelector=metadata.name%3Dothers"
    agent = Agent(gateway, "delete", "--raw", path)
    request = gateway.pending()
    preview = gateway.console("GET", f"approvals/{request}")["preview"]
    assert preview == {"objects": 1, "names": ["configmaps/others"]}
    gateway.console("POST", f"approvals/{request}/deny", {"reason": "no"})
    assert agent.end()[0] == 1
    assert colour(gateway.cluster, "others") == "blue"


def test_a_hang_up_withdraws(gateway: ClusterGateway) -> None:
    agent = Agent(gateway, *patch("gone"))
    request = gateway.pending()
    agent.process.kill()
    agent.end()
    state = ""
    for _ in range(200):
        state = gateway.console("GET", f"approvals/{request}")["state"]
        if state != "requested":
            break
    assert state == "withdrawn"


@pytest.mark.parametrize("websockets", [True, False])
def test_a_command_is_asked_about_once_though_kubectl_tries_twice(
    gateway: ClusterGateway, websockets: bool
) -> None:
    said: list[Any] = []
    for how in ("approve", "deny"):
        agent = Agent(gateway, "exec", "worker", "--", "echo", how, websockets=websockets)
        body = {"reason": "no"} if how == "deny" else None
        gateway.console("POST", f"approvals/{gateway.pending()}/{how}", body)
        said.append(agent.end())
    assert said[0][:2] == (0, "approve\n"), said[0]
    assert said[1][0] == 1
    assert "commands-need-a-person" in said[1][2]
    assert not gateway.console("GET", "approvals?state=requested")["approvals"]
