"""The clients that agents' own programs use work through the gateway unchanged."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import uuid
import warnings
from typing import TYPE_CHECKING, Any

import kr8s
import pytest
from kubernetes.stream import stream

from kubernetes import client, watch
from kubernetes import config as kube_config
from tests.cluster.cluster import pod, wait_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway


@pytest.fixture(scope="module", autouse=True)
def _program(cluster: Cluster) -> None:
    """The pod that the clients look at."""
    cluster.apply(pod("program"))
    wait_ready(cluster, "program")


@pytest.fixture(autouse=True)
def _sockets_left_open() -> Iterator[None]:
    """The Python client leaves its WebSockets to the garbage collector, which is to speak of them here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def core(open_gateway: ClusterGateway) -> Iterator[Any]:
    """The Python client's face of the core API."""
    with kube_config.new_client_from_config(str(open_gateway.kubeconfig())) as api:
        yield client.CoreV1Api(api)


def test_the_python_client_writes_reads_and_deletes(core: Any) -> None:
    name = f"written-{uuid.uuid4().hex[:8]}"
    core.create_namespaced_config_map("default", {"metadata": {"name": name}, "data": {"a": "b"}})
    core.patch_namespaced_config_map(name, "default", {"data": {"a": "c"}})
    assert core.read_namespaced_config_map(name, "default").data == {"a": "c"}
    assert name in [each.metadata.name for each in core.list_namespaced_config_map("default").items]
    core.delete_namespaced_config_map(name, "default")
    with pytest.raises(client.ApiException) as refused:
        core.read_namespaced_config_map(name, "default")
    assert refused.value.status == 404


def test_the_python_client_follows_a_watch(core: Any) -> None:
    seen = watch.Watch().stream(core.list_namespaced_pod, "default", timeout_seconds=2)
    assert "program" in [each["object"].metadata.name for each in seen if each["type"] == "ADDED"]


def test_the_python_client_runs_a_command(core: Any) -> None:
    command = ["echo", "from", "python"]
    said = stream(
        core.connect_get_namespaced_pod_exec, "program", "default", command=command, stdout=True, stderr=True
    )
    assert said == "from python\n"


FORWARDS = """
import sys
from kubernetes import client, config
from kubernetes.stream import portforward

core = client.CoreV1Api(config.new_client_from_config(sys.argv[1]))
port = int(sys.argv[2])
connect = core.connect_get_namespaced_pod_portforward
connection = portforward(connect, "program", "default", ports=str(port)).socket(port)
connection.setblocking(True)
connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")  # to a TLS port, which says so in the clear
print(connection.recv(4096).decode())
"""
"""A program of its own: the client leaves its WebSocket open until the process ends."""


def test_the_python_client_forwards_a_port(open_gateway: ClusterGateway, cluster: Cluster) -> None:
    port = cluster.address.rpartition(":")[2]
    command = [sys.executable, "-W", "ignore", "-c", FORWARDS, str(open_gateway.kubeconfig()), port]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "Client sent an HTTP request to an HTTPS server" in ran.stdout, ran.stderr


@pytest.mark.filterwarnings("ignore:Kubernetes version")  # it has not heard of the newest
def test_kr8s_lists_reads_and_runs(open_gateway: ClusterGateway) -> None:
    api = kr8s.api(kubeconfig=str(open_gateway.kubeconfig()))
    assert "program" in [each.name for each in api.get("pods", namespace="default")]
    (program,) = api.get("pods", "program", namespace="default")
    assert program.status.phase == "Running"
    assert program.exec(["echo", "from", "kr8s"]).stdout == b"from kr8s\n"


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "none"])
def test_what_is_typed_on_a_terminal_is_not_recorded(
    core: Any, open_gateway: ClusterGateway, terminal: bool
) -> None:
    process = stream(
        core.connect_get_namespaced_pod_exec, "program", "default", command=["head", "-n", "1"],
        stdin=True, stdout=True, stderr=True, tty=terminal, _preload_content=False,
    )  # fmt: skip
    process.write_stdin(f"typed-{terminal}\n")
    process.run_forever(timeout=10)
    assert f"typed-{terminal}" in process.read_stdout()
    process.sock.shutdown()
    lines = [line for line in everything_recorded(open_gateway).splitlines() if f"typed-{terminal}" in line]
    assert any('"output"' in line for line in lines), lines
    assert any('"input"' in line for line in lines) is not terminal, lines


def everything_recorded(gateway: ClusterGateway) -> str:
    """Every session of the gateway, as JSON lines."""
    narrows = [sys.executable, "-m", "narrows"]
    config = ["--config", str(gateway.directory / "narrows.toml")]
    listed = subprocess.check_output([*narrows, "recordings", "list", "--json", *config], text=True)
    sessions = [each["id"] for each in json.loads(listed)]
    replays = ([*narrows, "replay", session, "--json", *config] for session in sessions)
    return "".join(subprocess.check_output(replay, text=True) for replay in replays)
