"""A Kubernetes cluster on loopback: a real API server, and a node whose containers are local processes."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

READY_DEADLINE_S = 60.0
KUBECTL_DEADLINE_S = 60.0
GATEWAY_TOKEN = "gateway-token-7f0c"
"""The credential that a gateway holds: it may do everything, and act for anybody."""
TOKENS = f'{GATEWAY_TOKEN},narrows-gateway,gateway-uid,"system:masters"\n'


class ClusterFailed(RuntimeError):
    """The cluster did not start; the message holds the end of what it said."""


@dataclass(frozen=True)
class Cluster:
    """One running cluster, and kubectl beside it."""

    binary: Path
    directory: Path
    address: str

    @property
    def kubeconfig(self) -> Path:
        """An administrator's, past any gateway."""
        return self.directory / "kubeconfig"

    @property
    def ca(self) -> Path:
        return self.directory / "ca.pem"

    def command(self, *arguments: str) -> list[str]:
        """A kubectl command of the cluster's own version."""
        return [str(self.binary), "kubectl", *arguments]

    def environment(self, kubeconfig: Path | None = None, *, websockets: bool = True) -> dict[str, str]:
        """What makes kubectl speak to this cluster, or to what another kubeconfig names."""
        chosen = str(websockets).lower()
        return os.environ | {
            "KUBECONFIG": str(kubeconfig or self.kubeconfig),
            "HOME": str(self.directory),  # kubectl keeps what it has discovered there
            "KUBECTL_REMOTE_COMMAND_WEBSOCKETS": chosen,
            "KUBECTL_PORT_FORWARD_WEBSOCKETS": chosen,
        }

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        kubeconfig: Path | None = None,
        websockets: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Runs kubectl to its end, whatever its exit code."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(kubeconfig, websockets=websockets),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=KUBECTL_DEADLINE_S,
            check=False,
        )

    def kubectl(self, *arguments: str, stdin: str | None = None, websockets: bool = True) -> str:
        """Runs kubectl as the administrator; returns what it printed.

        Raises:
            AssertionError: It failed; holds what it said.
        """
        ran = self.run(*arguments, stdin=stdin, websockets=websockets)
        assert ran.returncode == 0, f"kubectl {' '.join(arguments)}: {ran.stderr}"
        return ran.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        """Applies objects on the server's side."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(listed))

    def audit(self) -> list[dict[str, Any]]:
        """The API server's own account of every request that has been answered."""
        lines = (self.directory / "audit.log").read_text().splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def running(binary: Path, directory: Path, tokens: str = TOKENS) -> Iterator[Cluster]:
    """Starts a cluster in an empty folder, and ends it with the block.

    Args:
        binary: What `tests.cluster.build` made.
        directory: Holds the cluster's state, keys and audit log.
        tokens: The API server's token file.

    Raises:
        ClusterFailed: It ended instead, or said nothing in time.
    """
    (directory / "tokens.csv").write_text(tokens)
    log = directory / "cluster.log"
    with (
        log.open("wb") as said,
        subprocess.Popen(
            [binary, "serve", directory],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
        ) as process,
    ):  # fmt: skip
        try:
            yield Cluster(binary, directory, _ready(process, log))
        finally:
            process.kill()


def _ready(process: subprocess.Popen[str], log: Path) -> str:
    """The address that the cluster prints once it serves."""
    told: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=lambda: told.put(process.stdout.readline()), daemon=True).start()
    try:
        word, _, address = told.get(timeout=READY_DEADLINE_S).strip().partition(" ")
    except queue.Empty:
        word, address = "", ""
    if word != "ready":
        raise ClusterFailed(f"the cluster is not ready:\n{log.read_text()[-3000:]}")
    return address


def pod(name: str, *command: str, namespace: str = "default", **spec: Any) -> dict[str, Any]:
    """A pod of one container, `main`, that runs a local command; one without a command sleeps."""
    container = {"name": "main", "image": "local"} | ({"command": list(command)} if command else {})
    container |= spec.pop("container", {})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [container], "restartPolicy": "Never", **spec},
    }


def wait_ready(cluster: Cluster, *names: str, namespace: str = "default") -> None:
    """Waits until pods serve."""
    named: Sequence[str] = [f"pod/{name}" for name in names]
    cluster.kubectl("wait", "-n", namespace, "--for=condition=Ready", "--timeout=30s", *named)
