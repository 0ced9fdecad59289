"""Writes that wait for people: what people see, what they approve, and when it is void."""

from __future__ import annotations

import json

import pytest

from tests.kubernetes.cluster import answered
from tests.kubernetes.world import RULES, AskWithdrawn, running

SHOP = "/api/v1/namespaces/shop"
SETTINGS = f"{SHOP}/configmaps/settings"
MERGE = "application/merge-patch+json"
BODY = b'{"data":{"replicas":"3"}}'


def configmap(version="1", uid="u1", **data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop", "uid": uid, "resourceVersion": version},
        "data": data,
    }


async def test_a_change_is_shown_as_the_server_would_make_it(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.objects[SETTINGS] = configmap(replicas="2", colour="red")
        await here.opened()
        assert await here.asked("PATCH", SETTINGS, body=BODY, content_type=MERGE) is None
        one = await here.waiting()
        assert one.request.document["preconditions"] == {"uid": "u1", "resourceVersion": "1"}
        assert "-  replicas: '2'\n+  replicas: '3'" in one.preview["diff"]
        assert "resourceVersion" not in one.preview["diff"]
        assert ("PATCH", f"{SETTINGS}?dryRun=All") in here.cluster.asked
        assert here.cluster.terms[-1].impersonate["extra"]["narrows.dev/session"] == ["7"]
        await here.approve()
        effect, verdict = here.plane.answers[100]
        assert effect == "allow"
        assert not verdict["reusable"]
        assert one.request.id in verdict["warning"]


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (configmap("2", replicas="2"), "changed"),
        (configmap(uid="u2", replicas="2"), "replaced"),
        (None, "gone"),
    ],
)
async def test_what_has_drifted_is_not_what_was_approved(tmp_path, monkeypatch, mock_clock, now, why):
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.objects[SETTINGS] = configmap(replicas="2")
        await here.opened()
        await here.asked("PATCH", SETTINGS, body=BODY, content_type=MERGE)
        if now is None:
            del here.cluster.objects[SETTINGS]
        else:
            here.cluster.objects[SETTINGS] = now
        await here.approve()
        effect, verdict = here.plane.answers[100]
        assert (effect, verdict["rule"]) == ("deny", "approval-void"), why


async def test_what_appears_meanwhile_is_drift_too(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        await here.opened()
        await here.asked("PUT", SETTINGS, body=json.dumps(configmap()).encode())
        assert (await here.waiting()).request.document["preconditions"] == {"exists": "no"}
        here.cluster.objects[SETTINGS] = configmap()
        await here.approve()
        assert here.plane.answers[100][1]["rule"] == "approval-void"


async def test_what_cannot_be_looked_at_cannot_be_approved(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.refuses[f"GET {SETTINGS}"] = answered(403, {"reason": "Forbidden"})
        await here.opened()
        effect, verdict = await here.asked("PATCH", SETTINGS, body=BODY, content_type=MERGE)
        assert (effect, verdict["rule"]) == ("deny", "not-decidable")


async def test_a_secret_is_shown_without_its_values(tmp_path, monkeypatch, mock_clock):
    path = f"{SHOP}/secrets/db"
    before = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db"},
        "data": {"password": "aHVudGVyMg=="},
    }
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.objects[path] = before
        await here.opened()
        await here.asked("PATCH", path, body=b'{"data":{"password":"aHVudGVyMw=="}}', content_type=MERGE)
        one = await here.waiting()
        shown = json.dumps([one.preview, one.request.document])
        assert one.preview["diff"].count("password") == 2
        assert "aHVudGVy" not in shown
        assert "hunter" not in shown


async def test_what_the_server_would_refuse_is_said_without_its_words(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.objects[SETTINGS] = configmap()
        here.cluster.refuses[f"PATCH {SETTINGS}"] = answered(
            422, {"reason": "Invalid", "message": "invalid value: canary-1"}
        )
        await here.opened()
        await here.asked("PATCH", SETTINGS, body=BODY, content_type=MERGE)
        preview = (await here.waiting()).preview
        assert preview == {"why": "the API server would refuse it: 422, Invalid"}


async def test_a_collections_names_are_shown_and_bound(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        for name in "abc":
            here.cluster.objects[f"{SHOP}/pods/{name}"] = {"metadata": {"name": name, "uid": name}}
        await here.opened()
        path = f"{SHOP}/pods?labelSelector=app%3Dweb"
        assert await here.asked("DELETE", path) is None
        one = await here.waiting()
        assert one.preview == {"objects": 3, "names": ["pods/a", "pods/b", "pods/c"]}
        assert ("GET", f"{SHOP}/pods?labelSelector=app%3Dweb&limit=500") in here.cluster.asked
        here.cluster.objects[f"{SHOP}/pods/d"] = {"metadata": {"name": "d", "uid": "d"}}
        await here.approve()
        assert here.plane.answers[100][1]["rule"] == "approval-void"


async def test_a_pod_may_change_under_an_approved_command_but_not_be_replaced(
    tmp_path, monkeypatch, mock_clock
):
    pod = f"{SHOP}/pods/web"
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.objects[pod] = {"metadata": {"name": "web", "uid": "p1", "resourceVersion": "1"}}
        await here.opened()
        command = {"query": (("command", "ls"), ("command", "/")), "upgrade": "websocket"}
        await here.asked("GET", f"{pod}/exec?command=ls&command=%2F", **command)
        here.cluster.objects[pod]["metadata"]["resourceVersion"] = "2"
        await here.approve()
        assert here.plane.answers[100][0] == "allow"
        await here.asked("GET", f"{pod}/exec?command=ls&command=%2F", ask=101, **command)
        here.cluster.objects[pod]["metadata"]["uid"] = "p2"
        await here.approve()
        assert here.plane.answers[101][1]["rule"] == "approval-void"


async def test_hanging_up_withdraws_the_request(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        here.cluster.objects[SETTINGS] = configmap()
        await here.opened()
        await here.asked("PATCH", SETTINGS, body=BODY, content_type=MERGE)
        one = await here.waiting()
        here.plane.open_asks.discard(100)
        await here.emit(AskWithdrawn(100, 7))
        assert (await here.gateway._approvals.find(one.request.id)).state.value == "withdrawn"


async def test_what_is_sent_back_is_shown_too(tmp_path, monkeypatch, mock_clock):
    async with running(tmp_path, monkeypatch) as here:
        assert here.publish(RULES.replace('expires = "15m"', 'expires = "15m", mode = "return"'))
        here.cluster.objects[SETTINGS] = configmap(replicas="2")
        await here.opened()
        effect, verdict = await here.asked("PATCH", SETTINGS, body=BODY, content_type=MERGE)
        assert (effect, verdict["rule"]) == ("deny", "changes-need-a-person")
        assert "-  replicas: '2'\n+  replicas: '3'" in (await here.waiting()).preview["diff"]
