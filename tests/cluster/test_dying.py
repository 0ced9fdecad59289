"""When an API server dies in the midst of its answers, clients and recordings tell."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from narrows._core import read_journal
from tests.cluster.build import Unbuildable, binary
from tests.cluster.cluster import pod, running, wait_ready
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

pytestmark = pytest.mark.long  # a cluster of its own, which does not outlive it

TALKS = "while true; do echo still here; sleep 0.1; done"
STREAMS = {
    "log": ["logs", "-f", "talks", "--tail=1"],
    "exec": ["exec", "-i", "talks", "--", "sh"],
}


@dataclass(frozen=True)
class Death:
    """What became of the streams that were open when the API server died."""

    gateway: ClusterGateway
    codes: dict[str, int]
    said: dict[str, str]
    watch: Exception | None
    """What reading on in a watch raised. kubectl itself passes over it in silence."""


@pytest.fixture(scope="module")
def death() -> Iterator[Death]:
    try:
        built = binary()
    except Unbuildable as why:
        pytest.skip(f"no Kubernetes cluster to test against: {why}")
    with folder("dying") as place, folder("gateway") as beside, ExitStack() as alive:
        cluster = alive.enter_context(running(built, place))
        with before(cluster, beside, OPEN) as gateway:
            cluster.kubectl("wait", "--for=create", "serviceaccount/default")
            cluster.apply(pod("talks", "sh", "-c", TALKS))
            wait_ready(cluster, "talks")
            streams = {name: opened(cluster, gateway, arguments) for name, arguments in STREAMS.items()}
            with gateway.http() as agent, agent.stream("GET", "/api/v1/pods?watch=1") as watch:
                events = watch.iter_lines()
                assert "ADDED" in next(events)
                alive.close()
                broke = read_on(events)
            said = {name: stream.communicate(timeout=60)[1] for name, stream in streams.items()}
            yield Death(gateway, {name: stream.returncode for name, stream in streams.items()}, said, broke)


def opened(cluster: Cluster, gateway: ClusterGateway, arguments: list[str]) -> subprocess.Popen[str]:
    """kubectl in the midst of its answer."""
    kubectl = subprocess.Popen(
        cluster.command(*arguments), env=cluster.environment(gateway.kubeconfig()),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert kubectl.stdin is not None
    assert kubectl.stdout is not None
    kubectl.stdin.write(f"{TALKS}\n")
    kubectl.stdin.flush()
    assert kubectl.stdout.readline(), "nothing came at all"
    return kubectl


def read_on(events: Iterator[str]) -> Exception | None:
    try:
        list(events)
    except httpx.HTTPError as why:
        return why
    return None


@pytest.mark.parametrize("stream", STREAMS)
def test_kubectl_fails_and_says_why(death: Death, stream: str) -> None:
    assert death.codes[stream] == 1
    assert "unexpected EOF" in death.said[stream]


def test_a_watch_does_not_end_as_if_it_were_whole(death: Death) -> None:
    assert isinstance(death.watch, httpx.RemoteProtocolError)


def test_the_recording_tells_that_answers_were_cut(death: Death) -> None:
    journal = read_journal(str(death.gateway.directory / "state" / "journal"))
    cut = [frame for frame in journal if b'"event":"cut"' in frame.payload]
    assert len(cut) == 2, "the watch and the log"


def test_the_gateway_lives_on_and_says_that_there_is_no_cluster(death: Death) -> None:
    with death.gateway.http() as agent:
        answer = agent.get("/api/v1/pods")
    assert answer.status_code == 503, answer.text
    assert answer.json()["kind"] == "Status"
