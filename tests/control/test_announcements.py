"""Who hears of a request, how often it is tried, and what a pressed button does."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import trio
from slack_sdk.signature import SignatureVerifier

from narrows.approvals.notify.channel import DeliveryFailed
from narrows.config import ChatPersonSection, NotifierSection
from narrows.gateway.announcements import RETRY_AFTER_S, Announcements
from narrows.gateway.chat import Chat
from narrows.gateway.destinations import Destinations
from narrows.identity.revocation import Revocation, Revocations
from narrows.model import People
from tests.control.listeners import https_server
from tests.control.simulation import DBA, TERMS, require_approval
from tests.control.test_api import api, bearer

UPDATE = "UPDATE orders SET status = 'x' WHERE id = 1"


class Channel:
    """Fails as often as it is told to."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.heard = []

    async def send(self, message):
        if self.failures:
            raise self.failures.pop(0)
        self.heard.append(message)


class Changing(Channel):
    """One whose messages can be changed."""

    def __init__(self, *failures):
        super().__init__(*failures)
        self.changed = []

    async def send(self, message):
        await super().send(message)
        return f"C1 {len(self.heard)}"

    async def change(self, reference, outcome):
        self.changed.append((reference, outcome))


class Previews:
    async def of(self, request, target):
        return {"relation": "public.orders", "rows": 1, "more": False, "sample": []}


def announcing(here, **channels):
    section = SimpleNamespace(name="orders-db", kind="postgres", labels={}, database="orders")
    made = Announcements(
        approvals=here.approvals,
        previews=Previews(),
        destinations=Destinations([section]),
        channels=channels,
        console_url="https://console.example/",
        doorbell=here.doorbell,
    )
    here.approvals._announce = made.take
    return made


async def told(here, approval):
    return {one.notifier: (one.state, one.attempts) for one in await here.approvals.deliveries(approval)}


async def test_everyone_the_rule_names_is_told_with_the_preview(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _), trio.open_nursery() as nursery:
        dba, other = Channel(), Channel()
        nursery.start_soon(announcing(here, dba=dba, other=other).run)
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("dba", "gone")))
        await here.settled()
        here.ask(UPDATE)
        approval = await here.held()
        (message,) = dba.heard
        assert message.url == f"https://console.example/approvals/{approval}"
        assert ("Touches", "1 row of public.orders") in message.facts
        assert other.heard == []
        assert await told(here, approval) == {"dba": ("sent", 1), "gone": ("failed", 0)}
        shown = (await client.get(f"/v1/approvals/{approval}", headers=bearer("dba"))).json()
        assert shown["preview"]["rows"] == 1
        assert [one["state"] for one in shown["notified"]] == ["sent", "failed"]
        nursery.cancel_scope.cancel()


async def test_a_channel_that_fails_is_tried_again_and_holds_nobody_up(tmp_path, mock_clock):
    async with api(tmp_path) as (_, here, _), trio.open_nursery() as nursery:
        slow = Channel(DeliveryFailed("it answered 503"), DeliveryFailed("it answered 503"))
        wrong = Channel(DeliveryFailed("it answered 404", final=True))
        dead = Channel(*[DeliveryFailed("it cannot be reached")] * 9)
        nursery.start_soon(announcing(here, slow=slow, wrong=wrong, dead=dead).run)
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("slow", "wrong", "dead")))
        await here.settled()
        ask = here.ask(UPDATE)
        approval = await here.held()
        assert ask in here.plane.held
        wanted = {"slow": ("retrying", 1), "wrong": ("failed", 1), "dead": ("retrying", 1)}
        assert await told(here, approval) == wanted
        for pause_s in RETRY_AFTER_S[:2]:
            mock_clock.jump(pause_s)
            await here.settled()
        assert (await told(here, approval))["slow"] == ("sent", 3)
        for pause_s in RETRY_AFTER_S[2:]:
            mock_clock.jump(pause_s)
            await here.settled()
        assert (await told(here, approval))["dead"] == ("failed", len(RETRY_AFTER_S) + 1)
        nursery.cancel_scope.cancel()


async def test_a_message_says_what_became_of_its_request_wherever_it_was_decided(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _), trio.open_nursery() as nursery:
        app, plain = Changing(), Channel()
        nursery.start_soon(announcing(here, app=app, plain=plain).run)
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("app", "plain")))
        await here.settled()
        here.ask(UPDATE)
        approval = await here.held()
        assert app.changed == []
        path = f"/v1/approvals/{approval}/deny"
        await client.post(path, headers=bearer("dba"), json={"reason": "not <now>"})
        await here.settled()
        assert app.changed == [("C1 1", f"{approval} on orders-db is denied, by Dana: not <now>")]
        await client.post(path, headers=bearer("dba"))
        await here.settled()
        assert len(app.changed) == 1
        nursery.cancel_scope.cancel()


async def test_a_message_of_a_request_that_was_withdrawn_says_so(tmp_path, mock_clock):
    async with api(tmp_path) as (_, here, _), trio.open_nursery() as nursery:
        app = Changing()
        nursery.start_soon(announcing(here, app=app).run)
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("app",)))
        await here.settled()
        here.withdraw(here.ask(UPDATE))
        await here.settled()
        ask = here.ask(UPDATE)
        await here.held()
        here.withdraw(ask)
        await here.settled()
        assert [outcome.partition(" is ")[2] for _, outcome in app.changed][-1] == (
            "withdrawn: the agent cancelled the statement"
        )
        assert len(app.changed) == len(app.heard), "no message is left with buttons that decide nothing"
        nursery.cancel_scope.cancel()


async def test_a_broken_glass_changes_the_message_that_asked_and_not_the_one_that_tells(tmp_path, mock_clock):
    async with api(tmp_path) as (_, here, _), trio.open_nursery() as nursery:
        app = Changing()
        nursery.start_soon(announcing(here, app=app).run)
        oncall = People(groups=frozenset({"sg-dba"}))
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("app",), break_glass=oncall))
        await here.settled()
        here.ask(UPDATE)
        await here.approvals.break_glass(await here.held(), DBA, reason="down")
        await here.settled()
        assert [reference for reference, _ in app.changed] == ["C1 1"]
        assert [message.state.value for message in app.heard] == ["requested", "broken-glass"]
        nursery.cancel_scope.cancel()


async def test_nobody_is_told_of_what_is_decided(tmp_path, mock_clock):
    async with api(tmp_path) as (_, here, _), trio.open_nursery() as nursery:
        slow = Channel(DeliveryFailed("it answered 503"))
        nursery.start_soon(announcing(here, slow=slow).run)
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("slow",)))
        await here.settled()
        here.ask(UPDATE)
        await here.approvals.approve(await here.held(), DBA)
        mock_clock.jump(RETRY_AFTER_S[0])
        await here.settled()
        assert slow.heard == []
        nursery.cancel_scope.cancel()


async def test_a_broken_glass_is_told_to_everyone_who_was_asked(tmp_path, mock_clock):
    async with api(tmp_path) as (_, here, _), trio.open_nursery() as nursery:
        dba = Channel()
        nursery.start_soon(announcing(here, dba=dba).run)
        oncall = People(groups=frozenset({"sg-oncall"}))
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("dba",), break_glass=oncall))
        await here.settled()
        here.ask(UPDATE)
        approval = await here.held()
        person = replace(DBA, object_id="kim", name="Kim", groups=frozenset({"sg-oncall"}))
        for _ in range(2):
            await here.approvals.break_glass(approval, person, reason="checkout is down")
        dba.failures = [DeliveryFailed("it answered 503")]
        await here.settled()
        mock_clock.jump(RETRY_AFTER_S[0])
        await here.settled()
        asked, broken = dba.heard
        assert (asked.state.value, broken.state.value) == ("requested", "broken-glass")
        assert ("Broken by", "Kim: checkout is down") in broken.facts
        assert ("Touches", "1 row of public.orders") in broken.facts
        nursery.cancel_scope.cancel()


async def test_a_defect_in_a_channel_ends_nothing_else(tmp_path, mock_clock):
    async with api(tmp_path) as (_, here, _), trio.open_nursery() as nursery:
        nursery.start_soon(announcing(here, broken=Channel(RuntimeError("a defect"))).run)
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("broken",)))
        await here.settled()
        ask = here.ask(UPDATE)
        await here.approvals.approve(await here.held(), DBA)
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"
        nursery.cancel_scope.cancel()


# Buttons

PERSON = ChatPersonSection(
    team="T1", user="U1", issuer="entra", tenant="t1", object="dba-1", name="Dana", groups=["sg-dba"]
)


def signed_button(action, approval, digest, url="https://hooks.slack.com/1", secret="shh", user="U1"):
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": "T1"},
        "response_url": url,
        "actions": [{"action_id": action, "value": f"{action} {approval} {digest}"}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    return {"content": body, "headers": headers | {"Content-Type": "application/x-www-form-urlencoded"}}


@pytest.fixture
def chatting(monkeypatch, tmp_path):
    """Gives a gateway a Slack notifier `dba`, with a signing secret and one person."""
    monkeypatch.setenv("SLACK_SIGNING", "shh")

    def chatting(client, here, revoked=(), **settings):
        section = NotifierSection(
            name="dba", kind="slack", url="env:U", secret="env:SLACK_SIGNING", person=[PERSON], **settings
        )
        located = SimpleNamespace(base=tmp_path, config=SimpleNamespace(notifier=[section]))
        operations = client._transport.app.state.operations
        operations.chat = Chat(located, here.approvals, Revocations(revoked))
        here.policy["UPDATE"] = require_approval(replace(TERMS, notify=("dba",), chat=True))

    return chatting


async def test_a_button_approves_exactly_what_was_shown(tmp_path, mock_clock, chatting):
    with https_server(tmp_path) as server:
        async with api(tmp_path) as (client, here, _):
            chatting(client, here, allow_private=True, ca=str(server.ca))
            ask = here.ask(UPDATE)
            approval = await here.held()
            digest = (await here.approvals.find(approval)).request.digest[:16]
            path = "/v1/notifiers/dba/slack"
            wrong = await client.post(path, **signed_button("approve", approval, "0" * 16, server.url()))
            assert "changed since you looked" in wrong.json()["text"]
            answer = await client.post(path, **signed_button("approve", approval, digest, server.url()))
            assert answer.json()["text"] == f"{approval} is approved, says Dana"
            await here.settled()
            assert here.plane.answers[ask][0] == "allow"
            again = await client.post(path, **signed_button("approve", approval, digest, server.url()))
            assert again.json() == answer.json(), "a repeated press changes nothing"
            late = await client.post(path, **signed_button("deny", approval, digest, server.url()))
            assert "no longer be decided" in late.json()["text"]
        assert json.loads(server.received[0][2]) == {"replace_original": True, "text": answer.json()["text"]}


async def test_a_forged_button_decides_nothing(tmp_path, mock_clock, chatting):
    async with api(tmp_path) as (client, here, _):
        chatting(client, here)
        here.ask(UPDATE)
        approval = await here.held()
        digest = (await here.approvals.find(approval)).request.digest[:16]
        forged = signed_button("approve", approval, digest, secret="another")
        answer = await client.post("/v1/notifiers/dba/slack", **forged)
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
        answer = await client.post("/v1/notifiers/other/slack", **signed_button("approve", approval, digest))
        assert answer.status_code == 401
        unknown = signed_button("approve", approval, digest, user="U2")
        answer = await client.post("/v1/notifiers/dba/slack", **unknown)
        assert "who you are" in answer.json()["text"]
        assert await here.state(approval) == "requested"


async def test_a_rule_that_does_not_let_a_chat_decide_is_decided_in_the_console(
    tmp_path, mock_clock, chatting
):
    async with api(tmp_path) as (client, here, _):
        for terms in (replace(TERMS, notify=("dba",)), replace(TERMS, notify=("another",), chat=True)):
            chatting(client, here)
            here.policy["UPDATE"] = require_approval(terms)
            ask = here.ask(UPDATE)
            approval = await here.held()
            digest = (await here.approvals.find(approval)).request.digest[:16]
            answer = await client.post(
                "/v1/notifiers/dba/slack", **signed_button("approve", approval, digest)
            )
            assert "decided in the console" in answer.json()["text"]
            here.withdraw(ask)
            await here.settled()


async def test_who_is_revoked_presses_in_vain(tmp_path, mock_clock, chatting):
    async with api(tmp_path) as (client, here, _):
        chatting(client, here, revoked=[Revocation("principal", DBA.key, "left")])
        here.ask(UPDATE)
        approval = await here.held()
        digest = (await here.approvals.find(approval)).request.digest[:16]
        answer = await client.post("/v1/notifiers/dba/slack", **signed_button("approve", approval, digest))
        assert "accepted from you" in answer.json()["text"]
        assert await here.state(approval) == "requested"
