"""A placeholder that comes back is restored at its own place and nowhere else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.model import Effect
from narrows.plane import mask_object
from narrows.policy import judge, object_masks
from narrows.policy.kubernetes.masks import as_document, restoring_masks
from narrows.policy.kubernetes.reading import read_call_text
from narrows.policy.kubernetes.written_back import is_restorable, restored_body

from .questions import AGENT, CLUSTER, loaded, rule

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.model import ApiCall, Decision
    from narrows.policy import Policy

KEY = bytes(range(32))
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
HELD = "/api/v1/namespaces/shop/secrets/held"
NOW: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "held", "namespace": "shop", "uid": "u-1", "resourceVersion": "41"},
    "data": {name: base64.b64encode(f"canary-{name}".encode()).decode() for name in ("a", "b")},
}
WRITES = rule("w", "allow", "verbs = ['create', 'update', 'patch'], resources = ['secrets', 'configmaps']")
RESTORING = """
[[mask]]
id = "secrets-restored"
targets = ["*"]
kubernetes = { resources = ["secrets"], paths = ["$.data.*", "$.stringData.*", "$.keys[*]"] }
written-back = "restore"
"""
REFUSING = RESTORING.replace('written-back = "restore"', "")
OTHERS = """
[[mask]]
id = "settings"
targets = ["*"]
kubernetes = { resources = ["configmaps"], paths = ["$.data.*"] }
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return loaded(tmp_path_factory.mktemp("policy"), WRITES, RESTORING, OTHERS)


def shown(policy: Policy, now: dict[str, Any] = NOW, path: str = HELD) -> dict[str, Any]:
    """The object as the agent sees it."""
    masks = restoring_masks(policy, AGENT, CLUSTER)
    masked = mask_object(KEY, as_document(masks), read_call_text(f"GET {path}"), json.dumps(now).encode())
    document: dict[str, Any] = json.loads(masked)
    return document


def written(method: str, body: Any, content_type: str = MERGE, path: str = HELD) -> ApiCall:
    text = body if isinstance(body, str) else json.dumps(body)
    return read_call_text(f"{method} {path}", text.encode(), content_type if method == "PATCH" else "")


def after_a_look(policy: Policy, call: ApiCall, now: dict[str, Any] = NOW) -> tuple[Decision, Any]:
    """The decision once the gateway has looked, and what would go to the API server."""
    assert is_restorable(call, restoring_masks(policy, AGENT, CLUSTER))
    body = restored_body(call, json.dumps(now).encode(), json.dumps(shown(policy, now)).encode())
    return judge(policy, AGENT, CLUSTER, replace(call, restored=body)), json.loads(body) if body else None


@pytest.mark.parametrize("content_type", [MERGE, STRATEGIC, APPLY])
def test_a_patch_leaves_the_value_as_it_is(policy: Policy, content_type: str) -> None:
    placeholder = shown(policy)["data"]["a"]
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "held", "labels": {"x": "1"}},
        "data": {"a": placeholder, "c": "bmV3"},
    }
    first = judge(policy, AGENT, CLUSTER, call := written("PATCH", body, content_type))
    assert (first.effect, first.looks_first, first.restored) == (Effect.ALLOW, True, None)
    decision, sent = after_a_look(policy, call)
    assert decision.effect is Effect.ALLOW
    assert sent["data"] == {"a": NOW["data"]["a"], "c": "bmV3"}
    assert sent["metadata"] == {"name": "held", "labels": {"x": "1"}, "resourceVersion": "41"}


def test_the_whole_object_may_be_saved(policy: Policy) -> None:
    body = shown(policy) | {"type": "Opaque"}
    decision, sent = after_a_look(policy, written("PUT", body))
    assert decision.effect is Effect.ALLOW
    assert sent == NOW | {"type": "Opaque"}


def test_yaml_is_read_as_it_was_written(policy: Policy) -> None:
    text = f"data:\n  a: {shown(policy)['data']['a']}\nmetadata: {{ name: held }}\n"
    _, sent = after_a_look(policy, written("PATCH", text, APPLY))
    assert sent["data"] == {"a": NOW["data"]["a"]}


def test_a_clients_copy_of_what_it_sent_keeps_the_placeholder(policy: Policy) -> None:
    seen = shown(policy)
    copied = json.dumps(seen)
    name = "kubectl.kubernetes.io/last-applied-configuration"
    body = {"metadata": {"annotations": {name: copied}}, "data": {"a": seen["data"]["a"]}}
    decision, sent = after_a_look(policy, written("PATCH", body))
    assert decision.effect is Effect.ALLOW
    assert sent["metadata"]["annotations"] == {name: copied}
    alone = written("PATCH", {"metadata": {"annotations": {name: copied}}})
    assert not judge(policy, AGENT, CLUSTER, alone).looks_first


def elsewhere(seen: dict[str, Any]) -> dict[str, tuple[str, Any, str]]:
    """Writes that would put a value where it is not: method, body, content type."""
    a, plain = seen["data"]["a"], base64.b64decode(seen["data"]["a"]).decode()
    twice = base64.b64encode(a.encode()).decode()
    among = base64.b64encode(f"x{plain}".encode()).decode()
    return {
        "in a list": ("PATCH", {"keys": [a]}, MERGE),
        "in a key": ("PATCH", {"data": {plain: "eA=="}}, MERGE),
        "by a JSON patch": ("PATCH", [{"op": "add", "path": "/data/a", "value": a}], JSON_PATCH),
        "in a new object": ("POST", {"metadata": {"name": "other"}, "data": {"a": a}}, ""),
        "with no metadata": ("PATCH", {"metadata": None, "data": {"a": a}}, MERGE),
        "two places swapped": ("PATCH", {"data": {"a": seen["data"]["b"], "b": a}}, MERGE),
        "under another key": ("PATCH", {"data": {"c": a}}, MERGE),
        "in a label": ("PATCH", {"metadata": {"labels": {"x": plain}}}, MERGE),
        "in an annotation": ("PATCH", {"metadata": {"annotations": {"x": plain}}}, MERGE),
        "as text": ("PATCH", {"stringData": {"a": plain}}, MERGE),
        "as text, in base64": ("PATCH", {"stringData": {"a": a}}, MERGE),
        "plain where base64 is": ("PATCH", {"data": {"a": plain}}, MERGE),
        "in base64 of base64": ("PATCH", {"data": {"a": twice}}, MERGE),
        "among other words": ("PATCH", {"data": {"a": among}}, MERGE),
        "one deeper": ("PATCH", {"data": {"a": {"a": a}}}, MERGE),
        "of another object": ("PUT", seen | {"metadata": NOW["metadata"] | {"uid": "u-0"}}, ""),
    }


@pytest.mark.parametrize("which", elsewhere({"data": {"a": "", "b": ""}}))
def test_it_is_restored_nowhere_else(policy: Policy, which: str) -> None:
    method, body, content_type = elsewhere(shown(policy))[which]
    path = HELD.rpartition("/")[0] if method == "POST" else HELD
    decision = judge(policy, AGENT, CLUSTER, call := written(method, body, content_type, path))
    if decision.effect is not Effect.DENY:
        assert decision.looks_first
        decision, sent = after_a_look(policy, call)
        assert sent is None
        assert decision.looks_first  # the object may be another one the next time
    assert (decision.effect, decision.rule) == (Effect.DENY, "masked-data")
    assert "canary" not in decision.reason


def test_a_value_that_has_changed_is_not_restored(policy: Policy) -> None:
    call = written("PUT", shown(policy))
    later = NOW | {"data": NOW["data"] | {"a": "bmV3ZXI="}}
    decision, sent = after_a_look(policy, call, later)
    assert (sent, decision.effect) == (None, Effect.DENY)
    assert "read the object again" in decision.hint


def test_a_mask_that_does_not_say_so_refuses(tmp_path: Path) -> None:
    restoring = loaded(tmp_path, WRITES, RESTORING)
    seen = shown(restoring)
    (tmp_path / "refusing").mkdir()
    refusing = loaded(tmp_path / "refusing", WRITES, REFUSING)
    decision = judge(refusing, AGENT, CLUSTER, written("PUT", seen))
    assert (decision.effect, decision.rule, decision.looks_first) == (Effect.DENY, "masked-data", False)


def test_what_another_mask_hides_is_not_restored(tmp_path: Path) -> None:
    first = OTHERS.replace('"settings"', '"all"').replace("configmaps", "secrets")
    policy = loaded(tmp_path, WRITES, first, RESTORING)
    masks = object_masks(policy, AGENT, CLUSTER)
    seen = json.loads(mask_object(KEY, masks, read_call_text(f"GET {HELD}"), json.dumps(NOW).encode()))
    decision, sent = after_a_look(policy, written("PATCH", {"data": {"a": seen["data"]["a"]}}))
    assert (sent, decision.rule) == (None, "masked-data")


def test_a_resource_of_another_mask_refuses(policy: Policy) -> None:
    body = {"data": {"a": shown(policy)["data"]["a"]}}
    path = "/api/v1/namespaces/shop/configmaps/settings"
    decision = judge(policy, AGENT, CLUSTER, written("PATCH", body, path=path))
    assert (decision.effect, decision.looks_first) == (Effect.DENY, False)


def test_a_denied_write_is_not_looked_into(tmp_path: Path) -> None:
    policy = loaded(tmp_path, rule("r", "allow", "verbs = ['get'], resources = ['secrets']"), RESTORING)
    decision = judge(policy, AGENT, CLUSTER, written("PUT", shown(policy)))
    assert (decision.effect, decision.rule) == (Effect.DENY, "default-deny")


def test_a_restored_body_is_in_no_repr(policy: Policy) -> None:
    call = written("PUT", shown(policy))
    decision, _ = after_a_look(policy, call)
    assert decision.restored
    assert NOW["data"]["a"].encode() in decision.restored
    assert NOW["data"]["a"] not in repr(decision) + repr(replace(call, restored=decision.restored))


TREES = st.recursive(
    st.sampled_from(["A", "B", "x", "canary"]) | st.none() | st.integers(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(body=st.dictionaries(st.sampled_from(["data", "stringData", "type"]), TREES, min_size=1))
def test_whatever_is_written_no_value_moves(policy: Policy, body: dict[str, Any]) -> None:
    seen = shown(policy)
    call = written("PATCH", standing_for(body, seen["data"]))
    if not is_restorable(call, restoring_masks(policy, AGENT, CLUSTER)):
        return
    _, sent = after_a_look(policy, call)
    if sent is not None:
        assert moved(sent, NOW) == []


def standing_for(value: Any, data: dict[str, str]) -> Any:
    """The tree with placeholders in the places of A and B."""
    if isinstance(value, dict):
        return {key: standing_for(inner, data) for key, inner in value.items()}
    if isinstance(value, list):
        return [standing_for(inner, data) for inner in value]
    return {"A": data["a"], "B": data["b"]}.get(value, value) if isinstance(value, str) else value


def moved(sent: Any, now: Any) -> list[str]:
    """Real values that stand in what is sent, and not at the same place in the object."""
    if isinstance(sent, dict):
        inner = now if isinstance(now, dict) else {}
        return [found for key, value in sent.items() for found in moved(value, inner.get(key))]
    if isinstance(sent, list):
        return [found for value in sent for found in moved(value, None)]
    return [sent] if sent in NOW["data"].values() and sent != now else []
