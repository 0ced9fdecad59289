"""A running gateway whose recordings are read."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from narrows.demo.stack import Stack
from narrows.errors import StoreError
from narrows.recordings.index import read_index
from tests.conftest import folder
from tests.recordings.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with folder("recordings") as place, Stack(place) as running:
        eventually(lambda: is_indexed(running))
        yield running


def is_indexed(running: Stack) -> bool:
    """Whether the process beside the gateway has begun."""
    try:
        with closing(read_index(running.state / "recordings.db")):
            return True
    except StoreError:
        return False
