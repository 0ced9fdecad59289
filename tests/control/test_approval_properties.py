"""In whatever order agents, people, clocks and policies act, nothing runs more often than was let through."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.approvals.request import State
from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms, People
from tests.control.simulation import DBA, OTHER_DBA, START_S, STRANGER, require_approval, world

ONCALL = replace(STRANGER, object_id="oncall-1", groups=frozenset({"sg-oncall"}))
TERMS = ApprovalTerms(
    approver_groups=frozenset({"sg-dba"}),
    quorum=2,
    expires_s=100,
    break_glass=People(groups=frozenset({"sg-oncall"})),
)
STATEMENTS = ("UPDATE a SET x = 1", "SHAPE a SET x = 1", "SHAPE a SET x = 2", "RETURN a SET x = 1")
PEOPLE = {
    "approve": ((DBA, OTHER_DBA), (DBA, OTHER_DBA), (DBA,), (STRANGER,)),
    "deny": ((DBA,), (STRANGER,)),
    "break_glass": ((ONCALL,), (STRANGER,)),
}
"""Who votes, one after the other."""

number = st.integers(0, 5)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.tuples(st.sampled_from(STATEMENTS), st.integers(1, 3), st.booleans())),
        st.tuples(st.just("withdraw"), number),
        st.tuples(st.sampled_from(sorted(PEOPLE)), st.tuples(number, number)),
        st.tuples(st.just("jump"), st.sampled_from([0.5, 60.0, 101.0])),
        st.tuples(st.just("publish"), st.sampled_from(["v1", "v2"])),
        st.tuples(st.just("settle"), st.none()),
    ),
    min_size=3,
    max_size=25,
)


@given(actions)
@settings(max_examples=40, deadline=None)
def test_nothing_runs_more_often_than_people_let_it(steps):
    clock = trio.testing.MockClock()
    with tempfile.TemporaryDirectory() as folder:
        trio.run(played, steps, Path(folder), clock, clock=clock)


async def played(steps, folder, clock):
    async with world(folder) as here:
        here.policy["UPDATE"] = require_approval(TERMS)
        here.policy["SHAPE"] = require_approval(replace(TERMS, scope="shape", grant_s=200, grant_uses=2))
        here.policy["RETURN"] = require_approval(replace(TERMS, mode="return", grant_s=200, grant_uses=1))
        asks = []
        async with trio.open_nursery() as nursery:
            for kind, what in steps:
                await played_one(here, nursery, clock, asks, kind, what)
        await here.settled()
        clock.jump(101)
        await here.approvals._close_all(State.EXPIRED, "nobody decided in time", due=True)
        await here.settled()
        await checked(here, asks)


async def played_one(here, nursery, clock, asks, kind, what):
    if kind == "ask":
        text, times, wait = what
        asks += [here.ask(text) for _ in range(times)]
        if wait:
            await here.settled()
    elif kind == "withdraw" and what < len(asks):
        here.withdraw(asks[what])
    elif kind == "jump":
        clock.jump(what)
    elif kind == "publish":
        here.publish(what)
        nursery.start_soon(here.approvals.void, what)
        nursery.start_soon(here.grants.void, what)
    elif kind == "settle":
        await here.settled()
    elif kind in PEOPLE:
        nursery.start_soon(voted, here, kind, *what)


async def voted(here, kind, which, who):
    found = await here.approvals.newest(State.REQUESTED) or await here.approvals.newest()
    for person in PEOPLE[kind][who % len(PEOPLE[kind])] if found else ():
        name = found[which % len(found)].request.id
        signed_in = replace(person, signed_in_at=START_S + trio.current_time())
        try:
            after = await getattr(here.approvals, kind)(name, signed_in, reason="because")
        except ApprovalError as error:
            assert error.code in {"closed", "not-eligible"}  # noqa: PT017, both are right, nothing else is
        else:
            assert person is not STRANGER
            assert after.votes


async def checked(here, asks):
    waiting = [ask for ask in asks if ask in here.plane.open_asks]
    assert not waiting, "every statement was answered or withdrawn"
    allowed = Counter(
        verdict["approval"] for effect, verdict in here.plane.answers.values() if effect == "allow"
    )
    grants = {grant.approval: grant for grant in await here.grants.newest()}
    for one in await here.approvals.newest():
        name, votes = one.request.id, [vote.vote for vote in one.votes]
        assert one.state.value != "requested"
        if allowed[name]:
            assert one.lets_through
            assert one.used_ms is not None
        if one.state.value == "approved":
            assert votes == ["approve", "approve"]
        if one.state.value == "denied":
            assert votes[-1] == "deny" or "deny" in votes
        grant = grants.pop(name, None)
        if grant is None:
            assert allowed[name] <= 1
        else:
            assert one.lets_through
            assert grant.uses == allowed[name] <= grant.uses_max
    assert not grants
    assert not here.session.waits
