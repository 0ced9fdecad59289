"""What a recording holds of a call is what its client received: every byte, and no other."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
from base64 import b64encode
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from narrows import _core
from narrows.recordings.proof import verify
from tests.cluster.cluster import KUBECTL_DEADLINE_S, pod, wait_ready
from tests.cluster.gateway import before
from tests.cluster.policies import OPEN
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.cluster import Cluster

MASK = """
[[mask]]
id = "cards"
targets = ["prod"]
detectors = ["pan"]
transform = "last4"
"""
CARD = "4111 1111 1111 1111"
NOISE = bytes(random.Random(1).choices(range(0x80, 0x100), k=300_000))
"""Longer than a frame of any protocol, and nothing that a detector could take for anything."""
SENT = NOISE + f"\ncard {CARD} end\n".encode() + NOISE
OBJECTS = "/api/v1/namespaces/default/configmaps?labelSelector=made%3Dcompleteness"
STREAMS = {0: "input", 1: "output", 2: "errors"}


@dataclass
class Seen:
    """What clients sent and received, and the directory of a gateway that has ended since."""

    place: Path
    masked: bool
    runs: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """The streams of each exec, by the last word of its command."""
    listed: bytes = b""


@pytest.fixture(scope="module", params=[False, True], ids=["as it is", "masked"])
def seen(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Seen]:
    cluster.apply(pod("complete"), *(config_map(number) for number in range(30)))
    wait_ready(cluster, "complete")
    with folder("complete") as place:
        seen = Seen(place, request.param)
        with before(cluster, place, OPEN + (MASK if seen.masked else "")) as gateway:
            for word, websockets in (("websocket", True), ("spdy", False)):
                command = ["sh", "-c", f"tee /dev/stderr; echo card {CARD} end; exit 3", word]
                ran = subprocess.run(
                    cluster.command("exec", "-i", "complete", "--", *command),
                    env=cluster.environment(gateway.kubeconfig(), websockets=websockets),
                    input=SENT,
                    capture_output=True,
                    timeout=KUBECTL_DEADLINE_S,
                    check=False,
                )
                assert ran.returncode == 3, ran.stderr[-300:]
                seen.runs[word] = {"input": SENT, "output": ran.stdout, "errors": ran.stderr}
            ran = subprocess.run(
                cluster.command("get", "--raw", OBJECTS),
                env=cluster.environment(gateway.kubeconfig()),
                capture_output=True,
                timeout=KUBECTL_DEADLINE_S,
                check=True,
            )
            seen.listed = ran.stdout
        yield seen


def config_map(number: int) -> dict[str, Any]:
    content = b64encode(random.Random(number).randbytes(9_000)).decode()
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"complete-{number}", "labels": {"made": "completeness"}},
        "data": {"card": f"card {CARD} end", "content": content},
    }


def account(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def session_of(place: Path, words: bytes) -> list[Any]:
    """The frames of the session with a call for which these words are."""
    frames = _core.read_journal(str(place / "state" / "journal"))
    by_session = sorted(frames, key=lambda frame: (frame.session, frame.sequence))
    sessions = [list(each) for _, each in groupby(by_session, key=lambda frame: frame.session)]
    (found,) = [
        each for each in sessions if any(one.kind == "request" and words in one.payload for one in each)
    ]
    return found


@pytest.mark.parametrize("word", ["websocket", "spdy"])
def test_the_streams_of_an_exec_are_recorded_as_the_client_saw_them(seen: Seen, word: str) -> None:
    frames = session_of(seen.place, f"command={word}".encode())
    switched = next(at for at, one in enumerate(frames) if b'"event":"stream"' in one.payload)
    recorded = dict.fromkeys(STREAMS.values(), b"")
    for frame in frames[switched:]:
        if frame.kind in ("request", "reply") and frame.payload[0] in STREAMS:
            recorded[STREAMS[frame.payload[0]]] += frame.payload[1:]
    client = seen.runs[word]
    # kubectl itself ends what it writes of errors with a line about the exit code
    ours = client["errors"].removesuffix(b"command terminated with exit code 3\n")
    assert {name: account(data) for name, data in recorded.items()} == {
        name: account(data) for name, data in (client | {"errors": ours}).items()
    }
    assert (CARD.encode() in client["output"]) == (CARD.encode() in ours) == (not seen.masked)
    adds_up(seen, frames)


def test_a_list_is_recorded_as_the_client_received_it(seen: Seen) -> None:
    frames = session_of(seen.place, OBJECTS.encode())
    requests = [at for at, one in enumerate(frames) if one.kind == "request"]
    begin = next(at for at in requests if OBJECTS.encode() in frames[at].payload)
    end = next((at for at in requests if at > begin), len(frames))
    answer = b"".join(one.payload for one in frames[begin:end] if one.kind == "reply")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert account(body) == account(seen.listed)
    cards = [one["data"]["card"] for one in json.loads(body)["items"]]
    assert len(cards) == 30
    assert (f"card {CARD} end" in cards) == (not seen.masked)
    adds_up(seen, frames)


def adds_up(seen: Seen, frames: list[Any]) -> None:
    """The session's end has the count and hash of all that was sent to the agent, and all of it verifies."""
    assert frames[-1].kind == "close"
    replies = b"".join(one.payload for one in frames if one.kind == "reply")
    assert json.loads(frames[-1].payload)["to_agent"] == account(replies)
    assert verify(seen.place / "state" / "journal").problems == ()
