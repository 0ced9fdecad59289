"""A list of a gigabyte is masked as it passes, in memory that does not grow with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster import aggregated
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.conftest import folder

if TYPE_CHECKING:
    from tests.cluster.cluster import Cluster

LIST_BYTES = 1 << 30
GROWTH_BYTES_MAX = 64 << 20
"""What buffers of connections and of the recording may add."""
MASK = f"""
[[mask]]
id = "tokens"
targets = ["prod"]
kubernetes = {{ resources = ["{aggregated.GROUP}/readings"], paths = ["$.steps[*].token"] }}
"""
ITEM = json.dumps(aggregated.READING | {"note": "x" * 4_000}).encode()
ITEMS = b",".join([ITEM] * 256)
HEAD = json.dumps({"apiVersion": aggregated.VERSION, "kind": "ReadingList", "metadata": {}})[:-1].encode()


class Endless(aggregated.Aggregated):
    """Lists until there is a gigabyte of it."""

    def respond(self, path: str) -> None:
        if path != aggregated.READINGS:
            super().respond(path)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        pieces = [b"," + ITEMS] * (LIST_BYTES // len(ITEMS))
        for piece in (HEAD, b', "items": [', ITEMS, *pieces, b"]}"):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


@pytest.mark.long
def test_a_list_of_a_gigabyte_passes_in_memory_that_does_not_grow(cluster: Cluster) -> None:
    with (
        aggregated.aggregated(cluster, Endless),
        folder("big-list") as place,
        before(cluster, place, OPEN + MASK) as gateway,
        gateway.http() as agent,
    ):
        assert agent.get(f"{aggregated.READINGS}/one").status_code == 200
        at_first, passed = peak(gateway.pid), 0
        with agent.stream("GET", aggregated.READINGS) as answer:
            for piece in answer.iter_raw(1 << 20):
                passed += len(piece)
                assert aggregated.TOKEN.encode() not in piece
        assert passed > LIST_BYTES
        assert peak(gateway.pid) - at_first < GROWTH_BYTES_MAX


def peak(pid: int) -> int:
    """The most memory, in bytes, that a process has had resident."""
    told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert told is not None
    return int(told[1]) << 10
