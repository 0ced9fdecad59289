"""The cluster that others are tested against does itself what a cluster does."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING

from tests.cluster.cluster import pod, wait_ready

if TYPE_CHECKING:
    from tests.cluster.cluster import Cluster


def test_the_server_is_of_the_version_that_it_was_built_from(cluster: Cluster) -> None:
    told = json.loads(cluster.kubectl("version", "-o", "json"))
    assert told["serverVersion"]["gitVersion"] == told["clientVersion"]["gitVersion"] == "v1.36.3"


def test_a_stranger_is_refused(cluster: Cluster) -> None:
    server = f"--server=https://{cluster.address}"
    stranger = ["--kubeconfig=/dev/null", f"--certificate-authority={cluster.ca}", "--token=none"]
    ran = cluster.run(server, *stranger, "get", "pods")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "You must be logged in to the server" in ran.stderr


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
