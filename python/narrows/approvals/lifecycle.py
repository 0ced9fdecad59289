"""The life of an approval request: requested, then approved, denied, expired, withdrawn, or its glass broken.

All changes pass through here, and each is decided by the store, which has one writer: whoever closes a
request first has closed it, and every waiter learns of it at once, at this node and at others.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.approvals import deliveries, records, wait_records
from narrows.approvals.asking import new_request, within_limits
from narrows.approvals.eligibility import break_glass_objection, objection, review_objection
from narrows.approvals.request import Approval, Review, State, Vote
from narrows.approvals.sign_in import check_sign_in
from narrows.approvals.waiting import Waiting
from narrows.config import ApprovalsSection
from narrows.errors import ApprovalError, StoreError
from narrows.store.doorbell import Doorbell

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy import Connection

    from narrows.approvals.asking import Asked
    from narrows.approvals.deliveries import Delivery
    from narrows.approvals.grant import Use
    from narrows.approvals.request import Request
    from narrows.model import Principal
    from narrows.store import Store

REASON_CHARS_MAX = 1_000
"""Of an approver's reason; the rest is cut."""
EXPIRE_S = 1.0
"""How often requests that nobody waits for are looked at: `mode = "return"` has such."""

log = structlog.get_logger("narrows.approvals")


def wall_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Approvals:
    """Every approval request of this gateway.

    Args:
        store: Where they are kept.
        doorbell: Rung at every change.
        limits: How much one principal may ask.
        announce: Called with what approvers are to be told of: a new request, a broken glass.
        node: This gateway's name among those that share the store.
        strong_methods: One of these is needed for what needs a fresh sign-in; empty: any way will do.
        now_ms: The wall clock, in milliseconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        *,
        doorbell: Doorbell | None = None,
        limits: ApprovalsSection | None = None,
        announce: Callable[[Approval], None] = lambda approval: None,
        node: str = "",
        strong_methods: frozenset[str] = frozenset(),
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._doorbell = doorbell or Doorbell()
        self._limits = limits or ApprovalsSection()
        self._announce = announce
        self._node = node
        self._strong_methods = strong_methods
        self._now_ms = now_ms
        self._waiting = Waiting()

    async def withdraw_held(self, reason: str) -> int:
        """Withdraws what nobody holds an operation for, at start and stop, when ours are gone; how many."""
        now_ms = self._now_ms()
        closed = await self._store.run(wait_records.leave_all, self._node, now_ms=now_ms, reason=reason)
        self._tell_closed(closed)
        return len(closed)

    async def void(self, policy_version: str) -> int:
        """Withdraws what was asked under another policy than this one; returns how many."""
        reason = "the policy changed while it waited"
        return await self._close_all(State.WITHDRAWN, reason, not_policy=policy_version)

    async def keep_expiring(self) -> None:
        """Expires requests that nobody waits for, until cancelled."""
        while True:
            await trio.sleep(EXPIRE_S)
            try:
                await self._close_all(State.EXPIRED, "nobody decided in time", due=True)
            except StoreError as error:
                log.error("approval requests not expired", error=str(error))

    async def request(self, asked: Asked) -> Request:
        """Asks people about an operation; the request is on their list when this returns.

        The same operation asked again while it waits is the same request. Who waits calls `leave` once.

        Raises:
            ApprovalError: The principal asks too much.
        """
        waiter = self._waiting.join(asked)
        if waiter is not None:
            return await waiter.stored()
        request = new_request(asked, self._limits, self._now_ms())
        with self._waiting.opening(asked, request) as waiter, trio.CancelScope(shield=True):
            waiter.request = await self._store.run(self._join_or_add, request)
        if waiter.request is request:
            self._tell(request)
        else:
            await self.look_at(waiter.request.id)  # it may have been decided before we listened for it
        return waiter.request

    async def ask_and_return(self, asked: Asked) -> Approval:
        """Asks people without waiting: the standing request for the operation, or else a new one.

        Raises:
            ApprovalError: The principal asks too much.
        """
        request = new_request(asked, self._limits, self._now_ms())
        approval = await self._store.run(self._find_or_add, request)
        if approval.request.id == request.id:
            self._tell(request)
        return approval

    async def outcome(self, request: Request) -> Approval:
        """Waits until the request is closed, by people or by its time."""
        with trio.move_on_after(max(0.0, (request.expires_ms - self._now_ms()) / 1000)):
            await self._waiting.closed(request.id)
            return await self.find(request.id)
        await self._close(request.id, State.EXPIRED, "nobody decided in time")
        return await self.find(request.id)

    async def leave(self, request: Request, why: str) -> None:
        """One waiter waits no longer; the last one's leaving withdraws what is still open."""
        if self._waiting.leave(request):
            now_ms = self._now_ms()
            gone = await self._store.run(
                wait_records.leave, request.id, self._node, now_ms=now_ms, reason=why
            )
            self._tell_closed([request.id] if gone else [])

    async def look_at(self, approval: str) -> None:
        """Another node may have decided a request: wakes whoever waits here for what was decided."""
        if self._waiting.names:
            await self._wake(await self.find(approval))

    async def look_at_all(self) -> None:
        """As `look_at`, for every request that somebody waits for here."""
        for approval in self._waiting.names:
            await self.look_at(approval)

    async def approve(
        self, approval: str, approver: Principal, *, digest: str = "", reason: str = ""
    ) -> Approval:
        """Approves. Repeating it changes nothing and is no error.

        Args:
            approval: The request's id.
            approver: Who approves, from verified evidence.
            digest: Of what the approver was shown (`Approval.shown_digest`); its beginning is enough. Empty:
                not compared.
            reason: For the audit log.

        Raises:
            ApprovalError: It is unknown, closed otherwise, of another digest, or not theirs to decide, or
                needs a fresh sign-in.
        """
        found = await self.find(approval)
        _refuse_for(objection(found.request, approver))
        _refuse_stale(found, State.APPROVED, digest)
        if found.request.terms.fresh_sign_in:
            self._check_sign_in(approver)
        found = await self._vote(found, "approve", approver, reason, digest)
        if found.state is State.REQUESTED and found.votes:
            return found
        return _as_wanted(found, State.APPROVED)

    async def deny(
        self, approval: str, approver: Principal, *, digest: str = "", reason: str = ""
    ) -> Approval:
        """Denies; one denial is enough whatever the quorum, and whatever was shown. Else as `approve`."""
        found = await self.find(approval)
        _refuse_for(objection(found.request, approver))
        return _as_wanted(await self._vote(found, "deny", approver, reason, digest), State.DENIED)

    async def break_glass(
        self, approval: str, approver: Principal, *, digest: str = "", reason: str = ""
    ) -> Approval:
        """Lets it through alone, in an emergency. As `approve`; `reason` and a fresh sign-in are a must."""
        found = await self.find(approval)
        _refuse_for(break_glass_objection(found.request, approver))
        _refuse_stale(found, State.BROKEN_GLASS, digest)
        self._check_sign_in(approver)
        if not reason.strip():
            raise ApprovalError("reason-missing", "say why: a broken glass is reviewed afterwards")
        before = found.state
        voted = await self._vote(found, "break-glass", approver, reason, digest)
        found = _as_wanted(voted, State.BROKEN_GLASS)
        if before is State.REQUESTED:
            self._announce(found)
        return found

    async def review(self, approval: str, reviewer: Principal, text: str) -> Approval:
        """Notes that someone else has looked at a broken glass.

        Raises:
            ApprovalError: It is unknown, needs no review, or is not theirs to review.
        """
        _refuse_for(review_objection(await self.find(approval), reviewer))
        if not text.strip():
            raise ApprovalError("reason-missing", "say what you found")
        said = Review(reviewer=reviewer.key, text=text[:REASON_CHARS_MAX], time_ms=self._now_ms())
        if not await self._store.run(records.review, approval, said):
            raise ApprovalError("closed", f"{approval} has nothing that is left to review")
        self._doorbell.ring("approval", approval)
        return await self.find(approval)

    async def describe(self, approval: str, preview: dict[str, Any]) -> None:
        """Keeps what the operation would touch, while people decide: later it is not what they were shown."""
        await self._store.run(records.describe, approval, preview)
        self._doorbell.ring("approval", approval)

    async def deliveries(self, approval: str) -> list[Delivery]:
        """How far telling the approvers has come, by notifier."""
        return await self._store.run_beside(deliveries.of_approval, approval)

    async def note_delivery(self, delivery: Delivery) -> None:
        """Keeps how far telling the approvers through one notifier has come."""
        await self._store.run(deliveries.note, delivery)
        self._doorbell.ring("approval", delivery.approval)

    async def claim(self, request: Request) -> Use | None:
        """Uses what came out of a request once; None when that is no longer possible."""
        return await self._store.run(records.claim, request, now_ms=self._now_ms())

    async def give_back(self, use: Use) -> None:
        """Takes back a use that released nothing."""
        await self._store.run(records.give_back, use)

    async def find(self, approval: str) -> Approval:
        """The request of that id.

        Raises:
            ApprovalError: There is none.
        """
        found = await self._store.run_beside(records.find, approval)
        if found is None:
            raise ApprovalError("not-found", f"there is no approval request {approval}")
        return found

    async def newest(self, state: State | None = None) -> list[Approval]:
        """Requests, newest first, all or those in one state."""
        return await self._store.run_beside(records.newest, state=state)

    async def _vote(
        self, found: Approval, vote: str, approver: Principal, reason: str, digest: str
    ) -> Approval:
        if found.state is not State.REQUESTED:
            return found
        request = found.request
        said = Vote(
            approver=approver.key,
            name=approver.name,
            vote=vote,
            reason=reason[:REASON_CHARS_MAX],
            time_ms=self._now_ms(),
            digest=digest,
        )
        counted = await self._store.run(records.cast, request, said)
        found = counted or await self.find(request.id)
        self._doorbell.ring("approval", request.id)
        await self._wake(found)
        return found

    async def _wake(self, found: Approval) -> None:
        """Lets those go on who wait for a request that is closed, or for what its grant covers."""
        request = found.request
        if found.state is not State.REQUESTED:
            self._waiting.close(request.id)
        if found.state is State.APPROVED and request.terms.grant_ms:
            for covered in self._waiting.covered_by(request):
                await self._close(covered, State.WITHDRAWN, f"approval {request.id} covers it too")

    def _check_sign_in(self, person: Principal) -> None:
        check_sign_in(person, self._strong_methods, now_s=self._now_ms() / 1000)

    def _tell(self, request: Request) -> None:
        self._doorbell.ring("approval", request.id)
        self._announce(Approval(request=request, state=State.REQUESTED))

    def _add(self, connection: Connection, request: Request) -> None:
        within_limits(connection, request, self._limits)
        records.add(connection, request)

    def _join_or_add(self, connection: Connection, request: Request) -> Request:
        standing = wait_records.join(connection, request, self._node)
        if standing is not None:
            return standing
        self._add(connection, request)
        wait_records.note(connection, request, self._node)
        return request

    def _find_or_add(self, connection: Connection, request: Request) -> Approval:
        standing = records.standing(connection, request.digest, now_ms=request.requested_ms)
        if standing is not None and standing.state in {State.REQUESTED, State.DENIED}:
            return standing
        self._add(connection, request)
        return Approval(request=request, state=State.REQUESTED)

    async def _close(self, approval: str, state: State, reason: str) -> None:
        if await self._store.run(records.close, approval, state, now_ms=self._now_ms(), reason=reason):
            self._doorbell.ring("approval", approval)
        self._waiting.close(approval)

    async def _close_all(self, state: State, reason: str, **which: Any) -> int:
        now_ms = self._now_ms()
        closed = await self._store.run(records.close_all, state, now_ms=now_ms, reason=reason, **which)
        self._tell_closed(closed)
        return len(closed)

    def _tell_closed(self, closed: list[str]) -> None:
        for approval in closed:
            self._waiting.close(approval)
            self._doorbell.ring("approval", approval)


def _refuse_for(objection: str) -> None:
    if objection:
        raise ApprovalError("not-eligible", objection)


def _refuse_stale(found: Approval, wanted: State, digest: str) -> None:
    """Who comes too late is told that, whatever they were shown."""
    if found.state is State.REQUESTED or found.state is wanted:
        found.check_shown(digest)


def _as_wanted(found: Approval, wanted: State) -> Approval:
    if found.state is not wanted:
        raise ApprovalError("closed", f"{found.request.id} can no longer be decided: {_standing(found)}")
    return found


def _standing(approval: Approval) -> str:
    if approval.state is State.REQUESTED:
        return "its time is over"
    return f"it is {approval.state.value}" + (f" ({approval.close_reason})" if approval.close_reason else "")
