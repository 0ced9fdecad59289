"""Helm works through the gateway once its releases are excepted from the mask of Secrets."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.cluster import build
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]  # Helm may have to be built first

RELEASES_EXCEPTED = """
[[mask]]
id = "secrets-but-releases"
targets = ["prod"]
[mask.kubernetes]
resources = ["secrets"]
paths = ["$.data.*", "$.stringData.*"]
except-names = ["sh.helm.release.v1.*"]
"""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "values.yaml": "colour: blue\n",
    "templates/objects.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-settings"}
data: {colour: "{{ .Values.colour }}"}
---
apiVersion: v1
kind: Secret
metadata: {name: "{{ .Release.Name }}-held"}
stringData: {password: typed-by-a-person}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: main, image: local}]}
""",
}


@pytest.fixture(scope="module")
def binary() -> Path:
    try:
        return build.helm()
    except build.Unbuildable as why:
        pytest.skip(f"no Helm to test with: {why}")


@pytest.fixture(scope="module")
def gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    with folder("helm") as place, before(cluster, place, OPEN + RELEASES_EXCEPTED) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def chart() -> Iterator[Path]:
    with folder("chart") as place:
        for name, text in CHART.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)
        yield place


@dataclass(frozen=True)
class Helm:
    """Helm in a namespace, by one way to the cluster."""

    binary: Path
    kubeconfig: Path
    namespace: str

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Helm to its end, whatever its exit code."""
        environment = os.environ | {"KUBECONFIG": str(self.kubeconfig), "HOME": str(self.kubeconfig.parent)}
        command = [self.binary, "--namespace", self.namespace, *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def __call__(self, *arguments: str) -> str:
        """What it printed.

        Raises:
            AssertionError: It failed; holds what it said.
        """
        ran = self.run(*arguments)
        assert ran.returncode == 0, f"helm {' '.join(arguments)}: {ran.stderr}"
        return ran.stdout


@pytest.mark.parametrize("way", ["direct", "narrows"])
def test_a_release_lives_from_its_installation_to_its_end(
    cluster: Cluster, gateway: ClusterGateway, binary: Path, chart: Path, way: str
) -> None:
    cluster.kubectl("create", "namespace", f"helm-{way}")
    helm = Helm(binary, cluster.kubeconfig if way == "direct" else gateway.kubeconfig(), f"helm-{way}")

    def there(*what: str) -> str:
        return cluster.kubectl("get", *what, "-n", helm.namespace)

    def colour() -> str:
        return there("configmap", "web-settings", "-o", "jsonpath={.data.colour}")

    helm("install", "web", str(chart), "--wait")
    assert colour() == "blue"
    helm("upgrade", "web", str(chart), "--set", "colour=green")
    assert colour() == "green"
    (listed,) = json.loads(helm("list", "-o", "json"))
    assert (listed["name"], listed["revision"], listed["status"]) == ("web", "2", "deployed")
    assert json.loads(helm("status", "web", "-o", "json"))["info"]["status"] == "deployed"
    assert json.loads(helm("get", "values", "web", "-o", "json")) == {"colour": "green"}
    helm("rollback", "web", "1")
    assert colour() == "blue"
    history = json.loads(helm("history", "web", "-o", "json"))
    assert [each["status"] for each in history] == ["superseded", "superseded", "deployed"]
    helm("uninstall", "web")
    assert there("configmap,secret,deployment", "-o", "name") == ""


def test_masks_hide_what_a_chart_makes_and_releases_that_are_not_excepted(
    cluster: Cluster, gateway: ClusterGateway, open_gateway: ClusterGateway, binary: Path, chart: Path
) -> None:
    cluster.kubectl("create", "namespace", "helm-masked")
    Helm(binary, gateway.kubeconfig(), "helm-masked")("install", "web", str(chart))
    password = ["get", "secret", "web-held", "-n", "helm-masked", "-o", "jsonpath={.data.password}"]
    assert base64.b64decode(cluster.kubectl(*password)) == b"typed-by-a-person"
    shown = cluster.run(*password, kubeconfig=gateway.kubeconfig()).stdout
    assert base64.b64decode(shown).startswith(b"narrows-masked-")
    masked = Helm(binary, open_gateway.kubeconfig(), "helm-masked")
    assert json.loads(masked("list", "-o", "json")) == []
    assert masked.run("status", "web").returncode == 1
