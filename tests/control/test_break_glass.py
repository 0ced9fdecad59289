"""In an emergency one person lets a statement through, says why, and somebody else looks at it afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms, People
from tests.control.simulation import AGENT, DBA, OTHER_DBA, STRANGER, require_approval, world

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"
ONCALL = replace(STRANGER, object_id="oncall-1", name="Kim", groups=frozenset({"sg-oncall"}))
TERMS = ApprovalTerms(
    approver_groups=frozenset({"sg-dba"}),
    quorum=2,
    expires_s=900,
    break_glass=People(groups=frozenset({"sg-oncall"})),
)


async def test_a_broken_glass_releases_at_once_and_waits_for_review(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        ask = here.ask(UPDATE)
        approval = await here.held()
        broken = await here.approvals.break_glass(approval, ONCALL, reason="checkout is down")
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"
        assert (broken.state.value, broken.needs_review) == ("broken-glass", True)
        reviewed = await here.approvals.review(approval, DBA, "it was right")
        assert (reviewed.needs_review, reviewed.review.reviewer) == (False, DBA.key)
        with pytest.raises(ApprovalError, match="nothing that is left"):
            await here.approvals.review(approval, OTHER_DBA, "so say I")


@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_no_reason_no_release(tmp_path, mock_clock, reason):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        here.ask(UPDATE)
        approval = await here.held()
        with pytest.raises(ApprovalError) as caught:
            await here.approvals.break_glass(approval, ONCALL, reason=reason)
        assert caught.value.code == "reason-missing"
        assert await here.state(approval) == "requested"


@pytest.mark.parametrize(
    "person",
    [
        DBA,
        STRANGER,
        replace(ONCALL, kind="app"),
        replace(AGENT, groups=frozenset({"sg-oncall"}), kind="user"),
    ],
    ids=["approver", "stranger", "workload", "requester"],
)
async def test_only_whom_the_rule_names_breaks_the_glass(tmp_path, mock_clock, person):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        ask = here.ask(UPDATE)
        approval = await here.held()
        with pytest.raises(ApprovalError) as caught:
            await here.approvals.break_glass(approval, person, reason="in a hurry")
        assert caught.value.code == "not-eligible"
        await here.settled()
        assert ask not in here.plane.answers


async def test_a_rule_without_break_glass_has_none(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        with pytest.raises(ApprovalError, match="does not let you"):
            await here.approvals.break_glass(await here.held(), ONCALL, reason="in a hurry")


async def test_who_broke_the_glass_does_not_review_it(tmp_path, mock_clock):
    both = replace(ONCALL, groups=frozenset({"sg-oncall", "sg-dba"}))
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        here.ask(UPDATE)
        approval = await here.held()
        with pytest.raises(ApprovalError, match="nothing that is left"):
            await here.approvals.review(approval, DBA, "too early")
        await here.approvals.break_glass(approval, both, reason="checkout is down")
        for reviewer in (both, STRANGER, AGENT):
            with pytest.raises(ApprovalError) as caught:
                await here.approvals.review(approval, reviewer, "fine")
            assert caught.value.code == "not-eligible"
        assert (await here.approvals.find(approval)).needs_review


async def test_a_broken_glass_lets_one_statement_through_whatever_the_scope(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(replace(TERMS, scope="session", grant_s=3600))
        here.ask(UPDATE)
        await here.approvals.break_glass(await here.held(), ONCALL, reason="checkout is down")
        await here.settled()
        ask = here.ask(UPDATE)
        await here.settled()
        assert ask in here.plane.held


# Quorum


async def test_one_denial_ends_a_quorum_in_the_making(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        ask = here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, DBA)
        await here.approvals.deny(approval, OTHER_DBA, reason="no")
        await here.settled()
        assert here.plane.answers[ask][0] == "deny"
        with pytest.raises(ApprovalError, match="denied"):
            await here.approvals.approve(approval, DBA)


async def test_who_approved_may_still_deny(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, DBA)
        denied = await here.approvals.deny(approval, DBA, reason="on second thoughts")
        assert [(vote.approver, vote.vote) for vote in denied.votes] == [(DBA.key, "deny")]


async def test_many_votes_at_once_close_a_request_once(tmp_path, mock_clock):
    """Ten people approve and one denies at the same moment: it is closed once, and one of the two it is."""
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        ask = here.ask(UPDATE)
        approval = await here.held()
        people = [replace(DBA, object_id=f"dba-{number}") for number in range(11)]

        async def vote(person, cast):
            try:
                await cast(approval, person)
            except ApprovalError as error:
                assert error.code == "closed"  # noqa: PT017, coming too late is the only way to fail

        async with trio.open_nursery() as nursery:
            nursery.start_soon(vote, people[0], here.approvals.deny)
            for person in people[1:]:
                nursery.start_soon(vote, person, here.approvals.approve)
        await here.settled()
        found = await here.approvals.find(approval)
        wanted = {"approved": "allow", "denied": "deny"}[found.state.value]
        assert here.plane.answers[ask][0] == wanted
        if found.state.value == "approved":
            assert len(found.votes) == 2


async def test_expiry_and_approval_at_once_leave_one_final_state(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        mock_clock.jump(899.999)

        async def approve():
            try:
                await here.approvals.approve(approval, DBA)
            except ApprovalError as error:
                assert error.code == "closed"  # noqa: PT017

        async with trio.open_nursery() as nursery:
            nursery.start_soon(approve)
            mock_clock.jump(0.002)
        await here.settled()
        state = await here.state(approval)
        assert here.plane.answers[ask][0] == {"approved": "allow", "expired": "deny"}[state]
