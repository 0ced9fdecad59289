"""A running gateway whose recordings are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.recordings.waiting import eventually, is_indexed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with folder("recordings") as place, Stack(place) as running:
        eventually(lambda: is_indexed(running))
        yield running
