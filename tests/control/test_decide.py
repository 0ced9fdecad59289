"""Answers that need no people: in place, and refused whenever there is doubt."""

from __future__ import annotations

from narrows.decide.judging import LONG_SIZE
from narrows.model import Decision, Effect
from narrows.store import decisions
from narrows.store.behind import BACKLOG_MAX
from narrows.store.decisions import DecisionRow
from tests.control.simulation import world


async def test_allow_and_deny_are_answered_in_place(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        first = here.ask("SELECT 1")
        second = here.ask("DROP TABLE orders")
        assert here.plane.answers[first] == (
            "allow",
            {
                "rule": "read-orders",
                "approval": None,
                "reusable": True,
                "exposure": "clear",
                "columns": None,
                "copy": None,
                "effects": [],
                "gives": (),
                "reads": (),
                "ask_at_bind": False,
                "rows_max": None,
                "record": "full",
                "policy_epoch": 1,
                "catalogue_epoch": 0,
            },
        )
        effect, verdict = here.plane.answers[second]
        assert effect == "deny"
        assert (verdict["rule"], verdict["hint"], verdict["reusable"]) == ("never-destroy", "ask first", True)


async def test_where_parameters_decide_every_bind_asks_again(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        here.publish("v2", UPDATE=Decision(Effect.ALLOW, "r", "allowed", exposure="clear", ask_at_bind=True))
        for phase, asks in (("parse", True), ("bind", False)):
            effect, verdict = here.plane.answers[here.ask("UPDATE t", phase=phase)]
            assert (effect, verdict["ask_at_bind"], verdict["reusable"]) == ("allow", asks, False)
        here.publish("v3", UPDATE=Decision(Effect.DENY, "masked-data", "a placeholder", ask_at_bind=True))
        effect, verdict = here.plane.answers[here.ask("UPDATE t", phase="bind")]
        assert (effect, verdict["reusable"]) == ("deny", False)


async def test_a_statement_waits_while_the_catalogue_is_stale(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask("SELECT 1", catalogue_epoch=3)
        await here.settled()
        assert ask not in here.plane.answers
        here.catalogues.load(3)
        await here.settled()
        assert here.plane.answers[ask][1]["catalogue_epoch"] == 3


async def test_a_withdrawn_ask_waits_no_longer(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask("SELECT 1", catalogue_epoch=3)
        await here.settled()
        assert ask in here.session.waits
        here.withdraw(ask, "no answer was ready in time")
        await here.settled()
        assert here.session.waits == {}


async def test_a_policy_that_moves_does_not_end_a_wait_for_the_catalogue(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask("SELECT 1", catalogue_epoch=1)
        await here.settled()
        here.publish("v2", SELECT=Decision(Effect.DENY, "closed", "no reading now"))
        here.catalogues.load(1)
        await here.settled()
        assert here.plane.answers[ask][1]["rule"] == "closed"


async def test_a_long_text_is_judged_beside_the_others(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        long = here.ask("SELECT 1" + " " * LONG_SIZE)
        short = here.ask("SELECT 1")
        assert here.plane.answers[short][0] == "allow"
        assert long not in here.plane.answers
        await here.settled()
        assert here.plane.answers[long][0] == "allow"


async def test_a_defect_in_policy_denies_one_statement(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask("EXPLODE")
        assert here.plane.answers[ask][1]["rule"] == "internal-error"
        assert here.plane.answers[here.ask("SELECT 1")][0] == "allow"


async def test_when_the_audit_log_is_too_far_behind_nothing_is_allowed(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        row = DecisionRow(0, 7, "p", "t", "allow", "r", "", "", "SELECT 1", "v1")
        for _ in range(BACKLOG_MAX):
            here.audit.note(row)
        ask = here.ask("SELECT 1")
        assert here.plane.answers[ask][1]["rule"] == "audit-behind"
        await here.audit.flush()
        assert here.plane.answers[here.ask("SELECT 1")][0] == "allow"


async def test_the_audit_log_keeps_the_order_of_decisions(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        for number in range(1200):
            here.ask(f"SELECT {number}")
        await here.audit.flush()
        texts = [row.text for row in here.store.run_here(decisions.of_session, 7)]
        assert texts == [f"SELECT {number}" for number in range(1200)]


async def test_a_withdrawal_in_the_same_batch_leaves_no_request(tmp_path, mock_clock):
    async with world(tmp_path) as here:
        ask = here.ask("UPDATE orders")
        here.withdraw(ask)
        await here.settled()
        assert [one.state.value for one in await here.approvals.newest()] in ([], ["withdrawn"])
        assert here.session.waits == {}
