"""The running stacks of the masking proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.demo.postgres import POSTGRES_17_TLS, POSTGRES_18
from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.masking.stack import MaskingStack
from tests.stacks import OpenStack

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def stack() -> Iterator[MaskingStack]:
    """PostgreSQL 17, reached over TLS on both legs."""
    with folder("masking") as directory, MaskingStack(directory, distribution=POSTGRES_17_TLS) as running:
        yield running


@pytest.fixture(scope="session")
def newer_stack() -> Iterator[MaskingStack]:
    """PostgreSQL 18."""
    with folder("masking18") as directory, MaskingStack(directory, distribution=POSTGRES_18) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(request: pytest.FixtureRequest) -> Iterator[OpenStack]:
    """A gateway under the POLICY of a module's own, before a database with its SCHEMA."""
    policy, schema = request.module.POLICY, request.module.SCHEMA
    with (
        folder("gateway") as directory,
        Stack(directory, distribution=POSTGRES_17_TLS, policies=policy, schema=schema) as running,
    ):
        yield OpenStack(running)
