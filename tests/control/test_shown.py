"""A yes is for what the approver was shown, the preview with it; what is released is compared by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narrows.approvals import records
from narrows.approvals.notify.message import message_of
from narrows.approvals.request import Vote
from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms, People
from tests.control.simulation import DBA, OTHER_DBA, TERMS, require_approval, world
from tests.control.test_announcements import chatting, signed_button  # noqa: F401, a fixture
from tests.control.test_api import api, bearer

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"
ONE = {"relation": "public.orders", "rows": 1, "sample": [{"id": "7"}]}
WITH_GLASS = replace(TERMS, break_glass=People(groups=frozenset({"sg-dba"})))
MANY = {"relation": "public.orders", "rows": 10_000, "more": True, "sample": []}


async def shown(here, approval):
    return (await here.approvals.find(approval)).shown_digest


@pytest.mark.parametrize("before", [None, ONE])
@pytest.mark.parametrize("vote", ["approve", "break_glass"])
async def test_a_preview_that_came_late_refuses_a_yes_and_asks_to_look_again(
    tmp_path, mock_clock, before, vote
):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(WITH_GLASS)
        ask = here.ask(UPDATE)
        approval = await here.held()
        if before is not None:
            await here.approvals.describe(approval, before)
        stale = await shown(here, approval)
        await here.approvals.describe(approval, MANY)
        decide = getattr(here.approvals, vote)
        with pytest.raises(ApprovalError, match="has changed since you looked") as caught:
            await decide(approval, DBA, digest=stale, reason="now")
        assert caught.value.code == "digest-mismatch"
        assert await here.state(approval) == "requested"
        assert ask not in here.plane.answers
        seen = await shown(here, approval)
        assert (await here.approvals.approve(approval, DBA, digest=seen[:12])).state.value == "approved"
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"


async def test_a_preview_between_looking_and_voting_is_found_by_the_store(tmp_path, mock_clock):
    """The vote is compared where it is counted, so nothing fits between the two."""
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        found = await here.approvals.find(await here.held())
        vote = Vote(approver="a", name="", vote="approve", reason="", time_ms=1, digest=found.shown_digest)
        await here.approvals.describe(found.request.id, ONE)
        with pytest.raises(ApprovalError, match="look again"):
            await here.store.run(records.cast, found.request, vote)
        assert (await here.approvals.find(found.request.id)).votes == ()


async def test_a_denial_is_taken_whatever_was_seen(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        approval = await here.held()
        stale = await shown(here, approval)
        await here.approvals.describe(approval, MANY)
        assert (await here.approvals.deny(approval, DBA, digest=stale)).state.value == "denied"
        await here.settled()
        assert here.plane.answers[ask][0] == "deny"


async def test_each_vote_keeps_what_it_was_for(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        terms = ApprovalTerms(approver_groups=frozenset({"sg-dba"}), quorum=2)
        here.policy["UPDATE"] = require_approval(terms)
        here.ask(UPDATE)
        approval = await here.held()
        first = await shown(here, approval)
        await here.approvals.approve(approval, DBA, digest=first)
        await here.approvals.describe(approval, ONE)
        second = await shown(here, approval)
        await here.approvals.approve(approval, OTHER_DBA, digest=second)
        found = await here.approvals.find(approval)
        assert [vote.digest for vote in found.votes] == [first, second]
        assert first != second
        assert first == found.request.digest, "where there is no preview, the document is all there is"


async def test_what_comes_after_the_decision_is_not_what_was_shown(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.ask(UPDATE)
        approval = await here.held()
        seen = await shown(here, approval)
        await here.approvals.approve(approval, DBA, digest=seen)
        await here.approvals.describe(approval, MANY)
        found = await here.approvals.find(approval)
        assert (found.preview, found.shown_digest) == (None, seen)
        assert (await here.approvals.approve(approval, DBA, digest=seen)).state.value == "approved"


async def test_the_api_shows_both_digests_and_refuses_the_stale_one(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        here.ask(UPDATE)
        approval = await here.held()
        path, headers = f"/v1/approvals/{approval}", bearer("dba")
        stale = (await client.get(path, headers=headers)).json()
        await here.approvals.describe(approval, ONE)
        fresh = (await client.get(path, headers=headers)).json()
        assert stale["digest"] != fresh["digest"]
        assert stale["operation_digest"] == fresh["operation_digest"]
        sent = [{"digest": one} for one in (stale["digest"], fresh["operation_digest"], fresh["digest"][:8])]
        answers = [await client.post(f"{path}/approve", headers=headers, json=body) for body in sent]
        assert [answer.status_code for answer in answers] == [409, 409, 200]
        assert "has changed since you looked" in answers[0].json()["message"]
        assert answers[-1].json()["votes"][0]["digest"] == fresh["digest"][:8]


async def test_a_button_is_for_the_message_that_it_was_in(tmp_path, mock_clock, chatting):  # noqa: F811
    async with api(tmp_path) as (client, here, _):
        chatting(client, here)
        here.ask(UPDATE)
        approval = await here.held()
        buttons = []
        for preview in (ONE, MANY):
            await here.approvals.describe(approval, preview)
            told = message_of(await here.approvals.find(approval), "")
            buttons.append(signed_button("approve", approval, told.digest))
        stale, fresh = [await client.post("/v1/notifiers/dba/slack", **one) for one in buttons]
        assert "has changed since you looked" in stale.json()["text"]
        assert "is approved" in fresh.json()["text"]
