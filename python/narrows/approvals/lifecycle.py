"""The life of an approval request: requested, then approved, denied, expired or withdrawn.

All changes pass through here, one process is the only writer, and each is decided by the store: whoever
closes a request first has closed it, and a waiter learns of it at once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import trio

from narrows.approvals import records
from narrows.approvals.digest import digest_of
from narrows.approvals.eligibility import objection
from narrows.approvals.request import Approval, Request, State, Terms, Vote, new_id
from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.model import Decision, Principal
    from narrows.store import Store

REASON_CHARS_MAX = 1_000
"""Of an approver's reason; the rest is cut."""


def wall_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Approvals:
    """Every approval request of this gateway.

    Args:
        store: Where they are kept.
        now_ms: The wall clock, in milliseconds since 1970.
    """

    def __init__(self, store: Store, *, now_ms: Callable[[], int] = wall_ms) -> None:
        self._store = store
        self._now_ms = now_ms
        self._closed: dict[str, trio.Event] = {}

    async def withdraw_all(self, reason: str) -> int:
        """Withdraws all that waits, at start and stop: its statements are gone. Returns how many."""
        return await self._store.run(records.withdraw_all, now_ms=self._now_ms(), reason=reason)

    async def request(
        self,
        *,
        session: int,
        principal: Principal,
        target: str,
        database: str,
        decision: Decision,
        document: dict[str, Any],
    ) -> Request:
        """Stores a new request; it is on the approvers' list when this returns."""
        now_ms = self._now_ms()
        terms = decision.approval or ApprovalTerms()
        request = Request(
            id=new_id(),
            session=session,
            principal=principal.key,
            principal_name=principal.name,
            owners=tuple(sorted(principal.owners)),
            target=target,
            database=database,
            rule=decision.rule,
            reason=decision.reason,
            policy_version=decision.policy_version,
            digest=digest_of(document),
            document=document,
            terms=Terms(
                groups=tuple(sorted(terms.approver_groups)),
                roles=tuple(sorted(terms.approver_roles)),
                objects=tuple(sorted(terms.approver_objects)),
                quorum=terms.quorum,
            ),
            requested_ms=now_ms,
            expires_ms=now_ms + int(terms.expires_s * 1000),
        )
        self._closed[request.id] = trio.Event()
        await self._store.run(records.add, request)
        return request

    async def outcome(self, request: Request) -> Approval:
        """Waits until the request is closed, by people or by its time; may be called once per request."""
        closed = self._closed[request.id]
        try:
            with trio.move_on_after(max(0.0, (request.expires_ms - self._now_ms()) / 1000)):
                await closed.wait()
            if not closed.is_set():
                await self._close(request.id, State.EXPIRED, "nobody decided in time")
            return await self.find(request.id)
        finally:
            self._closed.pop(request.id, None)

    async def approve(
        self, approval: str, approver: Principal, *, digest: str = "", reason: str = ""
    ) -> Approval:
        """Approves. Repeating it changes nothing and is no error.

        Args:
            approval: The request's id.
            approver: Who approves, from verified evidence.
            digest: What the approver saw; the beginning of the digest is enough. Empty: not compared.
            reason: For the audit log.

        Raises:
            ApprovalError: It is unknown, closed otherwise, of another digest, or not theirs to decide.
        """
        return await self._vote("approve", State.APPROVED, approval, approver, digest, reason)

    async def deny(
        self, approval: str, approver: Principal, *, digest: str = "", reason: str = ""
    ) -> Approval:
        """Denies; one denial is enough whatever the quorum. Arguments and errors as for `approve`."""
        return await self._vote("deny", State.DENIED, approval, approver, digest, reason)

    async def withdraw(self, approval: str, reason: str) -> None:
        """Withdraws a request that no longer has anyone waiting; does nothing when it is closed."""
        await self._close(approval, State.WITHDRAWN, reason)
        self._closed.pop(approval, None)

    async def mark_used(self, approval: str) -> None:
        """Notes that the approved statement went to the target."""
        await self._store.run(records.mark_used, approval, now_ms=self._now_ms())

    async def find(self, approval: str) -> Approval:
        """The request of that id.

        Raises:
            ApprovalError: There is none.
        """
        found = await self._store.run(records.find, approval)
        if found is None:
            raise ApprovalError("not-found", f"there is no approval request {approval}")
        return found

    async def newest(self, state: State | None = None) -> list[Approval]:
        """Requests, newest first, all or those in one state."""
        return await self._store.run(records.newest, state=state)

    async def _vote(
        self, vote: str, wanted: State, approval: str, approver: Principal, digest: str, reason: str
    ) -> Approval:
        found = await self.find(approval)
        why_not = objection(found.request, approver)
        if why_not:
            raise ApprovalError("not-eligible", why_not)
        if not found.request.digest.startswith(digest):
            raise ApprovalError("digest-mismatch", f"{approval} is for another operation than that digest's")
        if found.state is State.REQUESTED:
            said = Vote(
                approver=approver.key,
                name=approver.name,
                vote=vote,
                reason=reason[:REASON_CHARS_MAX],
                time_ms=self._now_ms(),
            )
            counted = await self._store.run(records.cast, found.request, said)
            found = counted or await self.find(approval)
            if found.state is not State.REQUESTED:
                self._wake(approval)
        if found.state is State.REQUESTED and vote == "approve" and found.votes:
            return found
        if found.state is not wanted:
            raise ApprovalError("closed", f"{approval} can no longer be decided: {_standing(found)}")
        return found

    async def _close(self, approval: str, state: State, reason: str) -> None:
        await self._store.run(records.close, approval, state, now_ms=self._now_ms(), reason=reason)
        self._wake(approval)

    def _wake(self, approval: str) -> None:
        if approval in self._closed:
            self._closed[approval].set()


def _standing(approval: Approval) -> str:
    if approval.state is State.REQUESTED:
        return "its time is over"
    return f"it is {approval.state.value}" + (f" ({approval.close_reason})" if approval.close_reason else "")
