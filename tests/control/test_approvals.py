"""The life of an approval request, with people, clocks and hang-ups that come at the worst moment."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import trio

from narrows.approvals.digest import digest_of, document_of
from narrows.approvals.eligibility import objection
from narrows.approvals.lifecycle import Approvals
from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms, Parameter, Statement
from narrows.store import decisions, open_store
from tests.control.simulation import (
    AGENT,
    CONSOLE,
    DBA,
    OTHER_DBA,
    STRANGER,
    allow,
    require_approval,
    world,
)

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"


async def test_a_held_statement_tells_the_agent_and_runs_once_approved(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        told = here.plane.held[ask]
        assert approval in told["message"]
        assert f"open {CONSOLE}/approvals/{approval} or run: narrows approvals approve" in told["hint"]
        assert "(within 15 min)" in told["hint"]
        assert ask not in here.plane.answers
        await here.approvals.approve(approval, DBA)
        await here.settled()
        effect, verdict = here.plane.answers[ask]
        assert effect == "allow"
        assert verdict["approval"] == approval
        assert verdict["reusable"] is False
        assert (await here.approvals.find(approval)).used_ms is not None
        assert json.loads(here.plane.recorded[0])["by"] == DBA.key


async def test_a_denial_by_people_reaches_the_agent_with_their_reason(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        await here.approvals.deny(await here.held(), DBA, reason="not this one")
        await here.settled()
        effect, verdict = here.plane.answers[ask]
        assert effect == "deny"
        assert verdict["rule"] == "refunds-need-a-person"
        assert "Dana" in verdict["reason"]
        assert "not this one" in verdict["reason"]


async def test_a_request_that_nobody_decides_expires_and_is_denied(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        mock_clock.jump(901)
        await here.settled()
        assert here.plane.answers[ask][0] == "deny"
        assert await here.state(approval) == "expired"
        with pytest.raises(ApprovalError, match="expired"):
            await here.approvals.approve(approval, DBA)


async def test_a_cancelled_statement_withdraws_its_request(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        here.withdraw(ask)
        await here.settled()
        found = await here.approvals.find(approval)
        assert found.state.value == "withdrawn"
        assert found.close_reason == "the agent cancelled the statement"
        with pytest.raises(ApprovalError, match="withdrawn"):
            await here.approvals.approve(approval, DBA)
        assert ask not in here.plane.answers


async def test_the_end_of_the_session_withdraws_its_requests(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        here.session.nursery.cancel_scope.cancel()
        await here.settled()
        assert await here.state(approval) == "withdrawn"


async def test_withdrawal_and_approval_at_once_leave_one_final_state(tmp_path, mock_clock):
    """Whichever the store saw first stands, and a statement that nobody waits for is not marked as run."""
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_approve_if_possible, here.approvals, approval)
            here.withdraw(ask)
        await here.settled()
        found = await here.approvals.find(approval)
        assert found.state.value in {"approved", "withdrawn"}
        assert found.used_ms is None
        assert ask not in here.plane.answers


async def test_a_restart_withdraws_what_was_pending(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        store = open_store(tmp_path / "narrows.db")  # the same file, as the next process finds it
        after = Approvals(store)
        assert await after.withdraw_held("gateway restarted") == 1
        found = await after.find(approval)
        assert (found.state.value, found.close_reason) == ("withdrawn", "gateway restarted")
        with pytest.raises(ApprovalError, match="gateway restarted"):
            await after.approve(approval, DBA)
        store.close()


async def test_a_new_policy_voids_what_waits(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        here.publish("v2")
        await here.settled()
        effect, verdict = here.plane.answers[ask]
        assert (effect, verdict["rule"]) == ("deny", "approval-void")
        assert "policy changed" in verdict["reason"]
        assert await here.state(approval) == "withdrawn"


async def test_an_approval_is_void_when_policy_moved_between_vote_and_release(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        here.version = "v2"  # as if the policy had moved while the vote was being counted
        await here.approvals.approve(approval, DBA)
        await here.settled()
        effect, verdict = here.plane.answers[ask]
        assert (effect, verdict["rule"]) == ("deny", "approval-void")
        assert (await here.approvals.find(approval)).used_ms is None


async def test_not_even_a_policy_that_now_allows_releases_an_old_approval(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        here.policy["UPDATE"] = allow()
        await here.approvals.approve(approval, DBA)
        await here.settled()
        assert here.plane.answers[ask][0] == "deny"


async def test_two_approvers_who_agree_are_one_approval(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, DBA)
        again = await here.approvals.approve(approval, OTHER_DBA)
        assert [vote.approver for vote in again.votes] == [DBA.key]
        assert (await here.approvals.approve(approval, DBA)).state.value == "approved"


async def test_of_two_approvers_who_disagree_the_first_counts(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.deny(approval, OTHER_DBA)
        with pytest.raises(ApprovalError, match="denied"):
            await here.approvals.approve(approval, DBA)
        await here.settled()
        assert here.plane.answers[ask][0] == "deny"


async def test_a_quorum_of_two_takes_two_people(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(
            ApprovalTerms(approver_groups=frozenset({"sg-dba"}), quorum=2, expires_s=60)
        )
        ask = here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, DBA)
        assert (await here.approvals.approve(approval, DBA)).state.value == "requested"
        await here.settled()
        assert ask not in here.plane.answers
        await here.approvals.approve(approval, OTHER_DBA)
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"


@pytest.mark.parametrize(
    ("approver", "why"),
    [
        (replace(AGENT, groups=frozenset({"sg-dba"})), "yourself"),
        (replace(DBA, object_id="owner-1"), "own the agent"),
        (STRANGER, "does not name you"),
        (replace(DBA, groups=frozenset()), "does not name you"),
        (replace(AGENT, object_id="agent-2", groups=frozenset({"sg-dba"})), "lets people decide"),
    ],
    ids=["requester", "owner", "wrong group", "no groups", "another agent in the group"],
)
async def test_who_may_not_decide_changes_nothing(tmp_path, mock_clock, approver, why):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        for vote in (here.approvals.approve, here.approvals.deny):
            with pytest.raises(ApprovalError, match=why) as caught:
                await vote(approval, approver)
            assert caught.value.code == "not-eligible"
        await here.settled()
        assert await here.state(approval) == "requested"
        assert ask not in here.plane.answers


async def test_a_rule_may_name_a_workload_by_its_object_id(tmp_path, mock_clock):
    robot = replace(AGENT, object_id="robot-1")
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(ApprovalTerms(approver_objects=frozenset({"robot-1"})))
        here.ask(UPDATE)
        found = await here.approvals.find(await here.held())
        assert objection(found.request, robot) == ""
        assert objection(found.request, AGENT)


async def test_a_digest_that_is_not_the_requests_is_refused(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        digest = (await here.approvals.find(approval)).request.digest
        with pytest.raises(ApprovalError) as caught:
            await here.approvals.approve(approval, DBA, digest="0" * 64)
        assert caught.value.code == "digest-mismatch"
        assert (await here.approvals.approve(approval, DBA, digest=digest[:12])).state.value == "approved"


async def test_an_unknown_request_is_not_found(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        with pytest.raises(ApprovalError) as caught:
            await here.approvals.approve("apr_nosuchone1", DBA)
        assert caught.value.code == "not-found"


async def test_a_parse_goes_up_and_its_bind_is_held_with_its_parameters(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        parse = here.ask("UPDATE orders SET status = $1", phase="parse")
        effect, verdict = here.plane.answers[parse]
        assert (effect, verdict["ask_at_bind"], verdict["reusable"]) == ("allow", True, False)
        bind = here.ask("UPDATE orders SET status = $1", phase="bind", parameters=((0, b"refunded"),))
        found = await here.approvals.find(await here.held())
        assert bind not in here.plane.answers
        assert found.request.document["parameters"] == [{"format": 0, "value": "refunded"}]


async def test_inside_a_transaction_the_agent_is_told_that_its_locks_stay(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE, transaction="open")
        await here.held()
        assert "Locks" in here.plane.held[ask]["detail"]


async def test_an_ask_that_went_away_before_it_was_held_leaves_no_request_open(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        here.plane.open_asks.discard(ask)
        await here.settled()
        (found,) = await here.approvals.newest()
        assert found.state.value == "withdrawn"


async def test_the_audit_log_tells_who_released_what(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, DBA)
        await here.settled()
        await here.audit.flush()
        rows = here.store.run_here(decisions.of_session, 7)
        assert [(row.effect, row.approval, row.approver) for row in rows] == [
            ("require-approval", approval, None),
            ("release", approval, DBA.key),
        ]
        assert {row.text for row in rows} == {UPDATE}


def test_the_digest_moves_with_everything_that_matters():
    statement = Statement(UPDATE, parameters=(Parameter(0, b"7"),))
    decision = replace(require_approval(), policy_version="v1")

    def digest(**changes):
        return digest_of(
            document_of(
                changes.get("principal", AGENT),
                changes.get("target", "orders-db"),
                changes.get("database", "orders"),
                changes.get("statement", statement),
                changes.get("decision", decision),
            )
        )

    others = [
        digest(principal=replace(AGENT, object_id="agent-2")),
        digest(target="other-db"),
        digest(database="other"),
        digest(statement=replace(statement, text=UPDATE + " ")),
        digest(statement=replace(statement, parameters=(Parameter(0, b"8"),))),
        digest(statement=replace(statement, parameters=(Parameter(1, b"7"),))),
        digest(statement=replace(statement, parameters=(Parameter(0, None),))),
        digest(statement=replace(statement, parameters=(Parameter(0, b"x" * 2000),))),
        digest(statement=replace(statement, parameters=(Parameter(0, b"y" * 2000),))),
        digest(statement=replace(statement, parameter_types=(23,))),
        digest(statement=replace(statement, transaction="open")),
        digest(decision=replace(decision, policy_version="v2")),
        digest(decision=replace(decision, rule="another")),
    ]
    assert len({digest(), *others}) == len(others) + 1
    assert digest() == digest()


async def _approve_if_possible(approvals, approval):
    try:
        await approvals.approve(approval, DBA)
    except ApprovalError as error:
        assert error.code == "closed"  # noqa: PT017, either outcome is right, nothing else is


async def test_an_approval_is_void_where_the_session_has_set_something_else(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(
            ApprovalTerms(approver_groups=frozenset({"sg-dba"}), mode="return", grant_s=300.0, grant_uses=1)
        )
        here.ask(UPDATE)
        await here.approvals.approve(await here.held(), DBA)
        here.settings = {"changes": 1, "statements": ["set search_path = other"]}
        elsewhere = here.ask(UPDATE)
        await here.settled()
        assert here.plane.answers[elsewhere][0] == "deny"
        here.settings = {}
        same = here.ask(UPDATE)
        await here.settled()
        assert here.plane.answers[same][0] == "allow"
