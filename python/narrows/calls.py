"""What the data plane is told of API calls: which are let through, and which are answered with a Status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.model import Decision


class CallPlane(Protocol):
    """The methods of `_core.Plane` that API calls need. See `_core.pyi`."""

    def listen_kubernetes(
        self,
        address: str,
        *,
        certificate_pem: bytes,
        key_pem: bytes,
        connections_max: int = 10_000,
        handshake_deadline_ms: int = 10_000,
        body_bytes_max: int = 3_145_728,
    ) -> str: ...
    def admit_cluster(
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
    def refuse_cluster(self, ask: int, *, code: int, message: str, hint: str = "") -> bool: ...
    def allow_call(
        self,
        ask: int,
        *,
        rule: str,
        approval: str | None = None,
        reusable: bool,
        warning: str = "",
        ports: Sequence[tuple[int, int]] | None = None,
        policy_epoch: int,
    ) -> bool: ...
    def deny_call(
        self, ask: int, *, rule: str, reason: str, hint: str = "", code: int = 403, reusable: bool = False
    ) -> bool: ...
    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool: ...
    def record(self, session: int, document: str) -> bool: ...
    def policy_epoch(self) -> int: ...
    def publish_object_masks(self, mask_set: int, masks: str, *, pseudonym_key: bytes) -> None: ...
    def close_session(self, session: int, *, reason: str, hint: str = "") -> bool: ...


class CallAnswers:
    """Answers API calls: the data plane's part in the path from question to verdict.

    Args:
        plane: The data plane.
    """

    def __init__(self, plane: CallPlane) -> None:
        self._plane = plane

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
        """See `Answers.allow`. Whoever called is told of the approval that let the call go."""
        return self._plane.allow_call(
            ask,
            rule=decision.rule,
            approval=approval,
            reusable=reusable,
            warning=f"Narrows let this go by approval {approval} (rule {decision.rule})" if approval else "",
            ports=decision.ports,
            policy_epoch=self._plane.policy_epoch(),
        )

    def deny(self, ask: int, decision: Decision, *, reusable: bool = False) -> bool:
        """See `Answers.deny`."""
        return self._plane.deny_call(
            ask,
            rule=decision.rule,
            reason=decision.reason,
            hint=decision.hint,
            code=decision.code,
            reusable=reusable,
        )

    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool:
        """See `Answers.hold`. HTTP/1.1 has no voice for it, so the recording alone tells of it."""
        return self._plane.hold(ask, until_ms=until_ms, message=message, detail=detail, hint=hint)

    def record(self, session: int, document: str) -> bool:
        """See `Answers.record`."""
        return self._plane.record(session, document)

    def end(self, session: int, *, reason: str, hint: str = "") -> bool:
        """See `Answers.end`."""
        return self._plane.close_session(session, reason=reason, hint=hint)
