"""The API for grants, emergencies, policy and live lists."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
import trio

from narrows.console.app import application
from narrows.console.events import KEEP_ALIVE_S, EventStream
from narrows.console.openapi import BODIES, FORMS, PUBLIC, QUERY
from narrows.identity.revocation import Revocation
from narrows.model import ApprovalTerms, People
from tests.control.simulation import DBA, require_approval
from tests.control.test_api import OPERATOR, TOKENS, api, bearer

UPDATE = "UPDATE orders SET status = 'x' WHERE id = 1"
TERMS = ApprovalTerms(
    approver_groups=frozenset({"sg-dba"}),
    scope="shape",
    grant_s=3600,
    break_glass=People(groups=frozenset({"sg-sales"})),
)


async def test_grants_are_listed_and_revoked_by_whom_they_concern(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        here.policy["UPDATE"] = require_approval(replace(TERMS, break_glass=People()))
        here.ask(UPDATE)
        await client.post(f"/v1/approvals/{await here.held()}/approve", headers=bearer("dba"))
        await here.settled()
        for who, seen in (("dba", 1), ("agent", 1), ("operator", 1), ("stranger", 0)):
            listed = (await client.get("/v1/grants?live=1", headers=bearer(who))).json()["grants"]
            assert len(listed) == seen, who
        (grant,) = (await client.get("/v1/grants", headers=bearer("dba"))).json()["grants"]
        assert (grant["standing"], grant["scope"], grant["uses"]) == ("live", "shape", 1)
        path = f"/v1/grants/{grant['id']}/revoke"
        for who in ("agent", "stranger"):
            assert (await client.post(path, headers=bearer(who))).status_code == 403
        revoked = await client.post(path, headers=bearer("operator"), json={"reason": "enough"})
        assert (revoked.json()["standing"], revoked.json()["revoked_by"]) == ("revoked", OPERATOR.key)
        assert (await client.post("/v1/grants/grt_no/revoke", headers=bearer("dba"))).status_code == 404


async def test_a_broken_glass_is_due_for_review_until_it_is_reviewed(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        here.policy["UPDATE"] = require_approval(TERMS)
        ask = here.ask(UPDATE)
        path = f"/v1/approvals/{await here.held()}"
        unreasoned = await client.post(f"{path}/break-glass", headers=bearer("stranger"))
        assert (unreasoned.status_code, unreasoned.json()["error"]) == (400, "reason-missing")
        assert (await client.post(f"{path}/break-glass", headers=bearer("dba"))).status_code == 403
        broken = await client.post(
            f"{path}/break-glass", headers=bearer("stranger"), json={"reason": "checkout is down"}
        )
        assert (broken.json()["state"], broken.json()["needs_review"]) == ("broken-glass", True)
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"
        due = (await client.get("/v1/approvals?review=due", headers=bearer("dba"))).json()["approvals"]
        assert len(due) == 1
        reviewed = await client.post(f"{path}/review", headers=bearer("dba"), json={"reason": "it was right"})
        assert reviewed.json()["review"]["text"] == "it was right"
        due = (await client.get("/v1/approvals?review=due", headers=bearer("dba"))).json()["approvals"]
        assert due == []


async def test_targets_are_told_to_whom_policy_admits(tmp_path):
    async with api(tmp_path) as (client, _, _):
        for who, seen in (("agent", 1), ("operator", 1), ("stranger", 0)):
            listed = (await client.get("/v1/targets", headers=bearer(who))).json()["targets"]
            assert len(listed) == seen, who


async def test_policy_is_explained_to_whom_it_admits_only(tmp_path):
    async with api(tmp_path) as (client, _, _):
        body = {"target": "orders-db", "statement": UPDATE}
        refused = await client.post("/v1/policy/explain", headers=bearer("stranger"), json=body)
        assert refused.status_code == 403
        answer = await client.post("/v1/policy/explain", headers=bearer("agent"), json={"statement": UPDATE})
        assert (answer.status_code, answer.json()["message"]) == (400, "target is missing")


async def test_the_description_has_every_route_and_no_other(tmp_path):
    async with api(tmp_path) as (client, _, _):
        page = (await client.get("/v1/openapi.json")).json()
        served = {
            (route.path, method.lower())
            for route in application(SimpleNamespace(store=None)).routes
            if getattr(route, "path", "").startswith("/v1/")
            for method in route.methods - {"HEAD"}
        }
        described = {(path, method) for path, methods in page["paths"].items() for method in methods}
        assert described == served
        assert {path for path, method in served if method == "post"} == BODIES.keys() | FORMS.keys()
        assert {*QUERY, *PUBLIC} <= {path for path, _ in served}
        for methods in page["paths"].values():
            for operation in methods.values():
                assert operation["summary"], operation["operationId"]
        open_paths = {
            path
            for path, methods in page["paths"].items()
            if not all(m["security"] for m in methods.values())
        }
        assert open_paths == PUBLIC


class Wire:
    """One client of an event stream."""

    def __init__(self, operations, principal):
        self._stream = EventStream(operations, principal)
        self._gone = trio.Event()
        self.sent = []

    async def run(self):
        await self._stream({"type": "http"}, self._receive, self._send)

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self.sent.append(message)

    def leave(self):
        self._gone.set()

    def events(self):
        text = b"".join(message.get("body", b"") for message in self.sent).decode()
        parts = [event.split("\ndata: ") for event in text.split("\n\n") if event.startswith("event: ")]
        return [(kind.removeprefix("event: "), json.loads(data)) for kind, data in parts]


@pytest.mark.parametrize(("who", "sees"), [("dba", True), ("agent", True), ("stranger", False)])
async def test_events_are_told_to_whom_they_concern(tmp_path, mock_clock, who, sees):
    async with api(tmp_path) as (client, here, _), trio.open_nursery() as nursery:
        operations = client._transport.app.state.operations
        here.ask("UPDATE orders SET a = 1")
        await here.settled()
        wire = Wire(operations, TOKENS[who])
        nursery.start_soon(wire.run)
        await here.settled()
        ask = here.ask(UPDATE)
        await here.settled()
        here.withdraw(ask)
        await here.settled()
        seen = [(kind, event["state"]) for kind, event in wire.events()]
        wanted = [("approval", "requested"), ("approval", "requested"), ("approval", "withdrawn")]
        assert seen == (wanted if sees else [])
        mock_clock.jump(KEEP_ALIVE_S + 1)
        await here.settled()
        assert wire.sent[-1]["body"].startswith(b":")
        wire.leave()


async def test_an_event_stream_ends_with_its_token_and_with_a_revocation(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        operations = client._transport.app.state.operations
        wire = Wire(operations, replace(TOKENS["dba"], expires_at=1.0))
        await wire.run()
        assert wire.sent[-1] == {"type": "http.response.body", "body": b""}
        wire = Wire(operations, TOKENS["dba"])
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wire.run)
            await here.settled()
            operations.revocations.add(Revocation("principal", DBA.key, "gone"))
            mock_clock.jump(KEEP_ALIVE_S + 1)
        assert wire.sent[-1] == {"type": "http.response.body", "body": b""}
        assert operations.doorbell.listeners == 0
