"""Every operation goes the same way: what each is bound to, and that no protocol is named on the path."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from narrows.approvals.digest import digest_of, document_of
from narrows.decide.people import asked_by
from narrows.model import Command, Decision, Effect, Forward, Target, Transfer
from narrows.seam import Ask, Enforcement, NoCatalogues
from tests.control.simulation import AGENT, DBA, TERMS, world

COMMAND = Command("systemctl restart web", "deploy")
TRANSFER = Transfer("write", ("/srv/app/config",), "deploy")
FORWARD = Forward("10.0.0.9", 5432, "deploy")
OPERATIONS = [COMMAND, TRANSFER, FORWARD]
HELD = Decision(Effect.REQUIRE_APPROVAL, "restarts", "a restart needs a person", approval=TERMS)


class Answers:
    """Keeps what it is told."""

    def __init__(self):
        self.told = []

    def allow(self, ask, decision, **terms):
        self.told.append(("allow", ask, decision.rule, terms["approval"]))
        return True

    def deny(self, ask, decision, *, reusable=False):
        self.told.append(("deny", ask, decision.reason, decision.hint))
        return True

    def hold(self, ask, **terms):
        self.told.append(("hold", ask, terms["hint"]))
        return True

    def record(self, session, document):
        self.told.append(("record", session, json.loads(document)["event"]))
        return True

    def end(self, session, *, reason, hint=""):
        return True


def elsewhere(here, judge, **changes):
    """A session on a target of another protocol, with the same control plane."""
    answers = Answers()
    enforcement = Enforcement(
        answers=answers,
        judge=judge,
        shape_of=lambda operation: operation.document(),
        catalogues=NoCatalogues(),
    )
    target = Target("web", "ssh")
    return answers, replace(here.session, target=target, database="", enforcement=enforcement, **changes)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_what_people_allow_goes_once(tmp_path, mock_clock, operation):
    async with world(tmp_path) as here:
        answers, session = elsewhere(here, lambda *_: HELD)
        here.decider.answer(session, Ask(1, operation))
        approval = await here.held()
        assert answers.told[0][:2] == ("hold", 1)
        assert f"Cancel the {operation.kind}" in answers.told[0][2]
        await here.approvals.approve(approval, DBA)
        await here.settled()
        assert answers.told[1:] == [("record", 7, "approved"), ("allow", 1, "restarts", approval)]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_policy_alone_answers_in_place(tmp_path, mock_clock, operation):
    async with world(tmp_path) as here:
        answers, session = elsewhere(here, lambda *_: Decision(Effect.ALLOW, "deploys", "allowed"))
        here.decider.answer(session, Ask(1, operation))
        assert answers.told == [("allow", 1, "deploys", None)]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_request_shows_the_operation_and_where(tmp_path, mock_clock, operation):
    async with world(tmp_path) as here:
        _, session = elsewhere(here, lambda *_: HELD)
        here.decider.answer(session, Ask(1, operation))
        request = (await here.approvals.find(await here.held())).request
        assert (request.text, request.place) == (operation.text, ", login deploy")


def test_the_digest_moves_with_everything_that_matters():
    def digest(operation):
        return digest_of(document_of(AGENT, "web", "", operation, HELD))

    others = [
        replace(COMMAND, text="systemctl restart web "),
        replace(COMMAND, login="root"),
        replace(COMMAND, start="subsystem"),
        replace(COMMAND, terminal=True),
        replace(COMMAND, environment=(("LANG", "C"),)),
        TRANSFER,
        replace(TRANSFER, action="delete"),
        replace(TRANSFER, paths=("/srv/app/config", "/etc/passwd")),
        replace(TRANSFER, paths=("/srv/app/config /etc/passwd",)),
        replace(TRANSFER, login="root"),
        FORWARD,
        replace(FORWARD, host="10.0.0.8"),
        replace(FORWARD, port=5433),
        replace(FORWARD, login="root"),
    ]
    assert len({digest(COMMAND), *map(digest, others)}) == len(others) + 1


@pytest.mark.parametrize("scope", ["statement", "shape", "session"])
async def test_a_grant_for_one_login_is_none_for_another(tmp_path, mock_clock, scope):
    async with world(tmp_path) as here:
        _, session = elsewhere(here, lambda *_: HELD)
        decision = replace(HELD, approval=replace(TERMS, scope=scope, grant_s=60))
        keys = {asked_by(session, replace(COMMAND, login=login), decision).key for login in ("a", "b")}
        assert len(keys) == 2
