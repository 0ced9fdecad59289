"""Programs written with client-go, as most clients of Kubernetes are, see the same through Narrows."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import pytest

from tests.cluster.cluster import pod, wait_ready

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

FORMATS = {"json": "application/json", "protobuf": "application/vnd.kubernetes.protobuf"}
"""What objects are written in; the typed client of a cluster's own controllers writes protobuf."""
WAYS = ("direct", "narrows")
TOLD = {
    "typed": [
        "created typed map[colour:blue]",
        "updated map[colour:green]",
        "a stale update is a conflict: true",
        "patched map[colour:red]",
        "what is deleted is not found: true",
    ],
    "dynamic": [
        "ConfigMap one map[colour:one]",
        "ConfigMap three map[colour:three]",
        "next page",
        "ConfigMap two map[colour:two]",
    ],
    "informer": [
        "added early map[colour:blue]",
        "added late map[colour:green]",
        "updated late map[colour:red]",
        "deleted late map[colour:red]",
        "kept: [<namespace>/early]",
    ],
    "exec-websocket": ["TO AND FRO", "ended with 0", "<ls fails>", "ended with 2"],
    "exec-spdy": ["TO AND FRO", "ended with 0", "<ls fails>", "ended with 2"],
}


@pytest.fixture(scope="module")
def namespaces(cluster: Cluster) -> None:
    """One for each way and format, with a pod to run commands in."""
    for namespace in (f"go-{written}-{way}" for written in FORMATS for way in WAYS):
        cluster.kubectl("create", "namespace", namespace)
        cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace)
        cluster.apply(pod("shell", namespace=namespace))
        wait_ready(cluster, "shell", namespace=namespace)


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("part", TOLD)
def test_a_program_sees_the_same(
    cluster: Cluster, open_gateway: ClusterGateway, part: str, written: str
) -> None:
    kubeconfigs = dict(zip(WAYS, (cluster.kubeconfig, open_gateway.kubeconfig()), strict=True))
    told = {
        way: run(cluster, part, kubeconfig, f"go-{written}-{way}", FORMATS[written])
        for way, kubeconfig in kubeconfigs.items()
    }
    assert told == dict.fromkeys(WAYS, TOLD[part])


def run(cluster: Cluster, part: str, kubeconfig: Path, namespace: str, content_type: str) -> list[str]:
    command = [cluster.binary, "client", part, kubeconfig, namespace, "shell", content_type]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.replace(namespace, "<namespace>").splitlines()
    return ["<ls fails>" if line.startswith("ls: ") else line for line in lines]


def test_an_informer_reads_what_there_is_as_a_watch(cluster: Cluster, open_gateway: ClusterGateway) -> None:
    """Else the program would prove lists, not WatchLists."""
    asked = [unquote_plus(each["requestURI"]) for each in cluster.audit()]
    through = [uri for uri in asked if "-narrows/" in uri and "early" in uri]
    assert any("sendInitialEvents=true" in uri for uri in through), asked
