"""A gateway in this process, as it is composed, between OpenSSH's client and a real sshd."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import asyncssh
import trio

from narrows.config import locate
from narrows.demo.sshd import PLAIN
from narrows.gateway import Gateway
from narrows.model import ApprovalTerms, Command, Decision, Effect, Operation, Principal
from narrows.plane import session_name, start_plane, upstream_of
from narrows.recordings.journal import read
from narrows.store import sessions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from narrows.demo.sshd import Sshd
    from narrows.seam import Session

AGENT = Principal(
    issuer="entra",
    tenant="t1",
    object_id="agent-1",
    kind="app",
    app="app-1",
    name="deploy agent",
    groups=frozenset({"sg-deploy"}),
    expires_at=4e9,
)
DBA = Principal("entra", "t1", "dba-1", "user", name="Dana", groups=frozenset({"sg-dba"}), expires_at=4e9)
TERMS = ApprovalTerms(approver_groups=frozenset({"sg-dba"}), expires_s=900)

UNCONFIGURED: dict[str, Any] = {
    "known_hosts": None,
    "config": None,
    "client_keys": None,
    "agent_path": None,
}
"""What an asyncssh client needs to be told to know nothing of this machine."""

CONFIGURATION = """\
[listen]
ssh = "127.0.0.1:0"

[sessions]
drain-deadline-ms = 3000
{bounds}

[tickets]
uses-max = {uses_max}

[[issuer]]
name = "entra"
kind = "entra"
tenant = "11111111-2222-4333-8444-555555555555"
audiences = ["api://narrows"]
authority = "https://127.0.0.1:1"

[[target]]
name = "web"
kind = "ssh"
address = "127.0.0.1:{port}"
logins = ["{login}"]
host-keys = ["{host_key}"]
credential = {{ kind = "key", secret = "file:{private_key}" }}
"""

RULES = """\
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "work-on-web"
principals = ["agents"]
targets = ["web"]
effect = "allow"
ssh = { commands = ["true"] }
"""


def judge(session: Session, operation: Operation, catalogue: None) -> Decision:
    """A policy that is read off the text."""
    if not isinstance(operation, Command) or operation.start == "shell":
        return Decision(Effect.DENY, "no-shells", "a shell runs what nobody has judged", "Run a command.")
    if "forbidden" in operation.text:
        return Decision(Effect.DENY, "never-forbidden", "that is forbidden", "Ask nicely.")
    if "restart" in operation.text:
        return Decision(Effect.REQUIRE_APPROVAL, "restarts", "a restart needs a person", approval=TERMS)
    if "defect" in operation.text:
        raise ValueError("policy has a defect")
    record = "statements" if "quietly" in operation.text else "full"
    return Decision(Effect.ALLOW, "commands", "allowed", record=record)


@dataclass
class Ran:
    """What a client saw."""

    status: int
    out: bytes
    err: bytes


@dataclass
class World:
    """The gateway and how to reach it."""

    gateway: Any
    port: int
    login: str
    ticket: str
    place: Path
    nursery: trio.Nursery
    scope: trio.CancelScope
    decisions: list[Operation] = field(default_factory=list)

    @property
    def user(self) -> str:
        return f"{self.login}+web"

    def ssh(self, *arguments: str, user: str = "") -> list[str]:
        """The arguments of an ssh through the gateway."""
        return ["ssh", "-p", str(self.port), *PLAIN, "-l", user or self.user, *arguments]

    def environment(self, password: str = "") -> dict[str, str]:
        """What lets OpenSSH's client present a ticket without a terminal."""
        helper = self.place / "askpass"
        if not helper.exists():
            helper.write_text('#!/bin/sh\nprintf "%s\\n" "$NARROWS_TICKET"\n')
            helper.chmod(0o700)
        return {
            **os.environ,
            "SSH_ASKPASS": str(helper),
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": "none",
            "NARROWS_TICKET": password or self.ticket,
        }

    async def run(
        self, *command: str, stdin: bytes = b"", password: str = "", user: str = "", options: Any = ()
    ) -> Ran:
        """Runs ssh with a command and waits for it."""
        done = await trio.run_process(
            self.ssh(*options, "127.0.0.1", *command, user=user),
            stdin=stdin,
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=self.environment(password),
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    async def with_asyncssh(self, talk: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
        """What `talk` returns of a connection of another client's, with fewer bounds than OpenSSH's has."""

        async def main() -> Any:
            settings = {"username": self.user, "password": self.ticket, **UNCONFIGURED, **options}
            async with asyncssh.connect("127.0.0.1", self.port, **settings) as connection:
                return await talk(connection)

        return await trio.to_thread.run_sync(lambda: asyncio.run(main()))

    async def frames(self, session: int | None = None) -> list[Any]:
        """The frames of the newest session, once it has ended."""
        rows = await self.sessions(1)
        return read(self.place / "state" / "journal", session or rows[0].id)

    async def sessions(self, closed: int) -> list[Any]:
        """The sessions, newest first, once so many of them have ended."""

        async def enough() -> bool:
            rows = await self.gateway._store.run(sessions.newest)
            return sum(row.closed_ms is not None for row in rows) >= closed

        await eventually(enough)
        return await self.gateway._store.run(sessions.newest)

    async def pending(self) -> str:
        """The id of the one request that waits for people."""

        async def some() -> bool:
            return bool(await self._waiting())

        await eventually(some)
        return (await self._waiting())[0]

    async def state(self, approval: str) -> str:
        """The state of an approval request."""
        return (await self.gateway._approvals.find(approval)).state.value

    async def _waiting(self) -> list[str]:
        newest = await self.gateway._approvals.newest()
        return [one.request.id for one in newest if one.state.value == "requested"]


async def eventually(holds: Callable[[], Awaitable[bool]], deadline_s: float = 10.0) -> None:
    """Waits until something outside this process, or in its other thread, holds."""
    with trio.fail_after(deadline_s):
        while not await holds():  # noqa: ASYNC110, nothing there can set an event
            await trio.sleep(0.01)


@asynccontextmanager
async def world(
    place: Path,
    sshd: Sshd,
    *,
    judge: Callable[..., Decision] | None = judge,
    rules: str = RULES,
    agent: Principal = AGENT,
    bounds: str = "",
    **changes: str,
) -> AsyncIterator[World]:
    """Starts a gateway in a folder, and stops it as a signal does."""
    (place / "policies").mkdir()
    (place / "policies" / "rules.toml").write_text(rules)
    settings = {
        "port": str(sshd.port),
        "login": sshd.login,
        "host_key": sshd.host_key,
        "private_key": str(sshd.private_key),
        "bounds": bounds,
        "uses_max": "100",
    } | changes
    (place / "narrows.toml").write_text(CONFIGURATION.format(**settings))
    located = locate(place / "narrows.toml")
    located.state.mkdir(mode=0o700)
    decisions: list[Operation] = []

    def deciding(session: Session, operation: Operation, catalogue: None) -> Decision:
        assert judge is not None
        decisions.append(operation)
        return replace(judge(session, operation, catalogue), policy_version="v1")

    plane = start_plane(located)
    gateway = Gateway(
        located, plane, upstream=upstream_of, name_of=session_name, judge_host=deciding if judge else None
    )
    listening: dict[str, str] = {}
    started = trio.Event()

    def ready(protocol: str, address: str) -> None:
        listening[protocol] = address
        started.set()

    async with trio.open_nursery() as nursery:

        async def serve() -> None:
            with trio.CancelScope() as scope:
                scopes.append(scope)
                await gateway.run(console=None, ready=ready)

        scopes: list[trio.CancelScope] = []
        nursery.start_soon(serve)
        await started.wait()
        ticket = await gateway._tickets.mint(agent, "web")
        port = int(listening["ssh"].rpartition(":")[2])
        yield World(gateway, port, sshd.login, ticket.text, place, nursery, scopes[0], decisions)
        scopes[0].cancel()
