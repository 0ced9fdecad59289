"""Masking a list of pods: bytes a second and core, beside parsing it, masking the tree and writing it again.

The list is made here, 2,000 pods in some 3.5 MB. Every way masks it over and over in a process of its own, in
turn, round after round; processor time is counted, and of two runs of different length the start cancels out.
`python -m bench.objects` prints the figures; `python -m bench objects` has them in its table.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PODS = 2_000
SCENARIOS = ("unmasked", "env", "seen", "detectors", "serde_json")
PASSES = (2, 42)
"""How often the scanner goes over the list in the shorter and in the longer run of a process."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def measure(*, rounds: int = 3) -> dict[str, Any]:
    """Megabytes a second and core of every way, the median of the rounds, and the list's size in bytes."""
    build = ["cargo", "build", "--quiet", "--release", "-p", "narrows-mask", "--example", "objects"]
    subprocess.run(build, cwd=ROOT, check=True)
    text = json.dumps(pod_list(PODS), separators=(",", ":")).encode()
    rates: dict[str, list[float]] = {name: [] for name in (*SCENARIOS, "python json")}
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(text)
        file.flush()
        for _ in range(rounds):
            for scenario in SCENARIOS:
                few, many = (_seconds(file.name, scenario, passes) for passes in PASSES)
                rates[scenario].append(len(text) * (PASSES[1] - PASSES[0]) / (many - few) / 1e6)
            rates["python json"].append(len(text) / _in_python(text) / 1e6)
    return {"bytes": len(text), "megabytes_s": {name: statistics.median(of) for name, of in rates.items()}}


def pod_list(pods: int) -> dict[str, Any]:
    """So many pods as a Deployment makes them, without `managedFields`."""
    return {
        "kind": "PodList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": "1048576"},
        "items": [_pod(number) for number in range(pods)],
    }


def _pod(number: int) -> dict[str, Any]:
    name = f"checkout-7c9f8d6b5-{number:05x}"
    env = [{"name": "DB_PASSWORD", "value": f"hunter2-{number:04}"}, {"name": "LOG_LEVEL", "value": "info"}]
    env.append({"name": "REGION", "value": "westeurope"})
    return {
        "metadata": {
            "name": name,
            "namespace": f"shop-{number % 20}",
            "uid": f"{number:08x}-7dec-11d0-a765-00a0c91e6bf6",
            "resourceVersion": str(1_000_000 + number),
            "creationTimestamp": "2026-11-24T12:30:00Z",
            "labels": {"app": "checkout", "pod-template-hash": "7c9f8d6b5", "tier": "backend"},
            "annotations": {LAST_APPLIED: json.dumps({"spec": {"env": env}})},
        },
        "spec": {
            "volumes": [{"name": "config", "configMap": {"name": "checkout-config", "defaultMode": 420}}],
            "containers": [
                {
                    "name": "checkout",
                    "image": "registry.example/checkout:1.42.0",
                    "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                    "env": env,
                    "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}},
                    "volumeMounts": [{"name": "config", "readOnly": True, "mountPath": "/etc/checkout"}],
                    "imagePullPolicy": "IfNotPresent",
                }
            ],
            "restartPolicy": "Always",
            "nodeName": f"node-{number % 40}",
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}
            ],
        },
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": kind, "status": "True", "lastTransitionTime": "2026-11-24T12:30:05Z"}
                for kind in ("Initialized", "Ready", "PodScheduled")
            ],
            "hostIP": f"10.0.0.{number % 250}",
            "podIP": f"10.244.{number % 40}.{number % 250}",
            "containerStatuses": [
                {
                    "name": "checkout",
                    "state": {"running": {"startedAt": "2026-11-24T12:30:04Z"}},
                    "ready": True,
                    "restartCount": 0,
                    "imageID": f"registry.example/checkout@sha256:{number:064x}",
                }
            ],
        },
    }


def _seconds(file: str, scenario: str, passes: int) -> float:
    """Processor time of a process that goes over the file so often."""
    program = str(ROOT / "target/release/examples/objects")
    child = os.posix_spawn(program, [program, file, scenario, str(passes)], dict(os.environ))
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{scenario}: the process failed ({status})")
    return used.ru_utime + used.ru_stime


def _in_python(text: bytes) -> float:
    """Processor time of the same masks on what Python's json reads."""
    start = time.process_time()
    document = json.loads(text)
    for pod in document["items"]:
        pod["metadata"]["annotations"].pop(LAST_APPLIED, None)
        for container in pod["spec"]["containers"]:
            for entry in container["env"]:
                entry["value"] = "[redacted]"
    json.dumps(document, separators=(",", ":"))
    return time.process_time() - start


def main() -> None:
    measured = measure()
    print(f"{PODS:,} pods, {measured['bytes'] / 1e6:.1f} MB")
    for name, rate in measured["megabytes_s"].items():
        print(f"{name:12} {rate:8,.0f} MB/s")


if __name__ == "__main__":
    main()
