"""Builds the tests' Kubernetes cluster and Helm, each once, and keeps them outside the checkout.

`python -m tests.cluster.build` builds the cluster where it is not there yet; Helm, which only long tests
run, is built when one of them asks. `NARROWS_NO_CLUSTER=1` does without both.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SOURCES = Path(__file__).parent / "server"
COMMANDS = SOURCES / "cmd"
"""Programs of the same module that are no part of the cluster."""
HELM = Path(__file__).parent / "helm"
"""A module that says which Helm."""
KUBERNETES = "v1.36.3"
"""The version that go.mod asks for, which the binary says of itself."""
KEPT_S = 7 * 24 * 3600.0
"""How long a build is kept beside newer ones."""


class Unbuildable(RuntimeError):
    """The cluster cannot be had here; the message says why, and what to do."""


def binary() -> Path:
    """The cluster's binary, built first where it is not there.

    Raises:
        Unbuildable: There is no Go, or one too old, or the tests are told to do without.
        subprocess.CalledProcessError: The sources do not compile.
    """
    sources = (each for each in SOURCES.rglob("*") if each.suffix in {".go", ".mod", ".sum"})
    digest = _digest(SOURCES, [each for each in sources if not each.is_relative_to(COMMANDS)])
    return _kept("cluster", digest, _build_cluster)


def helm() -> Path:
    """Helm, built first where it is not there.

    Raises:
        Unbuildable, subprocess.CalledProcessError: As `binary` says.
    """
    return _kept("helm", _digest(HELM, list(HELM.glob("go.*"))), _build_helm)


def run(command: str, *arguments: str) -> str:
    """What a program beside the cluster prints.

    Raises:
        Unbuildable: As `binary` says.
        subprocess.CalledProcessError: It does not compile, or failed.
    """
    if os.environ.get("NARROWS_NO_CLUSTER") == "1":
        raise Unbuildable("NARROWS_NO_CLUSTER=1 is set")
    ran = subprocess.run(
        [_go(), "run", f"./cmd/{command}", *arguments],
        cwd=SOURCES, env=os.environ | {"CGO_ENABLED": "0"}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return ran.stdout


def _kept(name: str, digest: str, build: Callable[[str, Path], None]) -> Path:
    """What the cache holds, or is built beside its place and moved there whole. What is long past goes."""
    if os.environ.get("NARROWS_NO_CLUSTER") == "1":
        raise Unbuildable("NARROWS_NO_CLUSTER=1 is set")
    built = _cache() / f"{name}-{digest}"
    if built.exists():
        return built
    go = _go()
    built.parent.mkdir(parents=True, exist_ok=True)
    with (built.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if built.exists():
            return built
        unfinished = built.with_suffix(".unfinished")
        build(go, unfinished)
        for old in built.parent.glob(f"{name}-*"):
            if old.stat().st_mtime < time.time() - KEPT_S:  # another checkout may be running a newer one
                old.unlink()
        unfinished.rename(built)
    return built


def _build_cluster(go: str, built: Path) -> None:
    print("building a Kubernetes API server for the tests (10 to 20 minutes, once)", flush=True)
    version = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES.removeprefix("v").split(".")
    told = {"gitVersion": KUBERNETES, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s", "-w", *(f"-X {version}.{name}={value}" for name, value in told.items())])
    _compile(go, SOURCES, ".", flags, built)


def _build_helm(go: str, built: Path) -> None:
    print("building Helm for the tests (4 to 8 minutes, once)", flush=True)
    _compile(go, HELM, "helm.sh/helm/v4/cmd/helm", "-s -w", built)


def _compile(go: str, module: Path, package: str, flags: str, built: Path) -> None:
    subprocess.run(
        [go, "build", "-ldflags", flags, "-o", built, package],
        cwd=module, env=os.environ | {"CGO_ENABLED": "0"}, check=True,
    )  # fmt: skip


def _go() -> str:
    """A Go that takes the module; one that is too old fetches another, or says that it may not."""
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if go is None:
        raise Unbuildable("Go 1.26 or later is missing: https://go.dev/dl")
    said = subprocess.run([go, "version"], cwd=SOURCES, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise Unbuildable(f"Go 1.26 or later is needed: {said.stderr.strip()}")
    return go


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "narrows"


def _digest(module: Path, sources: Iterable[Path]) -> str:
    """Names sources and the versions of all they use."""
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(f"{source.relative_to(module)}\0{source.stat().st_size}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        binary()
    except Unbuildable as why:
        print(f"the tests against a Kubernetes cluster are skipped: {why}", file=sys.stderr)
