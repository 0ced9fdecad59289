"""A disk that fills up under the journal: sessions end with a clear error, and what was sent is recorded."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from narrows import _core
from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.raw_client import message, query
from tests.stacks import CORNER_POLICY, CORNER_SCHEMA, CornerStack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DISK = "size=2m"
DEADLINE_S = 20.0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A directory for a stack whose journal is on a disk of its own, of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a tmpfs")
    with folder("full") as place:
        journal = place / "state" / "journal"
        journal.mkdir(parents=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "none", journal], check=False)
        if mounted.returncode != 0:
            pytest.skip("a tmpfs cannot be mounted here")
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", journal], check=True)


@pytest.mark.parametrize("durability", ["write", "fsync"])
def test_a_full_disk_ends_sessions_and_loses_nothing(small_disk: Path, durability: str) -> None:
    with Stack(
        small_disk,
        distribution=POSTGRES_17_TLS,
        policies=CORNER_POLICY,
        schema=CORNER_SCHEMA,
        extra_config=f'[journal]\ndurability = "{durability}"',
    ) as stack:
        corner = CornerStack(stack)
        corner.run(
            "insert into emp select g, md5(random()::text) || md5(random()::text), 'x' || g "
            "from generate_series(1, 60000) g"
        )
        with corner.raw() as client:
            client.send(query("select id, name from emp"))
            seen = client.until("E")
        assert seen[-1].fields["C"] == "58030"
        assert "journal" in seen[-1].fields["M"]
        assert stack.gateway is not None
        assert stack.gateway.wait(DEADLINE_S) == 1
        assert "No space left on device" in stack.log.read_text()
        frames = _core.read_journal(str(stack.state / "journal"))
        recorded = b"".join(frame.payload for frame in frames if frame.kind == "reply")
        received = b"".join(message(each.type, each.body) for each in seen[:-1])
        assert received
        assert recorded.startswith(received)
        assert _core.verify_journal(str(stack.state / "journal"))[2] == []
