"""One cluster for every test of a run; where it cannot be built, its tests are skipped and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster.build import Unbuildable, binary
from tests.cluster.cluster import running
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    try:
        built = binary()
    except Unbuildable as why:
        pytest.skip(f"no Kubernetes cluster to test against: {why}")
    with folder("cluster") as place, running(built, place) as cluster:
        yield cluster
