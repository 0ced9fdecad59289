"""Builds the tests' Kubernetes cluster once, and keeps it outside the checkout.

`python -m tests.cluster.build` builds it where it is not there yet. `NARROWS_NO_CLUSTER=1` does without.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent / "server"
COMMANDS = SOURCES / "cmd"
"""Programs of the same module that are no part of the cluster."""
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
    if os.environ.get("NARROWS_NO_CLUSTER") == "1":
        raise Unbuildable("NARROWS_NO_CLUSTER=1 is set")
    built = _cache() / f"cluster-{_digest()}"
    if built.exists():
        return built
    go = _go()
    built.parent.mkdir(parents=True, exist_ok=True)
    with (built.parent / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            _build(go, built)
    return built


def _build(go: str, built: Path) -> None:
    """Builds beside its place and moves it there whole; builds that are long past go."""
    print("building a Kubernetes API server for the tests (10 to 20 minutes, once)", flush=True)
    version = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES.removeprefix("v").split(".")
    told = {"gitVersion": KUBERNETES, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s", "-w", *(f"-X {version}.{name}={value}" for name, value in told.items())])
    unfinished = built.with_suffix(".unfinished")
    subprocess.run(
        [go, "build", "-ldflags", flags, "-o", unfinished, "."],
        cwd=SOURCES, env=os.environ | {"CGO_ENABLED": "0"}, check=True,
    )  # fmt: skip
    for old in built.parent.glob("cluster-*"):
        if old.stat().st_mtime < time.time() - KEPT_S:  # another checkout may be running a newer one
            old.unlink()
    unfinished.rename(built)


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


@cache
def _digest() -> str:
    """Names the sources and the versions of all they use."""
    digest = hashlib.sha256()
    sources = (each for each in SOURCES.rglob("*") if each.suffix in {".go", ".mod", ".sum"})
    for source in sorted(each for each in sources if not each.is_relative_to(COMMANDS)):
        digest.update(f"{source.relative_to(SOURCES)}\0{source.stat().st_size}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        binary()
    except Unbuildable as why:
        print(f"the tests against a Kubernetes cluster are skipped: {why}", file=sys.stderr)
