"""An API server of a few lines, which the cluster's own passes an API group on to: what it says is fixed."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster

GROUP = "aggregated.example"
VERSION = f"{GROUP}/v1"
NAMESPACE = "aggregated"
TOKEN = "t0k3n-of-a-reading"
READING: dict[str, Any] = {
    "apiVersion": VERSION,
    "kind": "Reading",
    "metadata": {"name": "one", "namespace": NAMESPACE},
    "steps": [{"value": 7, "token": TOKEN}],
}
RESOURCE = {
    "name": "readings",
    "singularName": "reading",
    "namespaced": True,
    "kind": "Reading",
    "verbs": ["get", "list"],
}
READINGS = f"/apis/{VERSION}/namespaces/{NAMESPACE}/readings"
ANSWERS = {
    f"/apis/{VERSION}": {
        "apiVersion": "v1", "kind": "APIResourceList", "groupVersion": VERSION, "resources": [RESOURCE],
    },
    READINGS: {"apiVersion": VERSION, "kind": "ReadingList", "metadata": {}, "items": [READING]},
    f"{READINGS}/one": READING,
}  # fmt: skip


class Aggregated(BaseHTTPRequestHandler):
    """Answers what there is, and 404 to all else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.respond(self.path.partition("?")[0])

    def respond(self, path: str) -> None:
        """Answers a GET of a path."""
        status, answer = (200, ANSWERS[path]) if path in ANSWERS else (404, {"kind": "Status", "code": 404})
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def aggregated(cluster: Cluster, answers: type[Aggregated] = Aggregated) -> Iterator[None]:
    """Serves the group behind a cluster for as long as the block lasts."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cluster.directory / "apiserver.pem", cluster.directory / "apiserver.key")
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        server.daemon_threads = True
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cluster.apply(*registration(server.server_address[1]))
        cluster.kubectl("wait", "--for=condition=Available", f"apiservice/v1.{GROUP}", "--timeout=30s")
        try:
            yield
        finally:
            cluster.kubectl("delete", f"apiservice/v1.{GROUP}")
            server.shutdown()


def registration(port: int) -> list[dict[str, Any]]:
    """What tells the cluster that a group is served at a port of this machine."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    named = {"name": "behind", "namespace": NAMESPACE}
    service = {
        "apiVersion": "v1", "kind": "Service", "metadata": named,
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    }  # fmt: skip
    group = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1.{GROUP}"},
        "spec": {
            "group": GROUP, "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 1,
            "insecureSkipTLSVerify": True, "service": named | {"port": port},
        },
    }  # fmt: skip
    return [namespace, service, group]
