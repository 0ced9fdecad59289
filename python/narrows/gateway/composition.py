"""The composition root: everything that serves, made once and run in one nursery."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.approvals.grants import Grants
from narrows.approvals.lifecycle import Approvals
from narrows.credentials.references import resolve
from narrows.decide import Decider
from narrows.errors import PlaneError
from narrows.gateway.announcements import Announcements
from narrows.gateway.channels import channels_of
from narrows.gateway.chat import Chat
from narrows.gateway.checkpoints import Checkpoints
from narrows.gateway.clusters.calls import Calls
from narrows.gateway.destinations import Destinations
from narrows.gateway.ending import Ending
from narrows.gateway.entrance import Entrance
from narrows.gateway.events import Events
from narrows.gateway.listening import listen_kubernetes, listen_postgres
from narrows.gateway.metrics import Metrics
from narrows.gateway.nodes import Nodes
from narrows.gateway.operations import Operations
from narrows.gateway.policies import Policies
from narrows.gateway.previews import Previews
from narrows.gateway.publishing import Publishing
from narrows.gateway.recordings import recordings_of
from narrows.gateway.retention import Retention
from narrows.gateway.secrets import pseudonym_key
from narrows.gateway.sessions import Sessions
from narrows.gateway.sign_in import relying_party
from narrows.gateway.statements import Statements
from narrows.gateway.stores import store_of
from narrows.gateway.tickets import StoredTickets
from narrows.gateway.upstreams import Upstreams
from narrows.identity.authenticate import Authenticator, issuers_of
from narrows.identity.certificates import SshAuthorities
from narrows.identity.revocation import Revocation, Revocations
from narrows.identity.tickets import Tickets
from narrows.plane import cluster_upstream_of
from narrows.policy.ssh.hosts import judge_host as judge_by_policy
from narrows.store import revocations, sessions
from narrows.store.audit import Audit
from narrows.store.doorbell import Doorbell

if TYPE_CHECKING:
    from narrows.config import Located
    from narrows.credentials.cluster import ClusterTerms
    from narrows.credentials.present import UpstreamTerms
    from narrows.gateway.hosts import Hosts, JudgeHost
    from narrows.model import Decision, Operation
    from narrows.plane import DataPlane
    from narrows.policy.rules import Policy
    from narrows.seam import Session

log = structlog.get_logger("narrows.gateway")

Console = Callable[..., Awaitable[None]]
"""Serves people: called with the operations and with a task status that takes the address it is bound to."""

Ready = Callable[[str, str], None]
"""Called with protocol and bound address of each listener."""

Beside = Callable[[], Awaitable[None]]


class Gateway:
    """One running gateway.

    Args:
        located: The configuration.
        plane: The data plane, started.
        upstream: Makes the data plane's form of how to reach a target.
        name_of: A session id as people see it.
        judge_host: How what is attempted on a host is judged; None: by the policy in force.
        cluster_upstream: Makes the data plane's form of how to reach a cluster.

    Raises:
        NarrowsError: Policy, store or credentials cannot be used.
    """

    def __init__(
        self,
        located: Located,
        plane: DataPlane,
        *,
        upstream: Callable[[UpstreamTerms], Any],
        name_of: Callable[[int], str],
        judge_host: JudgeHost | None = None,
        cluster_upstream: Callable[[ClusterTerms], Any] = cluster_upstream_of,
    ) -> None:
        self._judge_host = judge_host or self._by_policy
        self._located = located
        self._plane = plane
        self._name_of = name_of
        self._store = store_of(located)
        self._hosts: Hosts | None = None
        self._policies = Policies(located.policies, moved=self._policy_moved)
        self._destinations = Destinations(located.config.target)
        self._revocations = Revocations(
            Revocation(row.subject, row.value, row.reason)  # type: ignore[arg-type]
            for row in self._store.run_here(revocations.everything)
        )
        self._tickets = Tickets(StoredTickets(self._store), located.config.tickets, time.time)
        self._authorities = SshAuthorities(located.state)
        self._authenticator = Authenticator(
            issuers_of(located.config, located.base),
            tickets=self._tickets,
            revocations=self._revocations,
            owners=located.config.owner,
        )
        self._sign_in = relying_party(located.config, located.base, self._authenticator)
        self._doorbell = Doorbell()
        self._approvals = Approvals(
            self._store,
            doorbell=self._doorbell,
            limits=located.config.approvals,
            announce=lambda approval: self._announcements.take(approval),
            node=located.node,
            strong_methods=frozenset(located.config.console.strong_methods),
        )
        self._grants = Grants(self._store, doorbell=self._doorbell)
        self._audit = Audit(self._store)
        self._pseudonym_key = pseudonym_key(located.state)
        self._sessions = Sessions(self._store, name_of, self._doorbell)
        self._ending = Ending(self._sessions, plane, self._revocations)
        self._nodes = Nodes(
            located=located,
            store=self._store,
            doorbell=self._doorbell,
            approvals=self._approvals,
            ending=self._ending,
        )
        self._statements = Statements(
            located,
            plane,
            destinations=self._destinations,
            policies=self._policies,
            upstream=Upstreams(upstream),
            pseudonym_key=self._pseudonym_key,
            loaded=lambda target, catalogue: self._publishing.catalogue_loaded(target, catalogue),
        )
        self._calls = Calls(
            located,
            plane,
            destinations=self._destinations,
            policies=self._policies,
            sessions=self._sessions,
            upstream=Upstreams(cluster_upstream),
            pseudonym_key=self._pseudonym_key,
        )
        self._announcements = Announcements(
            approvals=self._approvals,
            previews=Previews({"postgres": self._statements.previews, "kubernetes": self._calls.previews}),
            destinations=self._destinations,
            channels=channels_of(located),
            console_url=located.config.gateway.public_url,
            doorbell=self._doorbell,
        )
        self._checkpoints = Checkpoints(located)
        self._chat = Chat(located, self._approvals, self._revocations)
        self._decider = Decider(
            approvals=self._approvals,
            grants=self._grants,
            audit=self._audit,
            console_url=located.config.gateway.public_url,
        )
        self._publishing = Publishing(
            plane=plane,
            store=self._store,
            approvals=self._approvals,
            grants=self._grants,
            decider=self._decider,
            policies=self._policies,
            catalogues=self._statements.catalogues,
            masks=self._statements.masks,
            sessions=self._sessions,
        )
        self._recordings = recordings_of(located, self._store)
        token = located.config.console.metrics_token
        self._metrics = Metrics(
            located=located,
            plane=plane,
            store=self._store,
            open_sessions=lambda: Counter(live.decided.target.kind for live in self._sessions),
            decisions=self._decider.counts,
            announcements=self._announcements,
            checkpoints=self._checkpoints,
            recordings=self._recordings,
            token=resolve(token, located.base) if token else None,
        )
        self._nursery: trio.Nursery | None = None
        self._failed: str = ""

    async def run(self, *, console: Console | None, ready: Ready, beside: Sequence[Beside] = ()) -> None:
        """Serves until SIGTERM or SIGINT.

        Args:
            console: Serves people, if anything does.
            ready: Told of each listener.
            beside: What runs for as long as the gateway does.

        Raises:
            PlaneError: A listener cannot be bound, or the journal cannot be written.
        """
        await self._recover()
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                nursery.start_soon(self._audit.run)
                nursery.start_soon(self._sessions.list.run)
                nursery.start_soon(self._approvals.keep_expiring)
                nursery.start_soon(self._announcements.run)
                nursery.start_soon(self._nodes.run)
                nursery.start_soon(self._checkpoints.run)
                nursery.start_soon(self._statements.pump.run, self._events(nursery).handlers())
                nursery.start_soon(self._authenticator.keep_keys_fresh)
                nursery.start_soon(self._policies.watch)
                nursery.start_soon(self._policies.heed_signals)
                nursery.start_soon(self._statements.catalogues.keep_fresh)
                nursery.start_soon(Retention(self._located, self._store, self._note_deletion).run)
                await nursery.start(self._stop_on_signal, nursery.cancel_scope)
                await self._listen(nursery, console, ready)
                for each in beside:
                    nursery.start_soon(each)
        finally:
            with trio.CancelScope(shield=True):
                await self._end()
        if self._failed:
            raise PlaneError(self._failed)

    async def _recover(self) -> None:
        """Closes what an earlier process left open."""
        now_ms = time.time_ns() // 1_000_000
        lost = await self._store.run(
            sessions.close_all,
            self._located.node,
            now_ms=now_ms,
            reason="the gateway ended without closing it",
        )
        withdrawn = await self._approvals.withdraw_held("gateway restarted")
        await self._publishing.note_policy(self._policies.current.version)
        if lost or withdrawn:
            log.warning("recovered", sessions=lost, approvals_withdrawn=withdrawn)

    async def _listen(self, nursery: trio.Nursery, console: Console | None, ready: Ready) -> None:
        config = self._located.config
        if config.listen.postgres is not None:
            ready("postgres", listen_postgres(self._plane, self._located, config.listen.postgres))
        if config.listen.kubernetes is not None:
            ready("kubernetes", listen_kubernetes(self._plane, self._located, config.listen.kubernetes))
        if config.listen.ssh is not None:
            from narrows.gateway.hosts import Hosts, serve_hosts  # asyncssh is a fifth of starting

            hosts = Hosts(
                entrance=self._entrance(nursery),
                plane=self._plane,
                destinations=self._destinations,
                decider=self._decider,
                judge=self._judge_host,
                authorities=self._authorities,
                base=self._located.base,
                pseudonym_key=self._pseudonym_key,
            )
            ready("ssh", await nursery.start(serve_hosts, hosts, self._located))
            self._hosts = hosts
        if console is not None:
            ready("console", await nursery.start(console, self._operations()))

    async def _stop_on_signal(self, scope: trio.CancelScope, *, task_status: trio.TaskStatus[None]) -> None:
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            task_status.started()
            async for number in signals:
                log.info("stopping", signal=signal.Signals(number).name)
                await self._drain()
                scope.cancel()

    async def _drain(self) -> None:
        """Lets the data plane end its sessions, while their ends are still noted."""
        deadline_ms = self._located.config.sessions.drain_deadline_ms
        await trio.to_thread.run_sync(self._plane.shutdown, deadline_ms)
        with trio.move_on_after(deadline_ms / 1000):
            for live in self._sessions:
                await live.closed.wait()

    def _events(self, nursery: trio.Nursery) -> Events:
        entrance = self._entrance(nursery)

        def journal_failed(reason: str) -> None:
            self._failed = f"the journal cannot be written: {reason}"
            nursery.cancel_scope.cancel()

        return Events(
            admission=self._statements.admission(entrance),
            clusters=self._calls.clusters(entrance, self._decider),
            decider=self._decider,
            sessions=self._sessions,
            catalogues=self._statements.catalogues,
            journal_failed=journal_failed,
            journal_alarmed=self._metrics.journal_alarmed,
        )

    def _entrance(self, nursery: trio.Nursery) -> Entrance:
        return Entrance(
            nursery=nursery,
            authenticator=self._authenticator,
            revocations=self._revocations,
            policies=self._policies,
            sessions=self._sessions,
            name_of=self._name_of,
            session_max_s=self._located.config.sessions.session_max_s,
            node=self._located.node,
        )

    def _by_policy(self, session: Session, operation: Operation, catalogue: None) -> Decision:
        return judge_by_policy(self._policies.current, session.principal, session.target, operation)

    def _policy_moved(self, policy: Policy) -> None:
        self._publishing.policy_moved(policy)
        if self._hosts is not None:
            self._hosts.answers.policy_moved()
        if self._nursery is not None:
            self._nursery.start_soon(self._publishing.note_policy, policy.version)

    def _note_deletion(self, document: str) -> None:
        """Writes down in the journal what was deleted from it; waits for it."""
        self._plane.note(document)

    def _operations(self) -> Operations:
        return Operations(
            authenticator=self._authenticator,
            tickets=self._tickets,
            authorities=self._authorities,
            revocations=self._revocations,
            approvals=self._approvals,
            grants=self._grants,
            chat=self._chat,
            catalogues=self._statements.catalogues,
            doorbell=self._doorbell,
            destinations=self._destinations,
            policies=self._policies,
            ending=self._ending,
            node=self._located.node,
            store=self._store,
            listed=self._sessions.list,
            operators=self._located.config.console,
            recordings=self._recordings,
            metrics=self._metrics,
            sign_in=self._sign_in,
            public_url=self._located.config.gateway.public_url,
        )

    async def _end(self) -> None:
        # Agents are told why when the journal has failed; after a stop they have been.
        deadline_ms = self._located.config.sessions.drain_deadline_ms if self._failed else 0
        await trio.to_thread.run_sync(self._plane.shutdown, deadline_ms)
        await self._approvals.withdraw_held("gateway stopped")
        self._store.close()
