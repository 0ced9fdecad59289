"""The composed control plane with one cluster, over a data plane that a test plays."""

from __future__ import annotations

import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import trio
import trio.testing

from narrows.config import locate
from narrows.gateway import Gateway
from narrows.model import Principal
from narrows.store import sessions
from tests.control.simulation import DBA, FakePlane
from tests.kubernetes.cluster import FakeCluster

CONFIGURATION = """\
[listen]
kubernetes = "127.0.0.1:0"

[[issuer]]
name = "entra"
kind = "entra"
tenant = "11111111-2222-4333-8444-555555555555"
audiences = ["api://narrows"]
authority = "https://127.0.0.1:1"

[[target]]
name = "prod"
kind = "kubernetes"
address = "10.0.0.9:6443"
impersonate = true
credential = { kind = "token", secret = "env:PROD_TOKEN" }

[[target]]
name = "staging"
kind = "kubernetes"
address = "10.0.1.9:6443"
credential = { kind = "token", secret = "env:STAGING_TOKEN" }
"""
RULES = """\
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["get", "list", "watch"], resources = ["pods", "secrets"], namespaces = ["shop"] }

[[rule]]
id = "changes-need-a-person"
principals = ["agents"]
targets = ["prod"]
effect = "require-approval"
approval = { approvers = { groups = "sg-dba" }, expires = "15m" }
[rule.kubernetes]
verbs = ["update", "patch", "delete", "deletecollection", "create"]
resources = ["configmaps", "secrets", "pods", "pods/eviction", "namespaces"]
namespaces = ["shop"]

[[rule]]
id = "commands-need-a-person"
principals = ["agents"]
targets = ["prod"]
effect = "require-approval"
approval = { approvers = { groups = "sg-dba" }, expires = "15m" }
kubernetes = { verbs = ["exec"], resources = ["pods"], namespaces = ["shop"], argv = ["ls *"] }
"""
AGENT = Principal(
    "entra", "t1", "agent-1", "app", name="Bot", groups=frozenset({"sg-support"}), expires_at=4e9
)
VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class ClusterOpenAsked:
    ask: int
    session: int
    target: str = "prod"
    peer: str = "192.0.2.7:50000"
    server_name: str | None = None
    tls_version: str = "TLSv1.3"
    listener: str = "kubernetes"
    user_agent: str = "kubectl/v1.36.1"
    evidence: bytes = b"good"

    def take_evidence(self) -> bytes:
        return self.evidence


@dataclass(frozen=True)
class ApiCallAsked:
    ask: int
    session: int
    method: str
    path: str
    verb: str
    group: str = ""
    version: str = "v1"
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""
    upgrade: str = ""
    resource_request: bool = True
    parts: tuple[str, ...] = ()
    policy_epoch: int = 0


@dataclass(frozen=True)
class AskWithdrawn:
    ask: int
    session: int
    reason: str = "hang-up"


def core_call(ask: int, session: int, method: str, path: str, **fields: Any) -> ApiCallAsked:
    """A call on a core resource, its attributes read off a path that is plain."""
    parts = urlsplit(path)
    words = parts.path.split("/")[3:]
    namespace = words[1] if words[0] == "namespaces" else ""
    rest = words[2:] if len(words) > 2 and namespace else words
    resource, name, subresource = (*rest, "", "")[:3]
    verb = VERBS[method]
    if not name:
        verb = {"get": "list", "delete": "deletecollection"}.get(verb, verb)
    if subresource == "exec":
        verb = "exec"
    known = {
        "verb": verb,
        "resource": resource,
        "name": name,
        "namespace": namespace,
        "subresource": subresource,
        "query": tuple(parse_qsl(parts.query)),
        "parts": tuple(rest),
    }
    return ApiCallAsked(ask, session, method, path, **(known | fields))


@dataclass
class Played(FakePlane):
    """A data plane that takes whatever it is told of clusters."""

    admitted: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: dict[int, dict[str, Any]] = field(default_factory=dict)
    closed: dict[int, str] = field(default_factory=dict)
    masks: dict[int, str] = field(default_factory=dict)

    def listen_kubernetes(self, address: str, **terms: Any) -> str:
        return "127.0.0.1:6443"

    def admit_cluster(self, ask: int, **terms: Any) -> bool:
        assert terms["mask_set"] in self.masks
        self.admitted[ask] = terms
        return True

    def refuse_cluster(self, ask: int, **terms: Any) -> bool:
        self.refused[ask] = terms
        return True

    def allow_call(self, ask: int, **verdict: Any) -> bool:
        return self._answer(ask, "allow", verdict)

    def deny_call(self, ask: int, **verdict: Any) -> bool:
        return self._answer(ask, "deny", verdict)

    def publish_object_masks(self, mask_set: int, masks: str, *, pseudonym_key: bytes) -> None:
        assert len(pseudonym_key) == 32
        self.masks[mask_set] = masks

    def close_session(self, session: int, *, reason: str, hint: str = "") -> bool:
        self.closed[session] = reason
        return True

    def move_policy(self) -> int:
        self.epoch += 1
        return self.epoch

    def shutdown(self, deadline_ms: int) -> None:
        pass


@dataclass
class Running:
    plane: Played
    gateway: Gateway
    cluster: FakeCluster
    directory: Any

    async def settled(self) -> None:
        for _ in range(40):
            await trio.testing.wait_all_tasks_blocked()
            await self.gateway._store.run(lambda connection: None)

    async def emit(self, *events: Any) -> None:
        self.plane.emit(*events)
        await self.settled()

    async def opened(self, session: int = 7, **fields: Any) -> dict[str, Any]:
        """A session of the agent; what it was admitted with."""
        await self.emit(ClusterOpenAsked(session, session, **fields))
        return self.plane.admitted[session]

    async def asked(
        self, method: str, path: str, *, ask: int = 100, session: int = 7, **fields: Any
    ) -> tuple[str, dict[str, Any]] | None:
        """A call; its answer, if it has one by now."""
        self.plane.open_asks.add(ask)
        await self.emit(core_call(ask, session, method, path, **fields))
        return self.plane.answers.get(ask)

    async def waiting(self) -> Any:
        """The one approval that waits for people."""
        (one,) = [
            found for found in await self.gateway._approvals.newest() if found.state.value == "requested"
        ]
        return one

    async def approve(self) -> None:
        one = await self.waiting()
        await self.gateway._approvals.approve(one.request.id, DBA, digest=one.shown_digest, reason="")
        await self.settled()

    def publish(self, text: str) -> bool:
        (self.directory / "policies" / "base.toml").write_text(text)
        return self.gateway._policies.reload()

    def listed(self) -> list[Any]:
        return self.gateway._store.run_here(sessions.newest, open_only=True)


@asynccontextmanager
async def running(directory, monkeypatch):
    """A gateway that serves clusters; its authenticator knows one agent, whose token is `good`."""
    monkeypatch.setenv("PROD_TOKEN", "hunter2-secret")
    monkeypatch.delenv("STAGING_TOKEN", raising=False)
    (directory / "narrows.toml").write_text(CONFIGURATION)
    (directory / "policies").mkdir()
    (directory / "policies" / "base.toml").write_text(RULES)
    (directory / "state").mkdir()
    cluster = FakeCluster()
    monkeypatch.setattr("narrows.gateway.clusters.access.api_server", cluster.reached)
    plane = Played()
    gateway = Gateway(
        locate(directory / "narrows.toml"),
        plane,
        upstream=lambda terms: terms,
        cluster_upstream=lambda terms: terms,
        name_of=lambda number: str(number),
    )
    verify = gateway._authenticator.verify

    async def recognise(evidence, **context):
        if evidence == b"explode":
            raise RuntimeError("a defect")
        if evidence != b"good":
            return await verify(evidence)
        gateway._revocations.check(AGENT)
        return AGENT

    monkeypatch.setattr(gateway._authenticator, "recognise", recognise)
    monkeypatch.setattr(gateway._authenticator, "keep_keys_fresh", trio.sleep_forever)
    listening = {}
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(functools.partial(gateway.run, console=None, ready=listening.__setitem__))
            here = Running(plane, gateway, cluster, directory)
            await here.settled()
            assert listening == {"kubernetes": "127.0.0.1:6443"}
            yield here
            nursery.cancel_scope.cancel()
    finally:
        plane.close()
