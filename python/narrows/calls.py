"""What the data plane is told of API calls: which are let through, and which are answered with a Status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from narrows.answers import AnsweringPlane, PlaneAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.model import Decision


class CallPlane(AnsweringPlane, Protocol):
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
        restored: bytes | None = None,
        record: str = "full",
        policy_epoch: int,
    ) -> bool: ...
    def deny_call(
        self, ask: int, *, rule: str, reason: str, hint: str = "", code: int = 403, reusable: bool = False
    ) -> bool: ...
    def publish_object_masks(self, mask_set: int, masks: str, *, pseudonym_key: bytes) -> None: ...


class CallAnswers(PlaneAnswers[CallPlane]):
    """Answers API calls: the data plane's part in the path from question to verdict.

    HTTP/1.1 has no voice for a hold, so the recording alone tells of it.
    """

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
            restored=decision.restored,
            record=decision.record,
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
