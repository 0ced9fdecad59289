"""Placeholders in a write: looked at before it goes, and again when people have let it through."""

from __future__ import annotations

import base64
import json

import pytest

from narrows.plane import mask_object
from narrows.policy.kubernetes.reading import read_call_text
from tests.kubernetes.cluster import answered
from tests.kubernetes.world import RULES, running

SECRET = "/api/v1/namespaces/shop/secrets/db"
MERGE = "application/merge-patch+json"
VALUE = base64.b64encode(b"canary-value").decode()
RESTORED = f"""{RULES}
[[mask]]
id = "kept"
targets = ["*"]
kubernetes = {{ resources = ["secrets"], paths = ["$.data.*"] }}
written-back = "restore"
"""
ALLOWED = RESTORED.replace('effect = "require-approval"', 'effect = "allow"', 1).replace(
    'approval = { approvers = { groups = "sg-dba" }, expires = "15m" }\n', "", 1
)


def secret(value: str = VALUE, version: str = "1") -> dict:
    metadata = {"name": "db", "namespace": "shop", "uid": "u1", "resourceVersion": version}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"password": value}}


def shown(here) -> dict:
    """The Secret as the agent sees it."""
    masks = here.plane.masks[here.plane.admitted[7]["mask_set"]]
    key = here.gateway._calls._masks._pseudonym_key
    masked = mask_object(key, masks, read_call_text(f"GET {SECRET}"), json.dumps(secret()).encode())
    return json.loads(masked)


async def saved(here) -> tuple:
    """Opens a session and saves the Secret with a label; the answer, if there is one, and the body sent."""
    here.cluster.objects[SECRET] = secret()
    await here.opened()
    document = shown(here)
    document["metadata"]["labels"] = {"team": "red"}
    body = json.dumps(document).encode()
    return await here.asked("PUT", SECRET, body=body), body


async def test_the_value_goes_back_to_its_place(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(ALLOWED)
        (effect, verdict), _ = await saved(here)
        assert (effect, verdict["rule"]) == ("allow", "changes-need-a-person")
        assert not verdict["reusable"], "the next time it may be another value"
        sent = json.loads(verdict["restored"])
        assert sent["data"] == {"password": VALUE}
        assert sent["metadata"]["labels"] == {"team": "red"}


async def test_people_approve_what_the_agent_sent(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(RESTORED)
        _, body = await saved(here)
        one = await here.waiting()
        assert one.request.document["body_bytes"] == len(body)
        assert "+    team: red" in one.preview["diff"]
        assert "password" not in "".join(
            line for line in one.preview["diff"].splitlines() if line[0] in "+-"
        ), "what stays is no change"
        await here.approve()
        effect, verdict = here.plane.answers[100]
        assert (effect, json.loads(verdict["restored"])["data"]) == ("allow", {"password": VALUE})


async def test_a_value_that_changes_while_people_decide_is_not_undone(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(RESTORED)
        await saved(here)
        here.cluster.objects[SECRET] = secret("b3RoZXI=", version="2")
        await here.approve()
        effect, verdict = here.plane.answers[100]
        assert (effect, verdict["rule"]) == ("deny", "approval-void")


@pytest.mark.parametrize(
    ("status", "rule"), [(404, "masked-data"), (403, "not-decidable"), (500, "not-decidable")]
)
async def test_what_cannot_be_seen_is_not_restored(tmp_path, monkeypatch, mock_clock, status, rule):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(ALLOWED)
        await here.opened()
        here.cluster.refuses[f"GET {SECRET}"] = answered(status, {"reason": "canary-value"})
        effect, verdict = await here.asked("PUT", SECRET, body=json.dumps(shown(here)).encode())
        assert (effect, verdict["rule"]) == ("deny", rule)
        assert not verdict["reusable"]
        assert "canary" not in verdict["reason"] + verdict["hint"]


async def test_a_placeholder_in_escapes_is_looked_at_too(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(ALLOWED)
        here.cluster.objects[SECRET] = secret()
        await here.opened()
        placeholder = shown(here)["data"]["password"]
        text = json.dumps({"data": {"password": placeholder}}).replace(
            placeholder[0], f"\\u{ord('b'):04x}", 1
        )
        assert placeholder[0] == "b"
        effect, verdict = await here.asked("PATCH", SECRET, body=text.encode(), content_type=MERGE)
        assert (effect, json.loads(verdict["restored"])["data"]) == ("allow", {"password": VALUE})


async def test_a_write_without_placeholders_is_not_looked_at(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(ALLOWED)
        await here.opened()
        body = b'{"data":{"password":"bmV3"}}'
        effect, verdict = await here.asked("PATCH", SECRET, body=body, content_type=MERGE)
        assert (effect, verdict["restored"], verdict["reusable"]) == ("allow", None, True)
        assert here.cluster.asked == []
