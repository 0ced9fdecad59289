"""What needs a fresh, strong sign-in does not go without one, whichever way it comes in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narrows.approvals.sign_in import FRESH_MAX_S, LEEWAY_S, check_sign_in
from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms, People
from tests.control.simulation import DBA, START_S, require_approval, world

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"
FRESH = ApprovalTerms(
    approver_groups=frozenset({"sg-dba"}), expires_s=3_600, fresh_sign_in=True,
    break_glass=People(groups=frozenset({"sg-dba"})),
)  # fmt: skip


@pytest.mark.parametrize("signed_in_at", [0, START_S - FRESH_MAX_S - 1, START_S + LEEWAY_S + 5])
async def test_an_approval_needs_a_sign_in_of_just_now_and_a_denial_does_not(
    tmp_path, mock_clock, signed_in_at
):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(FRESH)
        here.ask(UPDATE)
        approval = await here.held()
        stale = replace(DBA, signed_in_at=signed_in_at)
        for vote in (here.approvals.approve, here.approvals.break_glass):
            with pytest.raises(ApprovalError) as caught:
                await vote(approval, stale, reason="because")
            assert caught.value.code == "sign-in-needed"
        assert await here.state(approval) == "requested"
        await here.approvals.deny(approval, stale)
        assert await here.state(approval) == "denied"


async def test_a_sign_in_of_just_now_approves(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(FRESH)
        ask = here.ask(UPDATE)
        await here.approvals.approve(await here.held(), DBA)
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"


async def test_a_rule_that_does_not_ask_takes_any_sign_in(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, replace(DBA, signed_in_at=0))
        assert await here.state(approval) == "approved"


async def test_the_glass_is_never_broken_without_one(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(replace(FRESH, fresh_sign_in=False))
        here.ask(UPDATE)
        approval = await here.held()
        with pytest.raises(ApprovalError) as caught:
            await here.approvals.break_glass(approval, replace(DBA, signed_in_at=0), reason="down")
        assert caught.value.code == "sign-in-needed"


@pytest.mark.parametrize("methods", [{"mfa"}, {"pwd", "c1"}])
def test_where_methods_are_named_one_of_them_was_used(methods):
    check_sign_in(replace(DBA, methods=frozenset(methods)), frozenset({"mfa", "c1"}), now_s=START_S)


@pytest.mark.parametrize("methods", [{"pwd"}, set()])
def test_where_methods_are_named_no_other_will_do(methods):
    with pytest.raises(ApprovalError) as caught:
        check_sign_in(replace(DBA, methods=frozenset(methods)), frozenset({"mfa", "c1"}), now_s=START_S)
    assert caught.value.code == "sign-in-weak"


async def test_who_owns_an_agent_approves_only_where_the_rule_says_so(tmp_path, mock_clock):
    owner = replace(DBA, object_id="owner-1")
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        with pytest.raises(ApprovalError, match="you own the agent"):
            await here.approvals.approve(await here.held(), owner)
        here.publish("v2", UPDATE=require_approval(replace(FRESH, owners_approve=True)))
        await here.settled()
        ask = here.ask(UPDATE)
        await here.approvals.approve(await here.held(), owner)
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"
