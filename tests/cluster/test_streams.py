"""Streams between kubectl and a container are the same past the gateway and through it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.cluster.cluster import pod, wait_ready
from tests.cluster.terminal import INTERRUPT
from tests.cluster.ways import EACH_WAY, Way

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.cluster import Cluster

pytestmark = EACH_WAY

ROWS = 100_000
WAITS = "until [ \"$(stty size)\" = '{} {}' ]; do sleep 0.05; done; sed -u 's/^/so: /'\n"
"""Typed at a shell: it waits until its terminal has a size, and then repeats what it is told."""
PROMPT = r"\^C[\r\n]*[#$] "
"""What a shell shows once it has been interrupted."""


@pytest.fixture
def shell(cluster: Cluster, way: Way) -> str:
    """A pod that sleeps, to run commands in."""
    return running(cluster, f"shell-{way.name}")


def running(cluster: Cluster, name: str, *command: str, **of_container: Any) -> str:
    cluster.apply(pod(name, *command, container=of_container))
    wait_ready(cluster, name)
    return name


def test_a_terminal_is_resized_and_interrupted(way: Way, shell: str) -> None:
    with way.terminal("exec", "-it", shell, "--", "sh") as terminal:
        terminal.type(WAITS.format(40, 132))
        terminal.until(r"sed .*\r\n")
        terminal.resize(40, 132)
        terminal.type("again\n")
        terminal.until(r"so: again\r\n")
        terminal.type(INTERRUPT)
        terminal.until(PROMPT)
        terminal.type("exit 3\n")
        assert terminal.end() == 3, terminal.shown


def test_streams_and_the_exit_code_are_kept_apart(way: Way, shell: str) -> None:
    script = "cat; echo out; echo err >&2; exit 3"
    ran = way.run("exec", "-i", shell, "--", "sh", "-c", script, stdin="in\n")
    assert (ran.returncode, ran.stdout) == (3, "in\nout\n")
    assert ran.stderr == "err\ncommand terminated with exit code 3\n"


def test_attach_is_the_streams_of_the_containers_own_process(way: Way, cluster: Cluster) -> None:
    reads = running(cluster, f"reads-{way.name}", "cat", stdin=True, stdinOnce=True)
    assert way.kubectl("attach", "-i", "-q", reads, stdin="to and fro\n") == "to and fro\n"


def test_attach_is_the_containers_own_terminal(way: Way, cluster: Cluster) -> None:
    talks = running(cluster, f"talks-{way.name}", "sh", stdin=True, tty=True)
    with way.terminal("attach", "-it", "-q", talks) as terminal:
        terminal.type(WAITS.format(24, 80))
        terminal.type("again\n")
        terminal.until(r"so: again\r\n")
        terminal.type(INTERRUPT)
        terminal.until(PROMPT)
        terminal.type("exit\n")
        assert terminal.end() == 0, terminal.shown


def test_a_debug_container_is_attached_to(way: Way, shell: str) -> None:
    command = ["sh", "-c", "read line; echo debugs $line"]
    with way.terminal("debug", "-it", shell, "--image=local", "--", *command) as terminal:
        terminal.type("this\n")
        terminal.until(r"debugs this\r\n")
        assert terminal.end() == 0, terminal.shown


def test_a_file_is_copied_both_ways(way: Way, shell: str, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.write_bytes(os.urandom(3_000_000))
    way.kubectl("cp", str(sent), f"{shell}:there")
    there = way.kubectl("exec", shell, "--", "sha256sum", "there").split()[0]
    assert there == hashlib.sha256(sent.read_bytes()).hexdigest()
    way.kubectl("cp", f"{shell}:there", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == sent.read_bytes()


def test_a_directory_is_copied_both_ways(way: Way, shell: str, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    for name, content in {"a/b/deep": os.urandom(70_000), "empty": b"", "näme": b"\x00\xff"}.items():
        (sent / name).parent.mkdir(parents=True, exist_ok=True)
        (sent / name).write_bytes(content)
    way.kubectl("cp", str(sent), f"{shell}:tree")
    way.kubectl("cp", f"{shell}:tree", str(tmp_path / "back"))
    assert hashes(tmp_path / "back") == hashes(sent)


def hashes(directory: Path) -> dict[str, str]:
    """The digest of each file below a directory."""
    return {
        str(each.relative_to(directory)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in directory.rglob("*")
        if each.is_file()
    }


def test_logs_are_followed_to_the_pods_end(way: Way, cluster: Cluster) -> None:
    name = running(cluster, f"counts-{way.name}", "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.3; done")
    begun = time.monotonic()
    assert way.kubectl("logs", "-f", name) == "1\n2\n3\n"
    assert time.monotonic() - begun < 15, "what ended is not followed until some deadline"


def test_a_database_is_reached_through_a_port(way: Way, shell: str, open_stack: Any) -> None:
    told = open_stack.direct()
    with way.forwarded(f"pod/{shell}", int(told["port"])) as port:
        reached = told | {"port": str(port)}
        with (
            psycopg.connect(**reached, autocommit=True) as one,
            psycopg.connect(**reached, autocommit=True) as other,
        ):
            assert one.execute("SELECT 1").fetchone() == other.execute("SELECT 1").fetchone()
            many = one.execute("SELECT i, repeat('x', 100) FROM generate_series(1, %s) i", [ROWS]).fetchall()
    assert [each[0] for each in many] == list(range(1, ROWS + 1))


def test_psql_reaches_a_database_through_a_port(way: Way, shell: str, open_stack: Any) -> None:
    told = open_stack.direct()
    with way.forwarded(f"pod/{shell}", int(told["port"])) as port:
        reached = " ".join(f"{key}={value}" for key, value in (told | {"port": str(port)}).items())
        command = ["psql", "-X", "-At", reached, "-c", "SELECT 'by psql'"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ran.returncode, ran.stdout) == (0, "by psql\n"), ran.stderr


def test_a_port_where_nothing_listens_says_so(way: Way, shell: str) -> None:
    with way.forwarded(f"pod/{shell}", 1) as port, pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=port, connect_timeout=10)
    assert way.kubectl("exec", shell, "--", "echo", "still there") == "still there\n"
