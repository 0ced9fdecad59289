"""Files by SFTP, scp, rsync and git through the gateway, with a real sshd at the other end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import paramiko
import pytest
import trio

from narrows.model import Command, Decision, Effect, Transfer
from narrows.policy import judge_transfer, load
from narrows.policy.ssh.hosts import judge_host
from tests.ssh.ways import WAYS
from tests.ssh.world import AGENT, DBA, TERMS, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from narrows.demo.sshd import Sshd
    from narrows.policy import Policy
    from tests.ssh.ways import Way
    from tests.ssh.world import World

RULES = """
[principals.agents]
issuer = "entra"
any = [{{ groups = "sg-deploy" }}]

[[rule]]
id = "files"
principals = ["agents"]
targets = ["web"]
effect = "allow"
[rule.ssh]
read = ["{root}/data/**", "{root}/deploy/**"]
write = ["{root}/deploy/**"]
delete = ["{root}/deploy/**"]
programs = ["git", "rsync", "scp"]

[[rule]]
id = "trees"
principals = ["agents"]
targets = ["web"]
effect = "allow"
ssh = {{ links = ["{root}/deploy/tree/**"], programs = ["rsync"] }}
"""
LARGE_BYTES = 30_000_001


@dataclass
class Files:
    """A host's directories: `data` to read, `deploy` to do everything in, `secret` for nothing."""

    here: World
    root: Path
    policies: Policies
    way: Way

    async def client(self, *command: str, stdin: bytes = b"") -> Any:
        """Runs a client that reaches the gateway by its own ssh."""
        return await trio.run_process(
            [*command], stdin=stdin, capture_stdout=True, capture_stderr=True, check=False,
            env=self.here.environment()
            | {"GIT_SSH_COMMAND": self.remote_shell, "GIT_CONFIG_GLOBAL": "/dev/null"},
        )  # fmt: skip

    @property
    def remote_shell(self) -> str:
        return " ".join(["ssh", *self.way.options])

    @property
    def address(self) -> str:
        return self.way.address

    async def batch(self, *commands: str) -> Any:
        """Runs commands in sftp; one with a leading `-` may fail."""
        command = ["sftp", *self.way.options, "-b", "-", self.address]
        return await self.client(*command, stdin="\n".join(commands).encode())

    async def events(self, name: str) -> list[dict[str, Any]]:
        """What the recording of the newest session has under this name."""
        frames = await self.here.frames()
        events = [json.loads(frame.payload) for frame in frames if frame.kind == "event"]
        return [event for event in events if event.get("event") == name]


class Policies:
    """A policy that can be changed."""

    def __init__(self, directory: Path, root: Path) -> None:
        self._directory = directory
        directory.mkdir()
        self.publish(RULES.format(root=root))

    def publish(self, text: str) -> None:
        (self._directory / "files.toml").write_text(text)
        self.current: Policy = load(self._directory)

    def judge(self, session: Any, operation: Any, catalogue: None) -> Decision:
        if isinstance(operation, Command):
            return judge_host(self.current, session.principal, session.target, operation)
        assert isinstance(operation, Transfer)
        if any(path.endswith("/held") for path in operation.paths) and operation.action != "look":
            return Decision(Effect.REQUIRE_APPROVAL, "held", "this needs a person", approval=TERMS)
        return judge_transfer(self.current, session.principal, session.target, operation)


both_ways = pytest.mark.parametrize("files", WAYS, indirect=True)


@pytest.fixture
async def files(tmp_path: Path, sshd: Sshd, request: pytest.FixtureRequest) -> AsyncIterator[Files]:
    root = (tmp_path / "host").resolve()
    for directory in ("data", "deploy", "secret"):
        (root / directory).mkdir(parents=True)
    (root / "data" / "report").write_text("figures\n")
    (root / "secret" / "key").write_text("hunter2\n")
    (root / "data" / "out").symlink_to(root / "secret")
    policies = Policies(tmp_path / "rules", root)
    async with contextlib.AsyncExitStack() as stack:
        (tmp_path / "gateway").mkdir()
        here = await stack.enter_async_context(world(tmp_path / "gateway", sshd, judge=policies.judge))
        (tmp_path / "client").mkdir()
        way = WAYS[getattr(request, "param", "plus")](here, tmp_path / "client")
        yield Files(here, root, policies, way)


async def test_ordinary_work_by_sftp(files: Files, tmp_path: Path) -> None:
    data = os.urandom(LARGE_BYTES)
    (tmp_path / "large").write_bytes(data)
    deploy = files.root / "deploy"
    done = await files.batch(
        f"put {tmp_path}/large {deploy}/large",
        f"get {deploy}/large {tmp_path}/back",
        f"mkdir {deploy}/sub",
        f"rename {deploy}/large {deploy}/sub/large",
        f"ls -l {deploy}/sub",
        f"rm {deploy}/sub/large",
        f"rmdir {deploy}/sub",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "back").read_bytes() == data
    assert list(deploy.iterdir()) == []
    written, read = await files.events("file-closed")
    digest = hashlib.sha256(data).hexdigest()
    assert (written["written_sha256"], read["read_sha256"]) == (digest, digest)


@both_ways
async def test_a_denial_is_told_and_the_session_lives_on(files: Files, tmp_path: Path) -> None:
    done = await files.batch(
        f"-get {files.root}/data/out/key {tmp_path}/stolen",
        f"-put {tmp_path}/gateway/narrows.toml {files.root}/data/other",
        f"-symlink {files.root}/secret/key {files.root}/deploy/innocent",
        f"get {files.root}/data/report {tmp_path}/report",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report").read_text() == "figures\n"
    assert not (tmp_path / "stolen").exists()
    said = done.stderr.decode()
    assert f"no rule allows looking at {files.root}/secret/key" in said
    assert f"no rule allows writing {files.root}/data/other" in said
    assert f"no rule allows a link at or to {files.root}/deploy/innocent" in said


@both_ways
async def test_scp_over_sftp_both_ways(files: Files, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new\n")
    options, address = files.way.options, files.address
    up = await files.client("scp", *options, f"{tmp_path}/new", f"{address}:{files.root}/deploy/new")
    down = await files.client("scp", *options, f"{address}:{files.root}/data/report", f"{tmp_path}/report")
    stolen = await files.client("scp", *options, f"{address}:{files.root}/secret/key", f"{tmp_path}/stolen")
    assert (up.returncode, down.returncode) == (0, 0), up.stderr + down.stderr
    assert (files.root / "deploy" / "new").read_text() == "new\n"
    assert (tmp_path / "report").read_text() == "figures\n"
    assert stolen.returncode != 0
    assert b"no rule allows" in stolen.stderr


@both_ways
async def test_scp_as_it_was(files: Files, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(os.urandom(1 << 20))
    options, address = files.way.options, files.address
    up = await files.client("scp", "-O", *options, f"{tmp_path}/new", f"{address}:{files.root}/deploy/new")
    down = await files.client("scp", "-O", *options, f"{address}:{files.root}/deploy/new", f"{tmp_path}/back")
    assert (up.returncode, down.returncode) == (0, 0), up.stderr + down.stderr
    assert (tmp_path / "back").read_bytes() == (tmp_path / "new").read_bytes()


@both_ways
async def test_rsync_both_ways(files: Files, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for number in range(30):
        (tree / f"d{number % 3}").mkdir(parents=True, exist_ok=True)
        (tree / f"d{number % 3}" / f"f{number}").write_bytes(os.urandom(10_000))
    for source, target in (
        (f"{tree}/", f"{files.address}:{files.root}/deploy/tree/"),
        (f"{files.address}:{files.root}/deploy/tree/", f"{tmp_path}/back/"),
    ):
        done = await files.client("rsync", "-a", "-e", files.remote_shell, source, target)
        assert done.returncode == 0, done.stderr
    sent = {path.relative_to(tree): path.read_bytes() for path in tree.rglob("f*")}
    back = tmp_path / "back"
    assert {path.relative_to(back): path.read_bytes() for path in back.rglob("f*")} == sent


@both_ways
async def test_rsync_keeps_to_its_paths(files: Files, tmp_path: Path) -> None:
    for source, target in (
        (f"{files.address}:{files.root}/secret/", f"{tmp_path}/stolen/"),
        (f"{files.address}:{files.root}/data/../secret/", f"{tmp_path}/stolen/"),
        (f"{files.root}/secret/", f"{files.address}:{files.root}/data/"),
        (f"{files.root}/secret/", f"{files.address}:{files.root}/deploy/"),
    ):
        done = await files.client("rsync", "-a", "-e", files.remote_shell, source, target)
        assert done.returncode != 0
        assert b"no rule allows" in done.stderr, done.stderr
    assert not (tmp_path / "stolen").exists()


@both_ways
async def test_git_clone_and_push(files: Files, tmp_path: Path) -> None:
    repository = files.root / "deploy" / "work.git"
    await trio.run_process(["git", "init", "-q", "--bare", str(repository)])
    url = f"ssh://{files.address}{repository}"
    clone = tmp_path / "clone"
    assert (await files.client("git", "clone", "-q", url, str(clone))).returncode == 0
    (clone / "file").write_text("content\n")
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    git = ["git", "-C", str(clone), *identity]
    for command in (["add", "file"], ["commit", "-q", "-m", "first"], ["push", "-q", "origin", "HEAD:main"]):
        done = await files.client(*git, *command)
        assert done.returncode == 0, done.stderr
    again = await files.client("git", "clone", "-q", "-b", "main", url, str(tmp_path / "again"))
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again" / "file").read_text() == "content\n"


@both_ways
async def test_paramiko(files: Files) -> None:
    data = bytes(range(256)) * 20_000

    def work() -> None:
        with files.way.paramiko() as transport:
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            with client.open(f"{files.root}/deploy/large", "wb") as file:
                file.set_pipelined(True)
                file.write(data)
            with client.open(f"{files.root}/deploy/large", "rb") as file:
                file.prefetch()
                assert file.read() == data
            with pytest.raises(
                PermissionError, match=r"no rule allows reading .*/secret/key \(rule default-deny\)"
            ):
                client.open(f"{files.root}/data/out/key")
            assert sorted(client.listdir(f"{files.root}/data")) == ["out", "report"]
            client.truncate(f"{files.root}/deploy/large", 3)
            assert client.stat(f"{files.root}/deploy/large").st_size == 3

    await trio.to_thread.run_sync(work)


async def test_an_operation_waits_for_people_while_others_go_on(files: Files, tmp_path: Path) -> None:
    (tmp_path / "held").write_text("approved\n")
    async with trio.open_nursery() as nursery:

        async def put() -> None:
            done = await files.batch(f"put {tmp_path}/held {files.root}/deploy/held")
            assert done.returncode == 0, done.stderr
            assert b"this needs a person" in done.stderr or b"approval" in done.stderr

        nursery.start_soon(put)
        request = await files.here.pending()
        assert not (files.root / "deploy" / "held").exists()
        await files.here.gateway._approvals.approve(request, DBA, reason="looks right")
    assert (files.root / "deploy" / "held").read_text() == "approved\n"


async def test_what_is_open_is_judged_again_when_policy_moves(files: Files) -> None:
    moved = trio.Event()

    def work() -> None:
        with files.way.paramiko() as transport:
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            with client.open(f"{files.root}/data/report", "rb", bufsize=0) as file:
                assert file.read(3) == b"fig"
                files.policies.publish(RULES.format(root=f"{files.root}/elsewhere"))
                in_force = files.here.gateway._policies
                in_force.current = replace(in_force.current, version="another")
                trio.from_thread.run_sync(files.here.gateway._hosts.answers.policy_moved)
                trio.from_thread.run_sync(moved.set)
                with pytest.raises(PermissionError, match="no rule allows reading"):
                    file.read(3)

    await trio.to_thread.run_sync(work)
    assert moved.is_set()


async def test_every_operation_is_in_the_recording_with_its_verdict(files: Files, tmp_path: Path) -> None:
    await files.batch(
        f"-get {files.root}/secret/key {tmp_path}/stolen", f"get {files.root}/data/report {tmp_path}/r"
    )
    frames = await files.here.frames()
    asked = [
        json.loads(frame.payload[5:])
        for frame in frames
        if frame.kind == "request" and frame.payload[4] == 255
    ]
    assert next(one.get("kind") for one in asked) == "command"
    texts = [one["transfer"] for one in asked if one["kind"] == "transfer"]
    assert f"read {files.root}/data/report" in texts
    effects = [json.loads(frame.payload)["effect"] for frame in frames if frame.kind == "verdict"]
    assert len(effects) == len(asked)
    assert "deny" in effects
    assert AGENT.key  # the recording is this principal's
