"""Kinds that Kubernetes does not know are masked like its own: custom ones and those of an aggregated API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster import aggregated
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.cluster.ways import Way
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster

NAMESPACE = "custom"
MASKS = f"""
[[mask]]
id = "tokens"
targets = ["prod"]
[mask.kubernetes]
resources = ["masked.example/tasks", "{aggregated.GROUP}/readings"]
paths = ["$.spec.token", "$.steps[*].token"]
"""
TOKEN = "t0k3n-of-a-task"
SHOWN = "narrows-masked-"
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tasks.masked.example}
spec:
  group: masked.example
  scope: Namespaced
  names: {plural: tasks, singular: task, kind: Task}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    additionalPrinterColumns: [{name: Token, type: string, jsonPath: .spec.token}]
"""
TASK = f"""
apiVersion: masked.example/v1
kind: Task
metadata: {{name: one}}
spec: {{token: {TOKEN}, size: 1}}
"""


@pytest.fixture(scope="module")
def agent(cluster: Cluster) -> Iterator[Way]:
    with folder("custom") as place, before(cluster, place, OPEN + MASKS) as gateway:
        yield Way("narrows", cluster, gateway.kubeconfig())


@pytest.fixture(scope="module")
def task(cluster: Cluster, agent: Way) -> Iterator[str]:
    """A custom object that the agent itself has made, of a kind that it has defined."""
    cluster.kubectl("create", "namespace", NAMESPACE)
    agent.kubectl("apply", "-f", "-", stdin=DEFINITION)
    agent.kubectl("wait", "--for=condition=Established", "crd/tasks.masked.example", "--timeout=20s")
    agent.kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=TASK)
    yield "tasks.masked.example/one"
    agent.kubectl("delete", "crd/tasks.masked.example")


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("-o yaml --show-managed-fields", SHOWN),
        ("-o json", SHOWN),
        ("-o jsonpath={.spec}", SHOWN),
        ("-o custom-columns=TOKEN:.spec.token", SHOWN),
        ("-o wide", "[redacted]"),  # a table's columns do not say where they are from
    ],
)
def test_a_custom_object_is_masked_in_every_output(
    cluster: Cluster, agent: Way, task: str, output: str, shown: str
) -> None:
    read = ["get", task, "-n", NAMESPACE, *output.split(" ")]
    assert TOKEN in cluster.kubectl(*read)
    through = agent.kubectl(*read)
    assert TOKEN not in through
    assert shown in through


def test_a_custom_object_is_masked_where_it_is_listed_and_watched(agent: Way, task: str) -> None:
    of = task.partition("/")[0]
    watch = ["get", of, "-n", NAMESPACE, "-o", "json", "-w", "--request-timeout=1s"]
    for told in (agent.kubectl("get", of, "-A", "-o", "json"), agent.run(*watch).stdout):
        assert TOKEN not in told
        assert SHOWN in told


def test_what_was_read_masked_is_not_written_over_a_custom_objects_values(
    cluster: Cluster, agent: Way, task: str
) -> None:
    read = agent.kubectl("get", task, "-n", NAMESPACE, "-o", "json")
    ran = agent.run("replace", "-f", "-", stdin=read)
    assert ran.returncode == 1
    assert "Narrows" in ran.stderr
    assert TOKEN in cluster.kubectl("get", task, "-n", NAMESPACE, "-o", "yaml")


@pytest.fixture(scope="module")
def reading(cluster: Cluster) -> Iterator[str]:
    with aggregated.aggregated(cluster):
        yield f"readings.{aggregated.GROUP}/one"


def test_an_aggregated_api_is_found_and_answers(cluster: Cluster, agent: Way, reading: str) -> None:
    read = ["get", "-n", aggregated.NAMESPACE, reading, "-o", "jsonpath={.steps[0].value}"]
    assert agent.kubectl(*read) == cluster.kubectl(*read) == "7"
    listed = ["get", "--raw", aggregated.READINGS.rpartition("/namespaces")[0]]
    assert agent.kubectl(*listed) == cluster.kubectl(*listed)
    nothing = ["get", "-n", aggregated.NAMESPACE, f"readings.{aggregated.GROUP}", "nothing"]
    past, through = cluster.run(*nothing), agent.run(*nothing)
    assert (through.returncode, through.stderr) == (past.returncode, past.stderr)


@pytest.mark.parametrize("below", ["", "/one"], ids=["a list", "one"])
def test_an_aggregated_api_is_masked(cluster: Cluster, agent: Way, reading: str, below: str) -> None:
    read = ["get", "--raw", f"{aggregated.READINGS}{below}"]
    assert aggregated.TOKEN in cluster.kubectl(*read)
    through = agent.kubectl(*read)
    assert aggregated.TOKEN not in through
    assert SHOWN in through
