"""The ways to a cluster that must come to the same: direct or through Narrows, over WebSockets or SPDY."""

from __future__ import annotations

import contextlib
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.cluster.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway
    from tests.cluster.terminal import Terminal


@dataclass(frozen=True)
class Way:
    """One way to a cluster, and kubectl on it."""

    name: str
    cluster: Cluster
    kubeconfig: Path | None
    """None is the administrator's, past any gateway."""
    websockets: bool = True

    @property
    def environment(self) -> dict[str, str]:
        return self.cluster.environment(self.kubeconfig, websockets=self.websockets)

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs kubectl to its end, whatever its exit code."""
        return self.cluster.run(
            *arguments, stdin=stdin, kubeconfig=self.kubeconfig, websockets=self.websockets
        )

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Runs kubectl; returns what it printed.

        Raises:
            AssertionError: It failed; holds what it said.
        """
        ran = self.run(*arguments, stdin=stdin)
        assert ran.returncode == 0, f"kubectl {' '.join(arguments)}: {ran.stderr}"
        return ran.stdout

    def terminal(self, *arguments: str) -> contextlib.AbstractContextManager[Terminal]:
        """Runs kubectl on a terminal of 24 lines and 80 columns."""
        return on_terminal(self.cluster.command(*arguments), self.environment)

    @contextlib.contextmanager
    def forwarded(self, what: str, port: int) -> Iterator[int]:
        """The local port that kubectl forwards to a pod's for as long as the block lasts."""
        command = self.cluster.command("port-forward", what, f":{port}")
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True) as kubectl:
            try:
                assert kubectl.stdout is not None
                told = re.search(r"127\.0\.0\.1:(\d+)", kubectl.stdout.readline())
                assert told is not None
                yield int(told[1])
            finally:
                kubectl.terminate()


def ways(cluster: Cluster, gateway: ClusterGateway) -> dict[str, Way]:
    """All of them, by name."""
    kubeconfigs = {"direct": None, "narrows": gateway.kubeconfig()}
    return {
        f"{where}-{streams}": Way(f"{where}-{streams}", cluster, kubeconfig, websockets)
        for where, kubeconfig in kubeconfigs.items()
        for streams, websockets in (("websocket", True), ("spdy", False))
    }


EACH_WAY = pytest.mark.parametrize(
    "way", ["direct-websocket", "direct-spdy", "narrows-websocket", "narrows-spdy"], indirect=True
)
"""Runs a test on every one of them."""
