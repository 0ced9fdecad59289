"""Fixtures that many tests share. A stack starts in about two seconds and serves every test of a run."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.stacks import CORNER_POLICY, CORNER_SCHEMA, OPEN_POLICY, CornerStack, OpenStack

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def folder(name: str) -> Iterator[Path]:
    """A folder that the database's unprivileged user can enter too, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix=f"narrows-{name}-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def open_stack() -> Iterator[OpenStack]:
    with (
        folder("open") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=OPEN_POLICY) as stack,
    ):
        yield OpenStack(stack)


@pytest.fixture(scope="session")
def corner_stack() -> Iterator[CornerStack]:
    with (
        folder("corner") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=CORNER_POLICY, schema=CORNER_SCHEMA) as stack,
    ):
        yield CornerStack(stack)
