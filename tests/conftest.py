"""Fixtures that many tests share. A stack starts in about two seconds and serves every test of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.stacks import CORNER_POLICY, CORNER_SCHEMA, OPEN_POLICY, CornerStack, OpenStack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that the database's unprivileged user can enter too."""
    folder = factory.mktemp(name)
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def open_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStack]:
    folder = _folder(tmp_path_factory, "open")
    with Stack(folder, distribution=POSTGRES_17_TLS, policies=OPEN_POLICY) as stack:
        yield OpenStack(stack)


@pytest.fixture(scope="session")
def corner_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CornerStack]:
    folder = _folder(tmp_path_factory, "corner")
    with Stack(folder, distribution=POSTGRES_17_TLS, policies=CORNER_POLICY, schema=CORNER_SCHEMA) as stack:
        yield CornerStack(stack)
