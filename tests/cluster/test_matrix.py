"""What kubectl's users do comes to the same past the gateway and through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster.gateway import before
from tests.cluster.matrix import STEPS, Outcome, story
from tests.cluster.policies import OPEN
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway


@pytest.fixture(scope="module")
def gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    with folder("gateway") as place, before(cluster, place, OPEN) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def told(cluster: Cluster, gateway: ClusterGateway) -> list[tuple[Outcome, Outcome]]:
    """What each step came to, past the gateway and through it."""

    def run(namespace: str, kubeconfig: Path | None) -> list[Outcome]:
        cluster.kubectl("create", "namespace", namespace)
        cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace)
        return list(story(cluster, namespace, kubeconfig))

    past, through = run("matrix-past", None), run("matrix-through", gateway.kubeconfig())
    return list(zip(past, through, strict=True))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "step",
    range(len(STEPS)),
    ids=[f"{command.run} {'' if websockets else 'over SPDY'}".strip() for command, websockets in STEPS],
)
def test_the_command_comes_to_the_same(told: list[tuple[Outcome, Outcome]], step: int) -> None:
    command, _ = STEPS[step]
    past, through = told[step]
    assert past.exit == command.exit, past.err
    if command.only:
        assert through.exit == past.exit, through.err
    else:
        assert through == past
