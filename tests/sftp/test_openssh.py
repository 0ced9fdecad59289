"""OpenSSH's sftp and its server with the inspector between them."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sftp.conftest import Host

LARGE_BYTES = 20_000_001


def test_a_batch_of_ordinary_work(host: Host, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("new\n")
    done = host.batch([
        f"cd {host.root}/deploy",
        f"lcd {tmp_path}",
        "mkdir sub",
        "put here sub/there",
        "chmod 600 sub/there",
        "rename sub/there sub/moved",
        "get sub/moved back",
        "ls -l sub",
        "df",
        "rm sub/moved",
        "rmdir sub",
        f"get {host.root}/data/report report",
    ])  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "back").read_text() == "new\n"
    assert (tmp_path / "report").read_text() == "figures\n"
    assert "moved" in done.stdout
    assert not (host.root / "deploy" / "sub").exists()


def test_large_files_arrive_whole_and_their_hashes_are_recorded(host: Host, tmp_path: Path) -> None:
    data = os.urandom(LARGE_BYTES)
    digest = hashlib.sha256(data).hexdigest()
    (tmp_path / "large").write_bytes(data)
    deploy = host.root / "deploy"
    done = host.batch([f"put {tmp_path}/large {deploy}/large", f"get {deploy}/large {tmp_path}/back"])
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "back").read_bytes() == data
    written, read = host.events("file-closed")
    assert (written["written_sha256"], written["written_bytes"]) == (digest, LARGE_BYTES)
    assert (read["read_sha256"], read["read_bytes"]) == (digest, LARGE_BYTES)
    assert written["complete"]
    assert read["complete"]


def test_a_denial_ends_one_command_and_not_the_session(host: Host, tmp_path: Path) -> None:
    root = host.root
    done = host.batch([
        f"-get {root}/secret/key {tmp_path}/stolen",
        f"-get {root}/data/out/key {tmp_path}/stolen",
        f"-get {root}/data/../secret/key {tmp_path}/stolen",
        f"-put {root}/data/report {root}/data/other",
        f"-rm {root}/data/report",
        f"-symlink {root}/secret/key {root}/deploy/innocent",
        f"-ln {root}/secret/key {root}/deploy/innocent",
        f"-rename {root}/secret/key {root}/deploy/key",
        f"-rename {root}/data/report {root}/deploy/report",
        f"-mkdir {root}/secret/new",
        f"-chmod 777 {root}/data/report",
        f"-chmod 4755 {root}/deploy/x",
        f"-ls {root}/secret",
        f"-get {root}/deploy/.ssh/id {tmp_path}/stolen",
        f"get {root}/data/report {tmp_path}/report",
    ])  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "Permission denied" in line or "not found" in line]
    assert len(told) == 14, done.stderr
    assert (tmp_path / "report").read_text() == "figures\n"
    assert not (tmp_path / "stolen").exists()
    assert sorted(path.name for path in (root / "deploy").iterdir()) == []
    assert (root / "data" / "report").read_text() == "figures\n"
    assert (root / "secret" / "key").exists()
    assert not (root / "secret" / "new").exists()


def test_the_targets_own_errors_are_told_where_looking_is_allowed(host: Host) -> None:
    done = host.batch([f"-get {host.root}/data/none x", f"-mkdir {host.root}/deploy/a/b"])
    assert 'none" not found' in done.stderr
    assert "No such file or directory" in done.stderr
    assert "Permission" not in done.stderr
