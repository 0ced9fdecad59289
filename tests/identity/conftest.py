from __future__ import annotations

import pytest

from tests.identity.world import Gate, World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("entra"))


@pytest.fixture
def gate(world: World) -> Gate:
    return Gate(world, world.section())
