"""A cluster with pods in it, and the ways to it that are compared: direct, Narrows and `kubectl proxy`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from tests.cluster.cluster import GATEWAY_TOKEN, Cluster, pod, running, wait_ready

from bench.http import Server
from bench.objects import pod_list
from narrows.demo.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMESPACE = "bench"
IDLE_NAMESPACE = "idle"
"""Nothing is in it, so that a watch there has nothing to say."""
ELSEWHERE = "node-0"
"""A node that runs nothing: the pods of the list stay as they are."""
SHELL = "shell"
"""The pod that commands are run in."""
SMALL = "settings"
"""A small object."""

CONFIGURATION = """\
[listen]
kubernetes = "127.0.0.1:0"

{issuer}

[[target]]
name = "prod"
kind = "kubernetes"
address = "{address}"
ca = "{ca}"
credential = {{ kind = "token", secret = "env:CLUSTER_TOKEN" }}
"""

POLICY = """\
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["get", "list", "watch"], resources = ["pods", "configmaps"], namespaces = ["*"] }

[[rule]]
id = "look-into-pods"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
[rule.kubernetes]
verbs = ["exec"]
resources = ["pods"]
namespaces = ["*"]
argv = ["head *", "echo *"]
read = ["/dev/zero"]

[[mask]]
id = "environment"
targets = ["prod"]
transform = "redact"
[mask.kubernetes]
resources = ["pods"]
paths = ["$.spec.containers[*].env[*].value"]

[[mask]]
id = "anywhere"
targets = ["prod"]
detectors = ["pan", "email", "jwt"]
"""


@contextlib.contextmanager
def filled(binary: Path, directory: Path, *, pods: int) -> Iterator[Cluster]:
    """A cluster that has so many pods in one namespace, which do not run, and one that does."""
    directory.mkdir()
    with running(binary, directory) as cluster:
        namespaces = [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            for name in (NAMESPACE, IDLE_NAMESPACE)
        ]
        small = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": SMALL, "namespace": NAMESPACE},
            "data": {"region": "westeurope"},
        }
        cluster.apply(*namespaces)
        cluster.kubectl("wait", "-n", NAMESPACE, "--for=create", "serviceaccount/default", "--timeout=30s")
        cluster.apply(small, pod(SHELL))
        wait_ready(cluster, SHELL)
        listed = pod_list(pods)["items"]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda each: _create(cluster, each), listed))
        yield cluster


def _create(cluster: Cluster, made: dict[str, Any]) -> None:
    """The pod as somebody would create it: what the cluster itself says of one is its own."""
    metadata = {name: made["metadata"][name] for name in ("name", "labels", "annotations")}
    spec = made["spec"] | {"nodeName": ELSEWHERE}
    body = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}).encode()
    url = f"https://{cluster.address}/api/v1/namespaces/{NAMESPACE}/pods"
    headers = {"Authorization": f"Bearer {GATEWAY_TOKEN}", "Content-Type": "application/json"}
    context = ssl.create_default_context(cafile=cluster.ca)
    with urlopen(Request(url, body, headers, method="POST"), context=context) as answer:
        answer.read()


def direct(cluster: Cluster) -> Server:
    """Straight to the API server, with the credential that the gateway has."""
    host, _, port = cluster.address.rpartition(":")
    tls = ssl.create_default_context(cafile=cluster.ca)
    return Server("direct", host, int(port), token=GATEWAY_TOKEN, tls=tls)


@contextlib.contextmanager
def narrows(cluster: Cluster, directory: Path) -> Iterator[Server]:
    """`narrows serve` in front of the cluster, an agent's Entra token as the bearer token."""
    (directory / "policies").mkdir(parents=True)
    (directory / "policies" / "rules.toml").write_text(POLICY)
    with Tenant(directory / "entra") as tenant:
        settings = CONFIGURATION.format(issuer=tenant.configuration(), address=cluster.address, ca=cluster.ca)
        config = directory / "narrows.toml"
        config.write_text(settings)
        command = [sys.executable, "-m", "narrows", "serve", "--config", str(config)]
        environment = os.environ | {"CLUSTER_TOKEN": GATEWAY_TOKEN, "NO_COLOR": "1"}
        with (
            (directory / "gateway.log").open("wb") as log,
            _started(command, "listening kubernetes ", environment, log) as (gateway, address),
        ):
            host, _, port = address.rpartition(":")
            tls = ssl.create_default_context(cafile=directory / "state" / "ca.pem")
            token = tenant.token_of(tenant.support)
            yield Server("narrows", host, int(port), "/clusters/prod", token, tls, gateway)


@contextlib.contextmanager
def kubectl_proxy(cluster: Cluster) -> Iterator[Server]:
    """`kubectl proxy`, which decides and masks nothing and speaks plain HTTP on its near side."""
    command = cluster.command("proxy", "--port=0")
    with _started(command, "Starting to serve on ", cluster.environment(), subprocess.DEVNULL) as (
        process,
        address,
    ):
        host, _, port = address.rpartition(":")
        yield Server("kubectl proxy", host, int(port), process=process)


@contextlib.contextmanager
def _started(
    command: list[str], says: str, environment: dict[str, str], log: Any
) -> Iterator[tuple[int, str]]:
    """A process, once it has said where it serves."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            for line in process.stdout or ():
                if told := re.match(re.escape(says) + r"(\S+)", line):
                    yield process.pid, told[1]
                    return
            raise RuntimeError(f"{command[0]} ended without serving")
        finally:
            process.terminate()
