"""Trio's face of the data plane: one task takes its events in batches, a query of ours is awaited.

Rust never calls Python. It puts events in a bounded queue and makes an eventfd readable; what goes down are
plain method calls that never block.
"""

from __future__ import annotations

import os
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Protocol

import trio

from narrows.answers import PlaneAnswers
from narrows.calls import CallPlane
from narrows.errors import ClusterError, PlaneError
from narrows.model import Parameter, Statement
from narrows.seam import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from narrows._core import ClusterUpstream, StreamMasker, Upstream
    from narrows.config import Located
    from narrows.credentials.cluster import ClusterTerms
    from narrows.credentials.present import UpstreamTerms
    from narrows.model import ApiCall, Decision

EVENTS_MAX = 1_024
"""Events taken before other tasks get a turn."""

QUERY_DEADLINE_MS = 10_000

WORKERS = max((os.cpu_count() or 1) // 2, 1)
"""Half of the processors: the fewer threads share the work, the more sessions share a wait and a write, and
the control plane wants a processor too. See docs/performance.md."""

Rows = list[tuple[str | None, ...]]

TypeFields = tuple[int, str, int, int, int, str, list[tuple[int, int, int]]]
"""A type's OID, kind, OID and modifier of what it is made over, relation OID, label, and fields: each an
attribute number, a type's OID and a modifier."""


class DataPlane(CallPlane, Protocol):
    """The methods of `_core.Plane`, so that a simulation can stand in for it. See `_core.pyi`."""

    def fileno(self) -> int: ...
    def drain(self, events_max: int) -> list[Any]: ...
    def listen_postgres(
        self,
        address: str,
        *,
        certificate_pem: bytes,
        key_pem: bytes,
        connections_max: int = 10_000,
        handshake_deadline_ms: int = 10_000,
    ) -> str: ...
    def admit(
        self,
        ask: int,
        *,
        upstream: Any,
        principal: str,
        target: str,
        mask_set: int,
        expires_ms: int,
        document: str,
    ) -> bool: ...
    def refuse(self, ask: int, *, sqlstate: str, message: str, hint: str = "") -> bool: ...
    def allow(
        self,
        ask: int,
        *,
        rule: str,
        approval: str | None = None,
        reusable: bool,
        exposure: Any,
        columns: Sequence[Any] | None = None,
        copy: Any = None,
        effects: Sequence[Any] = (),
        gives: Sequence[Any] = (),
        reads: Sequence[Any] = (),
        ask_at_bind: bool = False,
        rows_max: int | None = None,
        record: Any = "full",
        policy_epoch: int,
        catalogue_epoch: int,
    ) -> bool: ...
    def deny(
        self,
        ask: int,
        *,
        rule: str,
        reason: str,
        hint: str = "",
        sqlstate: str = "42501",
        reusable: bool = False,
    ) -> bool: ...
    def note(self, document: str) -> None: ...
    def move_policy(self) -> int: ...
    def catalogue_epoch(self, target: str) -> int: ...
    def move_catalogue(self, target: str) -> int: ...
    def publish_masks(
        self,
        mask_set: int,
        relations: Mapping[int, Mapping[int, str]],
        *,
        pseudonym_key: bytes,
        detectors: Mapping[str, str],
        own_detectors: Mapping[int, Mapping[int, Mapping[str, str]]],
        types: Sequence[TypeFields],
    ) -> None: ...
    def start_recording(self) -> Any: ...
    def query(self, upstream: Any, sql: str, *, deadline_ms: int = 10_000) -> int: ...
    def stats(self) -> dict[str, int]: ...
    def shutdown(self, deadline_ms: int) -> None: ...


class StatementAnswers(PlaneAnswers[DataPlane]):
    """Answers statements: the data plane's part in the path from question to verdict."""

    def allow(
        self,
        ask: int,
        decision: Decision,
        *,
        approval: str | None,
        reusable: bool,
        asks_again: bool,
        catalogue_epoch: int,
    ) -> bool:
        """See `Answers.allow`."""
        return self._plane.allow(
            ask,
            rule=decision.rule,
            approval=approval,
            reusable=reusable,
            exposure=decision.exposure,
            columns=None if decision.columns is None else [astuple(column) for column in decision.columns],
            copy=None if decision.copy is None else astuple(decision.copy),
            effects=sorted(decision.effects),
            gives=decision.gives,
            reads=decision.reads,
            ask_at_bind=asks_again,
            rows_max=decision.rows_max,
            record=decision.record,
            policy_epoch=self._plane.policy_epoch(),
            catalogue_epoch=catalogue_epoch,
        )

    def deny(self, ask: int, decision: Decision, *, reusable: bool = False) -> bool:
        """See `Answers.deny`."""
        return self._plane.deny(
            ask,
            rule=decision.rule,
            reason=decision.reason,
            hint=decision.hint,
            sqlstate=decision.sqlstate,
            reusable=reusable,
        )


def ask_of(event: Any, settings: Mapping[str, Any]) -> Ask:
    """What the data plane's StatementAsked asks, in a session that has set what `settings` says."""
    parameters = event.parameters
    if parameters is not None:
        parameters = tuple(Parameter(format_, value) for format_, value in parameters)
    statement = Statement(
        text=event.text,
        phase=event.phase,
        parameter_types=event.parameter_types,
        parameters=parameters,
        transaction=event.transaction,
        settings=settings,
    )
    return Ask(event.ask, statement, event.catalogue_epoch)


class EventPump:
    """Takes the data plane's events and hands each to whom it concerns.

    Args:
        plane: The data plane.
    """

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane
        self._answers: dict[int, _Answer] = {}

    async def run(self, handlers: Mapping[str, Callable[[Any], None]]) -> None:
        """Dispatches events until cancelled.

        Args:
            handlers: What to call with an event, by the name of its type. Its types cannot be constructed
                outside the extension, so a simulation's go by the same names.
        """
        while True:
            await trio.lowlevel.wait_readable(self._plane.fileno())
            for event in self._plane.drain(EVENTS_MAX):
                kind = type(event).__name__
                if kind == "QueryAnswered":
                    self._answered(event)
                else:
                    handlers[kind](event)

    async def query(self, upstream: Any, sql: str, *, deadline_ms: int = QUERY_DEADLINE_MS) -> Rows:
        """Runs SQL over a connection of the gateway's own.

        Args:
            upstream: Where, as made by `upstream_of`.
            sql: One statement.
            deadline_ms: Bound on connecting and running together.

        Returns:
            The rows in text form; None is NULL.

        Raises:
            PlaneError: It failed; the message is the server's or the transport's.
        """
        query = self._plane.query(upstream, sql, deadline_ms=deadline_ms)
        answer = self._answers[query] = _Answer()
        try:
            await answer.ready.wait()
        finally:
            del self._answers[query]
        if answer.error is not None:
            raise PlaneError(answer.error)
        return answer.rows

    def _answered(self, event: Any) -> None:
        answer = self._answers.get(event.query)
        if answer is None:
            return  # whoever asked was cancelled
        answer.error = event.error
        answer.rows = event.rows or []
        answer.ready.set()


class _Answer:
    def __init__(self) -> None:
        self.ready = trio.Event()
        self.rows: Rows = []
        self.error: str | None = None


def start_plane(where: Located) -> DataPlane:
    """Opens the journal and starts the data plane's threads.

    Args:
        where: The configuration.

    Raises:
        PlaneError: The journal cannot be opened.
    """
    from narrows import _core  # here, so that all but serving works without it

    journal = where.config.journal
    try:
        return _core.Plane(
            str(where.journal),
            workers=WORKERS,
            segment_bytes_max=journal.segment_bytes_max,
            segment_age_max_ms=journal.segment_age_max_s * 1_000,
            durability=journal.durability,
            encryption_keys=[str(file) for file in where.encryption_keys],
            signing_key=str(where.journal_key),
            origin=journal.origin or None,
            ask_deadline_ms=where.config.sessions.ask_deadline_ms,
        )
    except (OSError, ValueError) as error:
        raise PlaneError(f"the data plane cannot start: {error}") from error


def start_own_plane(journal: Path) -> DataPlane:
    """Starts a data plane that serves nobody, for queries of our own alone.

    Args:
        journal: A directory for what has to be one; nothing is recorded.

    Raises:
        PlaneError: It cannot start.
    """
    from narrows import _core

    try:
        return _core.Plane(str(journal), workers=1)
    except (OSError, ValueError) as error:
        raise PlaneError(f"the data plane cannot start: {error}") from error


def upstream_of(terms: UpstreamTerms) -> Upstream:
    """The data plane's form of how to reach a target and what to present there."""
    from narrows import _core

    return _core.Upstream(**{name: getattr(terms, name) for name in terms.__slots__})


def cluster_upstream_of(terms: ClusterTerms) -> ClusterUpstream:
    """The data plane's form of how to reach a cluster and what to present there."""
    from narrows import _core

    return _core.ClusterUpstream(
        terms.address,
        server_name=terms.server_name,
        ca_pem=terms.ca_pem,
        token=terms.token,
        certificate_pem=terms.certificate_pem,
        key_pem=terms.key_pem,
        impersonate=terms.impersonate,
    )


def mask_object(key: bytes, masks: str, call: ApiCall, answer: bytes) -> bytes:
    """Masks the answer to a call for people who are to see it.

    Args:
        key: Keys placeholders and pseudonyms; 32 bytes.
        masks: What is masked, as `publish_object_masks` takes it.
        call: What was asked.
        answer: What was answered, in JSON.

    Raises:
        ClusterError: It cannot be masked for sure.
    """
    from narrows import _core

    try:
        scanner = _core.ObjectScanner(
            masks, key=key, group=call.group, resource=call.resource, subresource=call.subresource
        )
        return scanner.feed(answer) + scanner.finish()
    except ValueError as error:
        raise ClusterError(str(error)) from None


class Finder(Protocol):
    """Finds what is sensitive in a text: `_core.Detectors.find`."""

    def __call__(self, text: str, *, column: str = "") -> list[tuple[str, int, int]]: ...


def finder(detectors: Iterable[str]) -> Finder:
    """Some detectors, to find with: what `publish_masks` would have mask is only told.

    Args:
        detectors: Their names in policy.
    """
    from narrows import _core

    return _core.Detectors(list(detectors)).find


def stream_maskers(
    detectors: Mapping[str, str], known: Sequence[bytes], key: bytes
) -> Callable[..., StreamMasker]:
    """Makes what masks streams of text as they pass; see `_core.StreamMasks` and its `open`."""
    from narrows import _core

    return _core.StreamMasks(detectors, known, key).open


def session_name(session: int) -> str:
    """A session id as people see it."""
    from narrows import _core

    return _core.session_name(session)
