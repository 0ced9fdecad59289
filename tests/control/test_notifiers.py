"""Channels, each against a real server and the check of whoever defined it."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import time
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.signature import SignatureVerifier
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from narrows.approvals.asking import new_request
from narrows.approvals.digest import DOCUMENT_BYTES_MAX
from narrows.approvals.notify.channel import DeliveryFailed
from narrows.approvals.notify.email import Email, Server
from narrows.approvals.notify.guard import Post, is_public
from narrows.approvals.notify.message import STATEMENT_CHARACTERS_MAX, message_of
from narrows.approvals.notify.slack import AGE_MAX_S, NotFromSlack, Slack, blocks, pressed, verified
from narrows.approvals.notify.slack_app import SlackApp
from narrows.approvals.notify.teams import Teams, card
from narrows.approvals.notify.webhook import Webhook, signed
from narrows.approvals.preview import touched
from narrows.approvals.request import Approval, State
from narrows.config import ApprovalsSection
from narrows.decide.people import asked_by
from narrows.model import Statement
from tests.control.listeners import https_server, smtp_server
from tests.control.simulation import AGENT, ORDERS, TERMS, require_approval

SECRET = b"whsec_" + base64.b64encode(b"k" * 32)
HOSTILE = "UPDATE t SET a = '``` <!channel> <https://evil|ok> [x](https://evil) \u202e\x1b[2J <script>'"


def request(statement=HOSTILE, **terms):
    agent = replace(AGENT, name="Ada <https://evil|admin> \u202e*bold*\n\x1b[31m")
    session = SimpleNamespace(id=7, principal=agent, target=ORDERS, database="orders")
    asked = asked_by(session, Statement(statement), require_approval(replace(TERMS, **terms)))
    return new_request(asked, ApprovalsSection(), 1_000_000)


def message(statement=HOSTILE, url="https://console.example", **terms):
    preview = {"relation": "public.t", "rows": 3}
    asked = Approval(request=request(statement, **terms), state=State.REQUESTED, preview=preview)
    return message_of(asked, url)


def test_what_agents_wrote_moves_no_cursor_and_has_an_end():
    shown = message()
    text = shown.title + shown.statement + "".join(value for _, value in shown.facts)
    assert not {"\u202e", "\x1b"} & set(text)
    assert "\n" not in shown.title + "".join(value for _, value in shown.facts)
    long = message("SELECT '" + "x" * DOCUMENT_BYTES_MAX + "'").statement
    assert len(long) < STATEMENT_CHARACTERS_MAX + 50
    assert "characters in all" in long
    assert ("Touches", "3 rows of public.t") in shown.facts


@pytest.mark.parametrize(
    ("preview", "words"),
    [
        (None, "not looked at"),
        ({"relation": "public.t", "rows": 1, "more": False}, "1 row of public.t"),
        ({"relation": "public.t", "rows": 10_000, "more": True}, "more than 10,000 rows of public.t"),
        (
            {"relation": "public.t", "rows": 10_000, "more": True, "estimate": 1_234_567},
            "more than 10,000 rows of public.t, about 1,234,567 by the planner's estimate",
        ),
        ({"estimate": 1_234}, "about 1,234 rows, by the planner's estimate"),
        ({"why": "it calls f"}, "unknown: it calls f"),
    ],
)
def test_a_preview_in_words(preview, words):
    assert touched(preview) == words


async def test_a_webhook_is_what_its_own_verifier_accepts(tmp_path):
    with https_server(tmp_path) as server:
        post = Post(allow_private=True, ca=str(server.ca))
        await Webhook(post, url=server.url, secret=lambda: SECRET).send(message())
        ((path, headers, body),) = server.received
    assert path == "/hook"
    event = Verifier(SECRET.decode()).verify(body, headers)
    assert event["type"] == "approval.requested"
    assert event["data"]["facts"]["Target"] == "orders-db, database orders"
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET.decode()).verify(body + b" ", headers)


@pytest.mark.parametrize(
    "secret", [b"", b"whsec_", b"whsec_!!!", b"whsec_" + base64.b64encode(b"short"), b"\xff"]
)
def test_a_webhook_without_a_real_key_is_not_sent(secret):
    with pytest.raises(DeliveryFailed, match="whsec_") as caught:
        signed(secret, "msg", 1, b"")
    assert caught.value.final


def test_slack_reads_no_markup_of_an_agents():
    shown = blocks(message(chat=True))
    parsed = Block.parse_all(shown["blocks"])
    assert [block.type for block in parsed] == ["header", "section", "section", "rich_text", "actions"]
    for block in parsed:
        block.validate_json()
    assert '"mrkdwn"' not in json.dumps(shown["blocks"])
    assert "<" not in shown["text"]
    values = [element.get("value", "") for element in shown["blocks"][-1]["elements"]]
    assert [value.split(" ")[0] for value in values] == ["approve", "deny", ""]
    assert "approve" not in json.dumps(blocks(message(chat=False))["blocks"][-1])


async def test_slack_and_teams_get_their_messages(tmp_path):
    with https_server(tmp_path) as server:
        post = Post(allow_private=True, ca=str(server.ca))
        await Slack(post, url=lambda: server.url("/services/T/B/x")).send(message(chat=True))
        await Teams(post, url=lambda: server.url("/workflows/y")).send(message())
        (slack, _, slack_body), (teams, _, teams_body) = server.received
    assert (slack, teams) == ("/services/T/B/x", "/workflows/y")
    assert json.loads(slack_body)["blocks"][3]["type"] == "rich_text"
    (attachment,) = json.loads(teams_body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"


async def test_a_slack_app_posts_and_changes_its_message(tmp_path):
    with https_server(tmp_path) as server:
        post = Post(allow_private=True, ca=str(server.ca))
        app = SlackApp(post, channel="C024", token=lambda: b"xoxb-1", api=lambda: server.url("/api"))
        server.answer = json.dumps({"ok": True, "channel": "C024", "ts": "1700.01", "message": {}}).encode()
        reference = await app.send(message(chat=True))
        await app.change(reference, "apr_x is <denied>")
        (posted, headers, asked), (changed, _, answered) = server.received
    assert (posted, changed) == ("/api/chat.postMessage", "/api/chat.update")
    assert headers["authorization"] == "Bearer xoxb-1"
    for block in Block.parse_all(json.loads(asked)["blocks"]):
        block.validate_json()
    assert json.loads(answered) == {
        "channel": "C024", "ts": "1700.01", "text": "apr_x is &lt;denied&gt;", "blocks": []
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "why", "final"),
    [
        (b'{"ok": false, "error": "not_in_channel"}', "Slack answered not_in_channel", True),
        (b'{"ok": false, "error": "ratelimited"}', "Slack answered ratelimited", False),
        (b'{"ok": false, "error": "\\u001b[2J"}', "Slack answered", True),
        (b"[]", "its answer is not Slack's", False),
        (b"<html>", "its answer is not Slack's", False),
    ],
)
async def test_what_slack_does_not_take_is_told_and_holds_no_token(tmp_path, answer, why, final):
    with https_server(tmp_path) as server:
        post = Post(allow_private=True, ca=str(server.ca))
        app = SlackApp(post, channel="C024", token=lambda: b"xoxb-1", api=lambda: server.url("/api"))
        server.answer = answer
        with pytest.raises(DeliveryFailed, match=why) as raised:
            await app.send(message())
    assert raised.value.final is final
    assert "xoxb" not in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_card_reads_no_markdown_of_an_agents_and_only_opens_the_console():
    content = card(message())["attachments"][0]["content"]
    facts = {fact["title"]: fact["value"] for fact in content["body"][1]["facts"]}
    assert "\\*bold\\*" in facts["Agent"]
    assert content["body"][3]["inlines"][0]["text"].startswith("UPDATE t")
    assert [action["type"] for action in content["actions"]] == ["Action.OpenUrl"]
    assert "actions" not in card(message(url=""))["attachments"][0]["content"]


def button(action="approve", approval="apr_x", digest="d" * 16, **changes):
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1"},
        "response_url": "https://hooks.slack.com/actions/1",
        "actions": [{"action_id": action, "value": f"{action} {approval} {digest}"}],
    }
    return urlencode({"payload": json.dumps(payload | changes)}).encode()


def test_signatures_are_those_of_slacks_own_verifier():
    body, now = button(), int(time.time())
    theirs = SignatureVerifier("shh")
    signature = theirs.generate_signature(timestamp=str(now), body=body)
    verified(b"shh", timestamp=str(now), signature=signature, body=body, now_s=now)
    assert theirs.is_valid(body=body, timestamp=str(now), signature=signature)
    found = pressed(body)
    assert (found.action, found.approval, found.team, found.user) == ("approve", "apr_x", "T1", "U1")
    for change in (
        {"body": body + b"&x=1"},
        {"signature": "v0=" + "0" * 64},
        {"signature": ""},
        {"signature": "v0=\u00e9"},
        {"timestamp": str(now + 1)},
        {"timestamp": ""},
        {"timestamp": "\u0661"},
        {"now_s": now + AGE_MAX_S + 1},
        {"now_s": now - AGE_MAX_S - 1},
    ):
        given = {"timestamp": str(now), "signature": signature, "body": body, "now_s": now} | change
        with pytest.raises(NotFromSlack):
            verified(b"shh", **given)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"payload=",
        b"payload=[]",
        b"payload=1",
        b"payload=%7B%7D",
        button("open"),
        button("approve", digest=""),
        button(actions=[]),
        button(actions=[{"value": "approve apr_x"}]),
        button(actions=[{"value": 7}]),
        button(user=None),
        button(user={"id": "U1"}),
    ],
)
def test_what_is_no_button_decides_nothing(body):
    with pytest.raises(NotFromSlack):
        pressed(body)


@pytest.mark.parametrize("starttls", [True, False])
async def test_mail_has_a_link_and_nothing_to_press(tmp_path, starttls):
    with smtp_server(tmp_path, starttls=starttls) as mailbox:
        server = Server(
            host="localhost", port=mailbox.port, tls="starttls" if starttls else "off", ca=str(mailbox.ca)
        )
        channel = Email(
            server, sender="narrows@example.org", recipients=["dba@example.org"], password=lambda: b""
        )
        await channel.send(message())
        (envelope,) = mailbox.mail
        assert mailbox.encrypted == [starttls]
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert envelope.rcpt_tos == ["dba@example.org"]
    assert mail["Subject"].endswith("is requested")
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert "https://console.example/approvals/apr_" in text
    assert "approve?" not in text
    assert "\n> UPDATE t" in text


async def test_mail_that_nobody_takes_is_tried_again_later(tmp_path):
    with smtp_server(tmp_path, starttls=True) as mailbox:
        server = Server(host="localhost", port=mailbox.port, tls="off")
        channel = Email(server, sender="a@example.org", recipients=["b@example.org"], password=lambda: b"")
        with pytest.raises(DeliveryFailed) as caught:
            await channel.send(message())
    with pytest.raises(DeliveryFailed) as caught:
        await channel.send(message())
    assert not caught.value.final


# Where messages may go


@pytest.mark.parametrize(
    "url",
    ["http://localhost:{port}/", "https://localhost:{port}/", "https://127.0.0.1:{port}/", "https://[::1]:{port}/",
     "https://0.0.0.0:{port}/", "https://2130706433:{port}/", "https://0x7f.1:{port}/",
     "file:///etc/passwd", "https://", ""],
)  # fmt: skip
async def test_nothing_is_sent_into_the_network(tmp_path, url):
    with https_server(tmp_path) as server:
        with pytest.raises(DeliveryFailed) as caught:
            await Post(ca=str(server.ca))(url.format(port=server.port), b"{}", {})
        assert server.received == []
        assert str(server.port) not in str(caught.value)


async def test_redirects_are_not_followed_and_certificates_are_checked(tmp_path):
    with https_server(tmp_path, {"Location": "https://localhost/elsewhere"}) as server:
        server.status = 302
        with pytest.raises(DeliveryFailed, match="answered 302"):
            await Post(allow_private=True, ca=str(server.ca))(server.url(), b"{}", {})
        assert len(server.received) == 1
        with pytest.raises(DeliveryFailed, match="cannot be"):
            await Post(allow_private=True)(server.url(), b"{}", {})
        assert len(server.received) == 1


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0",
     "224.0.0.1", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
     "2002:a00:1::", "::", "name"],
)  # fmt: skip
def test_addresses_inside_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_outside_are_public(address):
    assert is_public(address)
