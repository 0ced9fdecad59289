"""A gateway before the cluster: an issuer, a policy and `narrows serve`, reached as clusters are."""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from narrows.demo.tenant import Tenant
from tests.cluster.cluster import GATEWAY_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.cluster.cluster import Cluster

READY_DEADLINE_S = 30.0
APPROVAL_DEADLINE_S = 15.0

CONFIGURATION = """\
[listen]
kubernetes = "127.0.0.1:0"
console = "127.0.0.1:0"

{issuer}

[[target]]
name = "prod"
kind = "kubernetes"
address = "{address}"
ca = "{ca}"
credential = {{ kind = "token", secret = "env:CLUSTER_TOKEN" }}

[[target]]
name = "as-agent"
kind = "kubernetes"
address = "{address}"
ca = "{ca}"
impersonate = true
credential = {{ kind = "certificate", certificate = "{certificate}", key = "{key}" }}

[console]
client-id = "{client_id}"
operator-groups = ["sg-ops"]
"""


@dataclass
class ClusterGateway:
    """A running gateway and how agents reach clusters through it."""

    directory: Path
    cluster: Cluster
    tenant: Tenant
    addresses: dict[str, str]
    pid: int

    @property
    def address(self) -> str:
        """The listener for clients of Kubernetes."""
        return self.addresses["kubernetes"]

    @property
    def ca(self) -> Path:
        return self.directory / "state" / "ca.pem"

    @property
    def log(self) -> str:
        return (self.directory / "gateway.log").read_text()

    def server(self, target: str = "prod") -> str:
        """What a kubeconfig's `server` is."""
        return f"https://{self.address}/clusters/{target}"

    def kubeconfig(self, token: str | None = None, *, target: str = "prod") -> Path:
        """A kubeconfig with a token, the support agent's if none is given."""
        written = self.directory / f"kubeconfig-{target}-{abs(hash(token))}"
        cluster = {"server": self.server(target), "certificate-authority": str(self.ca)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": target, "cluster": cluster}],
            "users": [{"name": "agent", "user": {"token": token or self.agent_token()}}],
            "contexts": [{"name": target, "context": {"cluster": target, "user": "agent"}}],
            "current-context": target,
        }
        written.write_text(json.dumps(document))
        return written

    def agent_token(self) -> str:
        return self.tenant.token_of(self.tenant.support)

    def http(self, token: str | None = None, *, target: str = "prod") -> httpx.Client:
        """A plain HTTP client of the agent's, for what kubectl would never send."""
        return httpx.Client(
            base_url=self.server(target),
            headers={"Authorization": f"Bearer {token or self.agent_token()}"},
            verify=self.tls_context(),
            timeout=30,
        )

    def tls_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))

    def pending(self) -> str:
        """The id of the one approval request that waits, waited for."""
        deadline = time.monotonic() + APPROVAL_DEADLINE_S
        while time.monotonic() < deadline:
            if waiting := self.console("GET", "approvals?state=requested")["approvals"]:
                assert len(waiting) == 1, waiting
                return str(waiting[0]["id"])
            time.sleep(0.02)
        raise AssertionError("no approval request came")

    def console(self, method: str, path: str, body: Any = None) -> Any:
        """The HTTP API as the person who approves."""
        token = self.tenant.token_of_person(self.tenant.dba)
        with httpx.Client(verify=self.tls_context()) as client:
            answer = client.request(
                method,
                f"https://{self.addresses['console']}/v1/{path}",
                headers={"Authorization": f"Bearer {token}"},
                json=body,
            )
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextlib.contextmanager
def before(cluster: Cluster, directory: Path, policy: str) -> Iterator[ClusterGateway]:
    """Starts a gateway before a cluster, and stops it with the block.

    Args:
        cluster: What it protects, as target `prod`, and as `as-agent`, where it is told whom it serves.
        directory: An empty folder for all its state.
        policy: TOML text.
    """
    with Tenant(directory / "entra") as tenant:
        (directory / "policies").mkdir()
        (directory / "policies" / "policy.toml").write_text(policy)
        config = directory / "narrows.toml"
        config.write_text(
            CONFIGURATION.format(
                issuer=tenant.configuration(),
                address=cluster.address,
                ca=cluster.ca,
                certificate=cluster.directory / "admin.pem",
                key=cluster.directory / "admin.key",
                client_id=tenant.console.client_id,
            )
        )
        with _serving(config) as (addresses, pid):
            yield ClusterGateway(directory, cluster, tenant, addresses, pid)


@contextlib.contextmanager
def _serving(config: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Runs `narrows serve`; its listeners once all are there, and its process."""
    log = config.parent / "gateway.log"
    environment = os.environ | {"CLUSTER_TOKEN": GATEWAY_TOKEN, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "narrows", "serve", "--config", str(config)]
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=environment, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            addresses: dict[str, str] = {}
            while not {"kubernetes", "console"} <= addresses.keys():
                line = process.stdout.readline()
                assert line, f"narrows serve ended:\n{log.read_text()[-3000:]}"
                protocol, _, address = line.strip().removeprefix("listening ").partition(" ")
                addresses[protocol] = address
            yield addresses, process.pid
        finally:
            process.terminate()
