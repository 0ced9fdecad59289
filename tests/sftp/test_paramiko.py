"""paramiko's SFTPClient, which pipelines more than OpenSSH's, with the inspector before OpenSSH's server."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import paramiko
import pytest

from tests.sftp.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sftp.conftest import Host


@contextmanager
def client_of(host: Host) -> Iterator[paramiko.SFTPClient]:
    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen(host.command, stdin=theirs, stdout=theirs, cwd=ROOT) as program:
        theirs.close()
        client = paramiko.SFTPClient(ours)  # type: ignore[arg-type]
        yield client
        ours.shutdown(socket.SHUT_RDWR)
        program.wait(timeout=20)


def test_a_denial_is_an_error_with_its_rule_and_reason(host: Host) -> None:
    with client_of(host) as client:
        with pytest.raises(PermissionError, match="keys are not for agents"):
            client.open(f"{host.root}/deploy/.ssh/id")
        with pytest.raises(PermissionError, match=r"no rule allows reading .*/secret/key"):
            client.open(f"{host.root}/data/out/key")
        with client.open(f"{host.root}/data/report") as file:
            assert file.read() == b"figures\n"


def test_prefetching_a_file_of_many_parts(host: Host) -> None:
    data = bytes(range(256)) * 40_000
    with client_of(host) as client:
        with client.open(f"{host.root}/deploy/large", "wb") as file:
            file.set_pipelined(True)
            file.write(data)
        with client.open(f"{host.root}/deploy/large", "rb") as file:
            file.prefetch()
            assert file.read() == data
    assert [event["complete"] for event in host.events("file-closed")] == [True, True]


def test_appending_and_seeking(host: Host) -> None:
    with client_of(host) as client:
        path = f"{host.root}/deploy/log"
        for line in ("one\n", "two\n"):
            with client.open(path, "a") as file:
                file.write(line)
        with client.open(path, "r+") as file:
            file.seek(4)
            file.write("2wo\n")
        assert client.stat(path).st_size == 8
        client.truncate(path, 4)
    assert (host.root / "deploy" / "log").read_text() == "one\n"


def test_walking_a_tree(host: Host) -> None:
    with client_of(host) as client:
        client.chdir(f"{host.root}/data")
        assert sorted(client.listdir()) == ["out", "report"]
        assert client.getcwd() == f"{host.root}/data"
        assert client.normalize(".") == f"{host.root}/data"
        assert client.lstat("out").st_size
        with pytest.raises(PermissionError):
            client.stat("out")
        with pytest.raises(PermissionError):
            client.listdir("out")
        with pytest.raises(PermissionError):
            client.normalize("out/key")
