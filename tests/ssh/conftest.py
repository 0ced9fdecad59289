"""One sshd for all; a gateway for each test."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from narrows.demo.sshd import MISSING, is_installed, running
from tests.conftest import folder
from tests.ssh.world import world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from narrows.demo.sshd import Sshd
    from tests.ssh.world import World


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    if not is_installed():
        pytest.skip(MISSING)
    with folder("sshd") as place, running(place) as sshd:
        yield sshd


@pytest.fixture
async def here(tmp_path, sshd) -> AsyncIterator[World]:
    async with contextlib.AsyncExitStack() as stack:
        yield await stack.enter_async_context(world(tmp_path, sshd))
