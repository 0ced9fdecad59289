"""One cluster for every test of a run; where it cannot be built, its tests are skipped and say why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster.build import Unbuildable, binary
from tests.cluster.cluster import running
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.cluster.ways import Way, ways
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster
    from tests.cluster.gateway import ClusterGateway

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The API server's audit log is judged once all other tests have written to it."""
    items.sort(key=lambda item: item.path.name == "test_audit.py" and item.path.parent == HERE)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    try:
        built = binary()
    except Unbuildable as why:
        pytest.skip(f"no Kubernetes cluster to test against: {why}")
    with folder("cluster") as place, running(built, place) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def open_gateway(cluster: Cluster) -> Iterator[ClusterGateway]:
    """A gateway that lets everything through, so that what passes must pass unchanged."""
    with folder("gateway") as place, before(cluster, place, OPEN) as gateway:
        yield gateway


@pytest.fixture
def way(cluster: Cluster, open_gateway: ClusterGateway, request: pytest.FixtureRequest) -> Way:
    """One of the ways to the cluster, by its name."""
    return ways(cluster, open_gateway)[request.param]
