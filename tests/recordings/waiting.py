"""Waiting for what a running gateway does on its own, with a deadline."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from narrows.errors import StoreError
from narrows.recordings.index import read_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.demo.stack import Stack

T = TypeVar("T")


def eventually(look: Callable[[], T], deadline_s: float = 30.0) -> T:
    """What `look` finds, asked again until it finds something."""
    deadline = time.monotonic() + deadline_s
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)
    return found


def is_indexed(running: Stack) -> bool:
    """Whether the process beside the gateway has begun."""
    try:
        with closing(read_index(running.state / "recordings.db")):
            return True
    except StoreError:
        return False
