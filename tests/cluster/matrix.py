"""The commands of matrix.toml, run in order through one kubeconfig, and what of their output must agree."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.cluster import Cluster


@dataclass(frozen=True)
class Command:
    """One command of kubectl's."""

    run: str
    stdin: str | None = None
    exit: int = 0
    streams: bool = False
    only: str = ""
    """`exit`: what it prints depends on when it runs, so that the exit code alone is compared."""


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    exit: int
    out: str
    err: str


COMMANDS = [
    Command(**each) for each in tomllib.loads((Path(__file__).parent / "matrix.toml").read_text())["command"]
]
STEPS = [
    (command, websockets)
    for command in COMMANDS
    for websockets in ((True, False) if command.streams else (True,))
]
"""Each command, and whether its streams are WebSockets; those with streams twice."""

CHANGING = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"), "<time>"),
    (re.compile(r"""(resourceVersion\\*"?: ?\\*")\d+"""), r"\1<version>"),
    (re.compile(r"(kube-api-access-)[a-z0-9]{5}\b"), r"\1<suffix>"),
    (re.compile(r"(web-[0-9a-f]{6,10}-)[a-z0-9]{5}\b"), r"\1<suffix>"),
    (re.compile(r"10\.0\.0\.\d+"), "<service address>"),
    (re.compile(r"https://127\.0\.0\.1:\d+(/clusters/\w+)?"), "<server>"),
    (re.compile(r"/tmp/\S*(LIVE|MERGED)-\d+"), r"<\1>"),
    (re.compile(r"\b(?:\d+[dhms]){1,2}\b"), "<age>"),
    (re.compile(r"\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}"), "\t<time>"),
    (re.compile(r" {2,}"), "  "),  # columns are as wide as the ages in them
]
"""What no two runs have in common."""


def story(cluster: Cluster, namespace: str, kubeconfig: Path | None) -> Iterator[Outcome]:
    """Runs every step in a namespace of its own."""
    for command, websockets in STEPS:
        ran = cluster.run(
            "--namespace", namespace, *command.run.split(" "),
            stdin=command.stdin, kubeconfig=kubeconfig, websockets=websockets,
        )  # fmt: skip
        yield Outcome(ran.returncode, unchanging(ran.stdout, namespace), unchanging(ran.stderr, namespace))


def unchanging(text: str, namespace: str) -> str:
    """The text without what differs from run to run."""
    text = text.replace(namespace, "<namespace>")
    for pattern, stands in CHANGING:
        text = pattern.sub(stands, text)
    return text
