"""The control plane as the SSH engine sees it: who may open a session, and the one way to a verdict."""

from __future__ import annotations

import functools
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.credentials.host import present_host
from narrows.errors import IdentityError, NarrowsError, PlaneError
from narrows.gateway.destinations import NoSuchTargetError
from narrows.gateway.entrance import NotPermittedError
from narrows.gateway.masks import text_detectors
from narrows.gateway.secrets import host_key
from narrows.model import Decision, Effect, Operation
from narrows.plane import stream_maskers
from narrows.seam import Enforcement, NoCatalogues, Session
from narrows.ssh.asks import AskAnswers
from narrows.ssh.control import Admitted, NotAdmittedError
from narrows.ssh.engine import Engine, Settings
from narrows.ssh.jump import JumpTarget

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.config import Located
    from narrows.credentials.host import HostTerms
    from narrows.decide import Decider
    from narrows.gateway.destinations import Destination, Destinations
    from narrows.gateway.entrance import Entrance
    from narrows.gateway.sessions import LiveSession
    from narrows.identity.certificates import SshAuthorities
    from narrows.model import Principal
    from narrows.plane import DataPlane
    from narrows.policy.rules import Policy
    from narrows.seam import Ask
    from narrows.ssh.control import Ended, Masker, Offer

JudgeHost = Callable[[Session, Operation, None], Decision]
"""Policy: the decision on what a session attempts on a host."""

LISTEN_BACKLOG = 1_024
"""Connections that the kernel completes before they are accepted."""

log = structlog.get_logger("narrows.admission")


@dataclass(slots=True, kw_only=True, eq=False)
class Hosts:
    """See `Control`."""

    entrance: Entrance
    plane: DataPlane
    destinations: Destinations
    decider: Decider
    judge: JudgeHost
    authorities: SshAuthorities
    base: Path
    """Where the configuration's relative paths start."""
    pseudonym_key: bytes = field(repr=False)
    """Keys the `pseudonym` transform; 32 bytes."""
    answers: AskAnswers = field(default_factory=AskAnswers)

    @property
    def _enforcement(self) -> Enforcement[None]:
        return Enforcement(
            answers=self.answers,
            judge=self.judge,
            shape_of=lambda operation: operation.document(),
            catalogues=NoCatalogues(),
        )

    @property
    def epoch(self) -> tuple[str, int]:
        """See `Control.epoch`."""
        return self.entrance.policies.current.version, self.entrance.revocations.changes

    async def admit(self, offer: Offer) -> Admitted:
        """See `Control.admit`."""
        with _refusals(offer):
            return await self._open(offer)

    async def admit_jump(self, offer: Offer) -> float:
        """See `Control.admit_jump`."""
        with _refusals(offer):
            if offer.proves_key:
                principal = self._certified(offer)
            else:
                principal = await self.entrance.authenticator.look(offer.evidence, peer=offer.peer)
            log.info("jump admitted", principal=principal.key, peer=offer.peer)
            return min(principal.expires_at, time.time() + self.entrance.session_max_s)

    async def _open(self, offer: Offer) -> Admitted:
        principal = await self._recognise(offer)
        destination = self.destinations.host(offer.target, offer.login)
        self.entrance.check(principal, destination.target)
        recording = self.plane.start_recording()
        session, target = recording.session, destination.target
        async with self.entrance.opening(session, principal, target, "", self._enforcement) as opening:
            admitted = await self._admit(offer, opening.live, destination, recording)
            opening.admitted = True
        return admitted

    async def _recognise(self, offer: Offer) -> Principal:
        """Who offers evidence."""
        if offer.proves_key:
            return self._certified(offer)
        return await self.entrance.authenticator.recognise(
            offer.evidence, peer=offer.peer, user=offer.login, target=offer.target
        )

    def _certified(self, offer: Offer) -> Principal:
        principal = self.authorities.recognise(offer.evidence, _address(offer.peer))
        self.entrance.revocations.check(principal)
        return principal

    async def _admit(
        self,
        offer: Offer,
        live: LiveSession,
        destination: Destination,
        recording: Any,
    ) -> Admitted:
        principal, target = live.decided.principal, destination.target
        evidence = {"certificate": principal.certificate} if principal.certificate else {}
        document = self.entrance.document(
            recording.session, principal, target, login=offer.login, peer=offer.peer, **evidence
        )
        document["policy_version"] = self.entrance.policies.current.version
        self.entrance.note(recording.session, principal, document)
        upstream = present_host(destination.section, self.base)
        self.entrance.check(principal, target)
        recording.append("open", json.dumps(document).encode(), b"")
        log.info(
            "session admitted",
            session=document["session"],
            principal=principal.key,
            target=target.name,
            peer=offer.peer,
        )
        self.entrance.sessions.opened(recording.session)
        return Admitted(
            recording=recording,
            principal=principal.key,
            ends_at=self.entrance.ends_at(principal, document),
            upstream=upstream,
            masker=self._maskers(live, upstream),
        )

    def _maskers(self, live: LiveSession, upstream: HostTerms) -> Callable[[bool], Masker | None]:
        """Makes maskers of what policy looks for now; when that changes, the session ends."""
        decided = live.decided

        def looked_for(policy: Policy) -> Mapping[str, str]:
            return text_detectors(policy, decided.principal, decided.target)

        detectors = looked_for(self.entrance.policies.current)
        live.masks_hold = lambda policy: looked_for(policy) == detectors
        secrets = [secret for secret in (upstream.password, upstream.private_key) if secret]

        @functools.cache  # known secrets take milliseconds to compile
        def maskers() -> Callable[..., Masker]:
            return stream_maskers(detectors, [secret.reveal() for secret in secrets], self.pseudonym_key)

        def masker(terminal: bool) -> Masker | None:
            return maskers()(ansi=terminal) if detectors else None

        return masker

    def ask(self, session: int, ask: Ask) -> None:
        """See `Control.ask`. Evidence is looked at for every operation: a connection may live for days."""
        self.answers.asked(ask.number)
        live = self.entrance.sessions.find(session)
        if live is None:
            self._refuse(ask, "the session is over")
            return
        principal = live.decided.principal
        try:
            self.entrance.revocations.check(principal)
        except IdentityError as error:
            self._refuse(ask, str(error))
            return
        if time.time() >= principal.expires_at:
            self._refuse(ask, "the evidence for this session has expired")
            return
        self.decider.answer(live.decided, ask)

    def withdraw(self, session: int, ask: int, why: str) -> None:
        """See `Control.withdraw`."""
        self.answers.withdrawn(ask)
        if live := self.entrance.sessions.find(session):
            self.decider.withdraw(live.decided, ask, why)

    def ended(self, end: Ended) -> None:
        """See `Control.ended`."""
        if live := self.entrance.sessions.find(end.session):
            live.closed.set()
        self.entrance.sessions.note_end(end)

    def _refuse(self, ask: Ask, reason: str) -> None:
        self.answers.deny(ask.number, Decision(Effect.DENY, "not-authenticated", reason, "Connect again."))


async def serve_hosts(hosts: Hosts, located: Located, *, task_status: trio.TaskStatus[str]) -> None:
    """Serves SSH until cancelled; started with the address that it is bound to.

    Raises:
        PlaneError: The address cannot be bound.
        CredentialError: The gateway's own key cannot be had.
    """
    config = located.config
    address = config.listen.ssh or ""
    key = host_key(located.state)
    settings = Settings(
        listener=_bound(address),
        host_key=key,
        host_certificate=hosts.authorities.host_certificate(key),
        jump_targets=tuple(
            JumpTarget(
                target.name,
                int(target.address.rpartition(":")[2]),
                hosts.authorities.host_certificate(key, target.name),
            )
            for target in config.target
            if target.kind == "ssh"
        ),
        user_authority=hosts.authorities.user_key,
        connections_max=config.sessions.connections_max,
        handshake_deadline_s=config.sessions.handshake_deadline_ms / 1000,
        ask_deadline_s=config.sessions.ask_deadline_ms / 1000,
        drain_deadline_s=config.sessions.drain_deadline_ms / 1000,
    )
    host, port = settings.listener.getsockname()[:2]
    engine = Engine(settings, hosts, hosts.answers)
    async with trio.open_nursery() as nursery:
        await nursery.start(engine.serve)
        task_status.started(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


@contextmanager
def _refusals(offer: Offer) -> Iterator[None]:
    """Says of whatever goes wrong no more than the agent may know."""
    try:
        yield
    except (NoSuchTargetError, NotPermittedError, IdentityError) as error:
        raise NotAdmittedError(str(error), error.hint) from None
    except NarrowsError as error:
        log.error("session not opened", peer=offer.peer, target=offer.target, error=str(error))
        raise NotAdmittedError(
            f"{offer.target or 'the gateway'} cannot be reached",
            "Try again later, or tell an operator of Narrows.",
        ) from None
    except Exception:
        log.exception("defect while opening a session", peer=offer.peer)
        raise NotAdmittedError("the gateway has a defect", "Tell an operator of Narrows.") from None


def _address(peer: str) -> str:
    """The address of `address:port`."""
    return peer.rpartition(":")[0].strip("[]")


def _bound(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, int(port)), family=family, backlog=LISTEN_BACKLOG)
    except OSError as error:
        raise PlaneError(f"cannot listen on {address}: {error}") from error
