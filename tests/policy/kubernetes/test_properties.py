"""What holds of every pattern and every body, whatever is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from narrows.model import Effect
from narrows.policy.kubernetes.bodies import JSON_PATCH, read_body
from narrows.policy.kubernetes.contents import ImagePattern, SecretRef
from narrows.policy.kubernetes.names import Names
from narrows.policy.kubernetes.pod_fields import FREE_KEYS, STATUS, contents_of
from narrows.policy.kubernetes.ports import PORT_MAX, ports_for
from narrows.policy.kubernetes.resources import Resource, ResourcePattern
from narrows.policy.kubernetes.section import Kubernetes
from narrows.policy.kubernetes.uses import Use
from narrows.policy.rules import Place, Rule, Targets

PODS = Resource("", "pods")
TASKS = Resource("example.com", "tasks")

words = st.text("ab-*", min_size=1, max_size=4)
plain_words = st.text("ab-", min_size=1, max_size=4)
keys = st.text(min_size=1, max_size=6).filter(lambda key: key.lower() not in FREE_KEYS and key != STATUS)
places = st.lists(keys | st.integers(0, 3), min_size=1, max_size=6)

WALLS: list[tuple[str, Any]] = [
    ("hostPID", True),
    ("privileged", True),
    ("hostPath", {"path": "/"}),
    ("image", "evil"),
    ("capabilities", {"add": ["SYS_ADMIN"]}),
    ("serviceAccountName", "admin"),
    ("secretKeyRef", {"name": "db", "key": "p"}),
    ("secret", {"secretName": "db"}),
    ("imagePullSecrets", [{"name": "db"}]),
]


def nested(place: list[str | int], value: Any) -> Any:
    """A document with a value at a place: keys of objects and positions in lists."""
    for part in reversed(place):
        value = {part: value} if isinstance(part, str) else [None] * part + [value]
    return value


@given(places, st.sampled_from(WALLS), st.booleans())
def test_what_matters_is_found_wherever_it_stands(
    place: list[str | int], wall: tuple[str, Any], shouts: bool
) -> None:
    name, value = wall
    key = name.upper() if shouts else name
    alone = contents_of({name: value}, TASKS, "shop")
    found = contents_of({"spec": nested(place, {key: value})}, TASKS, "shop")
    for field in ("images", "host_paths", "capabilities", "service_accounts", "secrets"):
        assert set(getattr(found, field)) >= set(getattr(alone, field))
    assert len(found.privileged) + len(found.host_namespaces) >= len(alone.privileged) + len(
        alone.host_namespaces
    )


@given(st.lists(keys, min_size=1, max_size=5), st.sampled_from(WALLS))
def test_a_json_patch_is_read_as_what_it_makes(place: list[str], wall: tuple[str, Any]) -> None:
    name, value = wall
    path = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in ["spec", *place, name])
    patch = read_body(JSON_PATCH, json.dumps([{"op": "add", "path": path, "value": value}]).encode())
    whole = {"spec": nested([*place], {name: value})}
    assert contents_of(patch, TASKS, "shop") == contents_of(whole, TASKS, "shop")


def test_the_same_is_found_in_the_least_patch() -> None:
    deep = [{"op": "replace", "path": "/spec/volumes/0/secret/secretName", "value": "db"}]
    assert contents_of(deep, PODS, "shop").secrets == (SecretRef("shop", "db"),)


@given(st.lists(words, min_size=1, max_size=3), plain_words, st.booleans())
def test_a_name_that_is_surely_meant_may_be_meant(texts: list[str], name: str, is_prefix: bool) -> None:
    names = Names(tuple(texts))
    if names.cover(name, is_prefix=is_prefix):
        assert names.may_match(name, is_prefix=is_prefix)


@given(words, plain_words, plain_words)
def test_a_prefix_stands_for_all_that_it_can_become(text: str, prefix: str, rest: str) -> None:
    names = Names((text,))
    if names.cover(prefix, is_prefix=True):
        assert names.cover(prefix + rest)
    if names.cover(prefix + rest):
        assert names.may_match(prefix, is_prefix=True)


parts = st.sampled_from(["*", "a", "ab", "a*", "apps", "x.io"])


@given(st.lists(parts, min_size=1, max_size=3), st.lists(parts, min_size=3, max_size=3))
def test_a_resource_that_is_surely_meant_may_be_meant(written: list[str], given_: list[str]) -> None:
    pattern = ResourcePattern.parse("/".join(written)) if len(written) < 3 else None
    pattern = pattern or ResourcePattern.parse("/".join(["x.io", *written[1:]]))
    resource = Resource(*(part.strip("*") or "b" for part in given_))
    if pattern.covers(resource):
        assert pattern.may_match(resource)


@given(st.text("ab/.:*", min_size=1, max_size=8), st.text("ab/.:", min_size=1, max_size=8))
def test_an_image_that_is_surely_meant_may_be_meant(text: str, image: str) -> None:
    pattern = ImagePattern.parse(text)
    if pattern.covers(image):
        assert pattern.may_match(image)


ranges = st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda pair: (min(pair), max(pair)))


def forwarding(effect: Effect, ports: list[tuple[int, int]]) -> Rule:
    section = Kubernetes(frozenset({"portforward"}), (ResourcePattern.parse("pods"),), ports=tuple(ports))
    return Rule("r", None, Targets((), ()), effect, "", "", None, None, Place(Path(), 0), kubernetes=section)


@given(st.lists(ranges, min_size=1, max_size=4), st.lists(ranges, min_size=1, max_size=4))
def test_ports_are_those_named_without_those_denied(
    given_: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    use = Use("portforward", Resource("", "pods", "portforward"), "shop", "w")
    found = ports_for([forwarding(Effect.ALLOW, given_), forwarding(Effect.DENY, taken)], use)
    assert all(1 <= first <= last <= PORT_MAX for first, last in found)
    ports = {port for first, last in found for port in range(first, last + 1)}
    assert ports == spread(given_) - spread(taken)


def spread(those: list[tuple[int, int]]) -> set[int]:
    return {port for first, last in those for port in range(first, last + 1)}
