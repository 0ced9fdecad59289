"""Sessions on clusters and their calls: who gets in, with what, and what ends it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import trio

from narrows.identity.revocation import Revocation
from tests.kubernetes.world import AGENT, RULES, AskWithdrawn, running

PODS = "/api/v1/namespaces/shop/pods"


async def test_an_agent_is_admitted_as_itself_with_a_credential_it_never_sees(
    tmp_path, monkeypatch, mock_clock
):
    async with running(tmp_path, monkeypatch) as here:
        terms = await here.opened()
        assert terms["upstream"].token == b"hunter2-secret"
        assert terms["upstream"].impersonate["user"] == f"narrows:{AGENT.key}"
        assert "hunter2" not in repr(terms)
        document = json.loads(terms["document"])
        assert (document["target"], document["protocol"]) == ("prod", "kubernetes")
        assert document["impersonates"] == f"narrows:{AGENT.key}"
        assert document["agent"] == "kubectl/v1.36.1"
        assert "secrets" in document["masks"]
        assert json.loads(here.plane.masks[terms["mask_set"]])["masks"]
        (row,) = await here.listed()
        assert (row.id, row.principal, row.target) == (7, AGENT.key, "prod")


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"evidence": b""}, 401, "no token"),
        ({"evidence": b"not.a.token"}, 401, ""),
        ({"target": "other"}, 404, "no target other"),
        ({"target": "staging"}, 403, "lets this principal do nothing on staging"),
        ({"evidence": b"explode"}, 403, "cannot be reached"),
    ],
)
async def test_who_is_not_let_in_is_told_why(tmp_path, monkeypatch, mock_clock, fields, code, message):
    async with running(tmp_path, monkeypatch) as here:
        with pytest.raises(KeyError):
            await here.opened(**fields)
        assert here.plane.refused[7]["code"] == code
        assert message in here.plane.refused[7]["message"]
        assert await here.listed() == []
        await here.opened(8)  # and nobody else is worse off


async def test_a_missing_credential_is_no_fault_of_the_clusters(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        monkeypatch.delenv("PROD_TOKEN")
        with pytest.raises(KeyError):
            await here.opened()
        assert here.plane.refused[7]["code"] == 403
        assert "PROD_TOKEN" not in str(here.plane.refused[7])


async def test_a_session_ends_with_what_is_presented_upstream(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        monkeypatch.setenv("PROD_TOKEN", "e30.eyJleHAiOiAzMDAwMDAwMDAwfQ.c2ln")
        first = await here.opened()
        assert first["expires_ms"] < 3_000_000_000_000  # session-max-s comes first
        monkeypatch.setenv("PROD_TOKEN", "e30.eyJleHAiOiAxfQ.c2ln")
        with pytest.raises(KeyError):
            await here.opened(8)
        assert here.plane.refused[8]["code"] == 403


async def test_calls_go_through_policy(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        await here.opened()
        effect, verdict = await here.asked("GET", PODS)
        assert (effect, verdict["rule"], verdict["reusable"]) == ("allow", "read", True)
        effect, verdict = await here.asked("GET", "/api/v1/namespaces/kube-system/pods", ask=101)
        assert (effect, verdict["rule"], verdict["code"]) == ("deny", "default-deny", 403)


async def test_evidence_is_looked_at_for_every_call(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        await here.opened()
        session = here.gateway._sessions.find(7).decided
        session.principal = replace(AGENT, expires_at=1.0)
        effect, verdict = await here.asked("GET", PODS)
        assert (effect, verdict["code"], verdict["rule"]) == ("deny", 401, "not-authenticated")
        session.principal = AGENT
        here.gateway._revocations.add(Revocation("principal", AGENT.key, "stolen"))
        effect, verdict = await here.asked("GET", PODS, ask=101)
        assert (effect, verdict["code"]) == ("deny", 401)


async def test_a_call_of_a_session_that_is_over_is_nobodys(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert await here.asked("GET", PODS) is None


async def test_a_policy_that_masks_alike_ends_nobody_and_another_ends_all(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        await here.opened()
        assert here.publish(RULES.replace('"pods", "secrets"', '"pods", "secrets", "services"'))
        await here.settled()
        assert here.plane.closed == {}
        mask = "\n[[mask]]\nid = 'mail'\ntargets = ['prod']\ndetectors = ['email']\ntransform = 'redact'\n"
        assert here.publish(RULES + mask)
        await here.settled()
        assert "other masks apply" in here.plane.closed[7]


async def test_a_policy_that_no_longer_admits_ends_sessions(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        await here.opened()
        assert here.publish(RULES.replace("sg-support", "sg-sales"))
        await here.settled()
        assert here.plane.closed


async def test_hanging_up_while_it_opens_opens_nothing(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:

        async def never(section, impersonate=None):
            await trio.sleep_forever()

        monkeypatch.setattr(here.gateway._calls._access.credentials, "present", never)
        with pytest.raises(KeyError):
            await here.opened()
        await here.emit(AskWithdrawn(7, 7))
        assert here.gateway._sessions.find(7) is None
        assert here.plane.admitted == here.plane.refused == {}
