"""The cluster that others are tested against does itself what a cluster does."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.cluster.cluster import Cluster, pod, wait_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH = pytest.mark.parametrize("websockets", [True, False], ids=["websocket", "spdy"])


@pytest.fixture(scope="module")
def shell(cluster: Cluster) -> str:
    """A pod that sleeps, to run commands in."""
    cluster.apply(pod("shell"))
    wait_ready(cluster, "shell")
    return "shell"


def test_the_server_is_of_the_version_that_it_was_built_from(cluster: Cluster) -> None:
    told = json.loads(cluster.kubectl("version", "-o", "json"))
    assert told["serverVersion"]["gitVersion"] == told["clientVersion"]["gitVersion"] == "v1.36.3"


def test_a_stranger_is_refused(cluster: Cluster) -> None:
    server = f"--server=https://{cluster.address}"
    stranger = ["--kubeconfig=/dev/null", f"--certificate-authority={cluster.ca}", "--token=none"]
    ran = cluster.run(server, *stranger, "get", "pods")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "You must be logged in to the server" in ran.stderr


@BOTH
def test_exec_keeps_the_streams_and_the_exit_code_apart(
    cluster: Cluster, shell: str, websockets: bool
) -> None:
    script = "cat; echo out; echo err >&2; exit 3"
    ran = cluster.run("exec", "-i", shell, "--", "sh", "-c", script, stdin="in\n", websockets=websockets)
    assert (ran.returncode, ran.stdout) == (3, "in\nout\n")
    assert ran.stderr == "err\ncommand terminated with exit code 3\n"


@BOTH
def test_exec_has_a_terminal(cluster: Cluster, shell: str, websockets: bool) -> None:
    said = on_terminal(
        cluster, "exec", "-it", shell, "--", "sh", "-c", "tty; stty size", websockets=websockets
    )
    assert re.search(r"/dev/pts/\d+\r\n24 80\r\n", said), said


@BOTH
def test_files_are_copied_both_ways(cluster: Cluster, shell: str, websockets: bool, tmp_path: Any) -> None:
    sent = tmp_path / "sent"
    sent.write_bytes(os.urandom(300_000))
    there = uuid.uuid4().hex
    cluster.kubectl("cp", str(sent), f"{shell}:{there}", websockets=websockets)
    cluster.kubectl("cp", f"{shell}:{there}", str(tmp_path / "back"), websockets=websockets)
    assert (tmp_path / "back").read_bytes() == sent.read_bytes()


def test_logs_follow_a_container_to_its_end(cluster: Cluster) -> None:
    cluster.apply(pod("counts", "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.2; done"))
    wait_ready(cluster, "counts")
    assert cluster.kubectl("logs", "-f", "counts") == "1\n2\n3\n"
    assert cluster.kubectl("logs", "--tail=2", "counts") == "2\n3\n"
    assert cluster.kubectl("logs", "--limit-bytes=3", "counts") == "1\n2"
    assert re.match(r"\d{4}-\d\d-\d\dT\S+ 1\n", cluster.kubectl("logs", "--timestamps", "counts"))
    cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/counts", "--timeout=10s")


def test_a_container_that_fails_is_started_again_and_its_log_kept(cluster: Cluster) -> None:
    cluster.apply(pod("fails", "sh", "-c", "echo run; exit 1", restartPolicy="Always"))
    restarted = "jsonpath={.status.containerStatuses[0].restartCount}=1"
    cluster.kubectl("wait", f"--for={restarted}", "pod/fails", "--timeout=10s")
    waiting = "jsonpath={.status.containerStatuses[0].restartCount}=2"
    cluster.kubectl("wait", f"--for={waiting}", "pod/fails", "--timeout=10s")
    assert cluster.kubectl("logs", "--previous", "fails") == "run\n"
    cluster.kubectl("delete", "pod", "fails")


def test_attach_is_the_streams_of_the_containers_own_process(cluster: Cluster) -> None:
    cluster.apply(pod("reads", "cat", container={"stdin": True, "stdinOnce": True}))
    wait_ready(cluster, "reads")
    assert cluster.kubectl("attach", "-i", "-q", "reads", stdin="to and fro\n") == "to and fro\n"


def test_a_debug_container_is_attached_to(cluster: Cluster, shell: str) -> None:
    command = ["debug", "-it", shell, "--image=local", "--", "sh", "-c", "read line; echo debugs $line"]
    said = on_terminal(cluster, *command, typed="this\n")
    assert "debugs this" in said, said


@BOTH
def test_a_ports_forward_carries_a_database_session(
    cluster: Cluster, shell: str, open_stack: Any, websockets: bool
) -> None:
    told = open_stack.direct()
    with (
        forwarded(cluster, f"pod/{shell}", int(told["port"]), websockets=websockets) as port,
        psycopg.connect(**(told | {"port": str(port)})) as connection,
    ):
        counted = connection.execute("SELECT sum(i) FROM generate_series(1, 100000) i").fetchone()
    assert counted == (5000050000,)


def test_a_rollout_is_unrolled_and_what_is_owned_goes_with_its_owner(cluster: Cluster) -> None:
    cluster.kubectl("create", "deployment", "web", "--image=local", "--replicas=2")
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    cluster.kubectl("scale", "deployment/web", "--replicas=1")
    cluster.kubectl("wait", "--for=jsonpath={.status.readyReplicas}=1", "deployment/web", "--timeout=20s")
    cluster.kubectl("delete", "deployment", "web", "--cascade=foreground", "--wait", "--timeout=30s")
    assert cluster.kubectl("get", "pods", "-l", "app=web", "-o", "name") == ""


def test_a_namespace_goes_with_all_that_is_in_it(cluster: Cluster) -> None:
    cluster.kubectl("create", "namespace", "short")
    cluster.kubectl("create", "configmap", "held", "-n", "short", "--from-literal=a=b")
    cluster.kubectl("delete", "namespace", "short", "--wait", "--timeout=30s")
    assert cluster.run("get", "namespace", "short").returncode == 1


def test_an_environment_comes_from_secrets(cluster: Cluster) -> None:
    cluster.kubectl("create", "secret", "generic", "held", "--from-literal=password=hunter2-and-more")
    variable = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "held", "key": "password"}}}
    cluster.apply(pod("told", container={"env": [variable]}))
    wait_ready(cluster, "told")
    assert cluster.kubectl("exec", "told", "--", "printenv", "PASSWORD") == "hunter2-and-more\n"


def test_the_audit_log_tells_what_every_request_was(cluster: Cluster) -> None:
    name = f"map-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "configmap", name)
    record = next(
        each for each in cluster.audit() if each["verb"] == "create" and each["objectRef"].get("name") == name
    )
    assert record["user"]["username"] == "admin"
    assert record["objectRef"]["resource"] == "configmaps"


def on_terminal(cluster: Cluster, *arguments: str, typed: str = "", websockets: bool = True) -> str:
    """Runs kubectl on a terminal of 24 lines and 80 columns; returns what it showed."""
    ours, its = pty.openpty()
    environment = cluster.environment(websockets=websockets)
    subprocess.run(["stty", "rows", "24", "cols", "80"], stdin=its, check=True)
    os.write(ours, typed.encode())
    with subprocess.Popen(
        cluster.command(*arguments), env=environment, stdin=its, stdout=its, stderr=its
    ) as ran:
        os.close(its)
        shown = bytearray()
        with contextlib.suppress(OSError):  # EIO once its last user has gone
            while piece := os.read(ours, 4096):
                shown += piece
        os.close(ours)
        assert ran.wait(30) == 0, shown
    return shown.decode()


@contextlib.contextmanager
def forwarded(cluster: Cluster, what: str, port: int, *, websockets: bool) -> Iterator[int]:
    """The local port that kubectl forwards to a pod's for as long as the block lasts."""
    command = cluster.command("port-forward", what, f":{port}")
    environment = cluster.environment(websockets=websockets)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as kubectl:
        try:
            assert kubectl.stdout is not None
            told = re.search(r"127\.0\.0\.1:(\d+)", kubectl.stdout.readline())
            assert told is not None
            yield int(told[1])
        finally:
            kubectl.terminate()
