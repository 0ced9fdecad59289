"""What an approval is good for: once, a statement, a shape, a session; until a time, a count or an end."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median

import pytest
import trio

from narrows.approvals import grant_records
from narrows.approvals.grant import Grant
from narrows.errors import ApprovalError, StoreError
from narrows.model import ApprovalTerms
from narrows.store import decisions, open_store
from tests.control.simulation import AGENT, DBA, OTHER_DBA, require_approval, world

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"
OTHER_VALUES = "UPDATE orders SET status = 'refunded' WHERE id = 8"
OTHER_SHAPE = "UPDATE orders SET status = 'refunded' WHERE customer = 8"


def terms(scope="statement", *, uses=0, lasts_s=3600, **others):
    return ApprovalTerms(
        approver_groups=frozenset({"sg-dba"}),
        scope=scope,
        grant_s=lasts_s,
        grant_uses=uses,
        expires_s=900,
        **others,
    )


async def approved(here, text, **fields):
    """A statement that is asked about, approved and released."""
    ask = here.ask(text, **fields)
    await here.approvals.approve(await here.held(), DBA)
    await here.settled()
    assert here.plane.answers[ask][0] == "allow"
    return ask


async def answer(here, text, **fields):
    """How a statement is answered: `allow`, `deny`, or `held` when people are asked; then it is cancelled."""
    ask = here.ask(text, **fields)
    await here.settled()
    if ask not in here.plane.answers:
        here.withdraw(ask)
        await here.settled()
        return "held"
    return here.plane.answers[ask][0]


@pytest.mark.parametrize(
    ("scope", "same", "values", "shape"),
    [
        ("statement", "allow", "held", "held"),
        ("shape", "allow", "allow", "held"),
        ("session", "allow", "allow", "allow"),
    ],
)
async def test_a_grant_answers_what_its_scope_covers(tmp_path, mock_clock, scope, same, values, shape):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(scope))
        await approved(here, UPDATE)
        assert await answer(here, UPDATE) == same
        assert await answer(here, OTHER_VALUES) == values
        assert await answer(here, OTHER_SHAPE) == shape


@pytest.mark.parametrize("scope", ["statement", "shape", "session"])
async def test_a_grant_covers_no_other_agent_target_or_rule(tmp_path, mock_clock, scope):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(scope))
        await approved(here, UPDATE)
        session = here.session
        for other in (
            replace(session, principal=replace(AGENT, object_id="agent-2")),
            replace(session, target=replace(session.target, name="other-db")),
            replace(session, database="other"),
        ):
            here.session = other
            assert await answer(here, UPDATE) == "held"
        here.session = session
        here.policy["UPDATE"] = replace(here.policy["UPDATE"], rule="another-rule")
        assert await answer(here, UPDATE) == "held"


async def test_a_sessions_grant_ends_with_the_session(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("session"))
        await approved(here, UPDATE)
        here.session = replace(here.session, id=8, name="8")
        assert await answer(here, UPDATE) == "held"


async def test_a_shape_does_not_cover_other_parameter_types(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("shape"))
        text = "UPDATE orders SET status = $1"
        await approved(here, text, phase="bind", parameter_types=(23,), parameters=((0, b"1"),))
        ints = {"phase": "bind", "parameter_types": (23,), "parameters": ((0, b"2"),)}
        texts = {"phase": "bind", "parameter_types": (25,), "parameters": ((0, b"2"),)}
        assert await answer(here, text, **ints) == "allow"
        assert await answer(here, text, **texts) == "held"


async def test_a_grant_is_used_as_often_as_it_may_be(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(uses=2))
        await approved(here, UPDATE)
        assert await answer(here, UPDATE) == "allow"
        assert await answer(here, UPDATE) == "held"
        (grant,) = await here.grants.newest()
        assert (grant.uses, grant.uses_max, here.grants.standing(grant)) == (2, 2, "used-up")


async def test_two_statements_at_once_do_not_share_the_last_use(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(uses=2))
        await approved(here, UPDATE)
        asks = [here.ask(UPDATE), here.ask(UPDATE)]
        await here.settled()
        assert sorted(here.plane.answers[ask][0] for ask in asks if ask in here.plane.answers) == ["allow"]


async def test_a_grant_ends_at_its_time(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(lasts_s=60))
        await approved(here, UPDATE)
        mock_clock.jump(59)
        assert await answer(here, UPDATE) == "allow"
        mock_clock.jump(2)
        assert await answer(here, UPDATE) == "held"


async def test_a_revoked_grant_lets_nothing_through(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms())
        await approved(here, UPDATE)
        (grant,) = await here.grants.newest(live_only=True)
        revoked = await here.grants.revoke(grant.id, OTHER_DBA, reason="too early")
        assert (revoked.revoked_by, here.grants.standing(revoked)) == (OTHER_DBA.key, "revoked")
        assert await here.grants.revoke(grant.id, DBA) == revoked
        assert await here.grants.newest(live_only=True) == []
        assert await answer(here, UPDATE) == "held"
        with pytest.raises(ApprovalError, match="no grant"):
            await here.grants.revoke("grt_nosuchone1", DBA)


async def test_another_policy_finds_no_earlier_grant(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("session"))
        await approved(here, UPDATE)
        here.publish("v2")
        assert await answer(here, UPDATE) == "held"
        assert await here.grants.void("v2") == 1
        here.publish("v1")
        assert await answer(here, UPDATE) == "held", "what was voided stays void"


async def test_a_use_that_released_nothing_is_given_back(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(uses=2))
        await approved(here, UPDATE)
        ask = here.ask(UPDATE)
        here.plane.open_asks.discard(ask)  # the agent hung up while the grant was looked for
        await here.settled()
        (grant,) = await here.grants.newest()
        assert grant.uses == 1


async def test_every_use_is_in_the_audit_log_with_who_approved(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("shape"))
        await approved(here, UPDATE)
        await answer(here, OTHER_VALUES)
        await here.audit.flush()
        rows = here.store.run_here(decisions.of_session, 7)
        assert [(row.effect, row.text, row.approver) for row in rows] == [
            ("require-approval", UPDATE, None),
            ("release", UPDATE, DBA.key),
            ("release", OTHER_VALUES, DBA.key),
        ]


async def test_nothing_is_released_that_cannot_be_noted(tmp_path, mock_clock, monkeypatch):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(uses=2))
        await approved(here, UPDATE)
        monkeypatch.setattr(type(here.audit), "has_room", False)
        ask = here.ask(UPDATE)
        await here.settled()
        effect, verdict = here.plane.answers[ask]
        assert (effect, verdict["rule"]) == ("deny", "audit-behind")
        (grant,) = await here.grants.newest()
        assert grant.uses == 1


async def test_an_approval_for_once_makes_no_grant(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        await approved(here, UPDATE)
        assert await here.grants.newest() == []
        assert await answer(here, UPDATE) == "held"


@pytest.mark.long
async def test_a_million_grants_are_looked_up_in_less_than_a_millisecond(tmp_path):
    store = open_store(tmp_path / "narrows.db")

    def fill(connection):
        grant = Grant(
            id="", key="", approval="", principal=AGENT.key, target="orders-db", rule="r", scope="statement",
            session=7, statement=UPDATE, policy_version="v1", granted_by=DBA.key, granted_ms=0,
            expires_ms=10**15,
        )  # fmt: skip
        columns = [getattr(grant, name) for name in Grant.__struct_fields__]
        marks = ",".join("?" * len(columns))
        rows = ([f"g{n}", f"key-{n}", f"apr-{n}", *columns[3:]] for n in range(1_000_000))
        names = ",".join(Grant.__struct_fields__)
        connection.connection.executemany(f"INSERT INTO grants ({names}) VALUES ({marks})", rows)

    store.run_here(fill)
    took_ms = []
    for number in range(2_000):
        started = time.perf_counter()
        assert store.run_here(grant_records.claim, f"no-key-{number}", now_ms=1) is None
        took_ms.append((time.perf_counter() - started) * 1000)
    print(f"{median(took_ms):.3f} ms per lookup among a million grants")
    assert median(took_ms) < 1.0
    assert store.run_here(grant_records.claim, "key-777777", now_ms=1).grant == "g777777"
    store.close()


# Folding


async def test_the_same_operation_asked_twice_is_one_request(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms(uses=5))
        first, second = here.ask(UPDATE), here.ask(UPDATE)
        approval = await here.held()
        await here.approvals.approve(approval, DBA)
        await here.settled()
        assert [here.plane.answers[ask][0] for ask in (first, second)] == ["allow", "allow"]
        assert len(await here.approvals.newest()) == 1
        (grant,) = await here.grants.newest()
        assert grant.uses == 2


async def test_of_two_that_wait_for_one_approval_of_once_only_one_runs(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        asks = [here.ask(UPDATE), here.ask(UPDATE)]
        await here.approvals.approve(await here.held(), DBA)
        await here.settled()
        effects = sorted(here.plane.answers[ask][0] for ask in asks)
        assert effects == ["allow", "deny"]
        denied = next(verdict for effect, verdict in here.plane.answers.values() if effect == "deny")
        assert "has let through" in denied["reason"]


async def test_a_request_lives_as_long_as_someone_waits_for_it(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        first, second = here.ask(UPDATE), here.ask(UPDATE)
        approval = await here.held()
        here.withdraw(first)
        await here.settled()
        assert await here.state(approval) == "requested"
        here.withdraw(second)
        await here.settled()
        assert await here.state(approval) == "withdrawn"
        assert await answer(here, UPDATE) == "held"
        assert len(await here.approvals.newest()) == 2, "what was withdrawn is asked for anew"


async def test_one_yes_answers_everything_that_waits_for_what_it_covers(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("shape"))
        asks = [here.ask(UPDATE), here.ask(OTHER_VALUES), here.ask(OTHER_SHAPE)]
        await here.settled()
        first = next(
            one for one in await here.approvals.newest() if one.request.document["statement"] == UPDATE
        )
        await here.approvals.approve(first.request.id, DBA)
        await here.settled()
        assert [here.plane.answers.get(ask, ("held",))[0] for ask in asks] == ["allow", "allow", "held"]
        reasons = [
            one.close_reason for one in await here.approvals.newest() if one.state.value == "withdrawn"
        ]
        assert reasons == [f"approval {first.request.id} covers it too"]
        (grant,) = await here.grants.newest()
        assert grant.uses == 2


async def test_a_store_that_goes_away_while_people_decide_fails_closed(tmp_path, mock_clock, monkeypatch):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE)
        await here.held()

        async def gone(*_args, **_kwargs):
            raise StoreError("the store cannot be read or written: disk I/O error")

        with monkeypatch.context() as broken:
            broken.setattr(here.store, "run", gone)
            mock_clock.jump(901)
            await trio.testing.wait_all_tasks_blocked()
            effect, verdict = here.plane.answers[ask]
            assert (effect, verdict["rule"]) == ("deny", "not-decidable")
            assert "store" in verdict["reason"]


async def test_a_sessions_scope_is_asked_for_in_each_session(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("session"))
        here.ask(UPDATE)
        here.session = replace(here.session, id=8, name="8")
        here.ask(UPDATE)
        await here.settled()
        assert len(await here.approvals.newest()) == 2


# Limits


async def test_an_agent_that_loops_is_told_to_stop(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        for number in range(30):
            assert await answer(here, f"UPDATE t SET a = {number}") == "held"
        ask = here.ask("UPDATE t SET a = 30")
        await here.settled()
        effect, verdict = here.plane.answers[ask]
        assert (effect, verdict["rule"]) == ("deny", "approval-limit")
        assert "requests-per-minute-max = 30" in verdict["reason"]
        mock_clock.jump(61)
        assert await answer(here, "UPDATE t SET a = 31") == "held"


async def test_only_so_many_requests_of_one_agent_wait(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        for number in range(20):
            here.ask(f"UPDATE t SET a = {number}")
            await here.settled()
        ask = here.ask("UPDATE t SET a = 20")
        await here.settled()
        assert "pending-max = 20" in here.plane.answers[ask][1]["reason"]
        again = here.ask("UPDATE t SET a = 3")
        await here.settled()
        assert again in here.plane.held, "joining a request that waits asks nobody anything new"


async def test_in_a_transaction_people_have_less_time(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask(UPDATE, transaction="open")
        found = await here.approvals.find(await here.held())
        assert found.request.expires_ms - found.request.requested_ms == 300_000
        assert "Locks" in here.plane.held[ask]["detail"]


# mode = "return"


async def test_a_returned_statement_passes_once_after_its_approval(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("once", uses=1, lasts_s=300, mode="return"))
        first = here.ask(UPDATE)
        approval = await here.held()
        effect, verdict = here.plane.answers[first]
        assert effect == "deny"
        assert approval in verdict["reason"]
        assert await answer(here, UPDATE) == "deny"
        assert len(await here.approvals.newest()) == 1, "asking again while it waits asks nobody again"
        here.end_session()
        assert await here.state(approval) == "requested", "nobody has to wait for it"
        await here.approvals.approve(approval, DBA)
        assert await answer(here, OTHER_VALUES) == "deny"
        assert await answer(here, UPDATE) == "allow"
        assert await answer(here, UPDATE) == "deny"
        assert (await here.approvals.find(approval)).used_ms is not None


async def test_a_returned_statement_learns_of_a_denial(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("once", uses=1, lasts_s=300, mode="return"))
        here.ask(UPDATE)
        await here.approvals.deny(await here.held(), DBA, reason="not this one")
        ask = here.ask(UPDATE)
        await here.settled()
        assert "not this one" in here.plane.answers[ask][1]["reason"]


async def test_a_returned_request_expires_by_itself(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("once", uses=1, lasts_s=300, mode="return"))
        here.ask(UPDATE)
        approval = await here.held()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(here.approvals.keep_expiring)
            await here.settled()
            mock_clock.jump(901)
            await here.settled()
            nursery.cancel_scope.cancel()
        assert await here.state(approval) == "expired"
        here.ask(UPDATE)
        assert await here.held() != approval


async def test_an_approved_returned_statement_that_comes_too_late_is_asked_about_again(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("once", uses=1, lasts_s=300, mode="return"))
        here.ask(UPDATE)
        await here.approvals.approve(await here.held(), DBA)
        mock_clock.jump(301)
        assert await answer(here, UPDATE) == "deny"
        assert len(await here.approvals.newest()) == 2


async def test_another_policy_voids_what_was_returned(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.policy["UPDATE"] = require_approval(terms("once", uses=1, lasts_s=300, mode="return"))
        here.ask(UPDATE)
        approval = await here.held()
        assert await here.approvals.withdraw_held("gateway restarted") == 0, "a restart leaves it open"
        assert await here.approvals.void("v1") == 0
        assert await here.approvals.void("v2") == 1
        with pytest.raises(ApprovalError, match="policy changed"):
            await here.approvals.approve(approval, DBA)
