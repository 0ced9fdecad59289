"""Bodies are read in one way or not at all."""

from __future__ import annotations

import base64
import contextlib
import json
import string
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from narrows.policy.kubernetes.bodies import (
    APPLY_PATCH,
    DEPTH_MAX,
    JSON,
    JSON_PATCH,
    MERGE_PATCHES,
    VALUES_MAX,
    YAML_BYTES_MAX,
    BodyRefused,
    pointer,
    read_body,
)
from narrows.policy.kubernetes.placeholders import MARK, holds_placeholder

TYPES = [JSON, JSON_PATCH, APPLY_PATCH, *sorted(MERGE_PATCHES)]

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12)
names = st.text(max_size=8)
values = st.recursive(scalars, lambda i: st.lists(i) | st.dictionaries(names, i), max_leaves=12)
words = st.recursive(
    names, lambda i: st.lists(i, min_size=1) | st.dictionaries(names, i, min_size=1), max_leaves=12
)
texts = st.dictionaries(names, words, min_size=1, max_size=4)
objects = st.dictionaries(names, values, max_size=4)
yaml_like = st.text(string.ascii_lowercase + "0123456789 \n\t:-.,[]{}#&*!|>'\"%@`?~<=+_", max_size=60)


@given(objects)
def test_json_is_read_as_it_is(document: dict[str, Any]) -> None:
    for kind in (JSON, APPLY_PATCH, *MERGE_PATCHES):
        assert read_body(kind, json.dumps(document).encode()) == document


@given(objects, st.text(max_size=8), values, values)
def test_a_key_twice_is_refused_at_any_depth(around: dict[str, Any], key: str, one: Any, two: Any) -> None:
    twice = f"{{{json.dumps(key)}: {json.dumps(one)}, {json.dumps(key)}: {json.dumps(two)}}}"
    inner = json.dumps({**around, "place": "HERE"}).replace('"HERE"', twice)
    for kind in (JSON, APPLY_PATCH):
        with pytest.raises(BodyRefused):
            read_body(kind, inner.encode())


@given(st.sampled_from(TYPES), st.binary(max_size=200))
def test_no_bytes_break_the_reader(kind: str, body: bytes) -> None:
    with contextlib.suppress(BodyRefused):
        read_body(kind, body)


@given(texts)
def test_quoted_yaml_is_read_as_it_is(document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, default_style='"', default_flow_style=False)
    assert read_body(APPLY_PATCH, text.encode()) == document


@given(yaml_like)
def test_what_is_read_of_yaml_is_what_others_read(text: str) -> None:
    try:
        found = read_body(APPLY_PATCH, text.encode())
    except BodyRefused:
        return
    assert found is None or found == yaml.safe_load(text)


def test_yaml_as_people_write_it() -> None:
    text = b"# a pod\nspec:\n  containers:\n  - name: app\n    ports: [{containerPort: 80}]\n    tty: true\n"
    container = {"name": "app", "ports": [{"containerPort": 80}], "tty": True}
    assert read_body(APPLY_PATCH, text) == {"spec": {"containers": [container]}}


@pytest.mark.parametrize(
    "value",
    ["yes", "On", "0x1F", "017", "1_000", "1:30", "2001-01-01", ".inf", "~", "1e3", "+1", "True", "NULL"],
)
def test_scalars_that_readers_differ_on_are_refused(value: str) -> None:
    with pytest.raises(BodyRefused, match="put it in quotes"):
        read_body(APPLY_PATCH, f"a: {value}\n".encode())
    assert read_body(APPLY_PATCH, f"a: '{value}'\n".encode()) == {"a": value}


def test_a_bomb_of_aliases_never_grows() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    with pytest.raises(BodyRefused, match="anchors"):
        read_body(APPLY_PATCH, "\n".join(lines).encode())


@pytest.mark.parametrize("kind", [JSON, APPLY_PATCH])
@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 100_000])
def test_deep_bodies_are_refused(kind: str, depth: int) -> None:
    body = '{"a":' * depth + "1" + "}" * depth
    with pytest.raises(BodyRefused):
        read_body(kind, body.encode())


def test_wide_bodies_are_refused() -> None:
    with pytest.raises(BodyRefused, match="values"):
        read_body(JSON, json.dumps({"a": [0] * (VALUES_MAX + 1)}).encode())
    with pytest.raises(BodyRefused, match="send JSON"):
        read_body(APPLY_PATCH, b"a: " + b"x" * YAML_BYTES_MAX)


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "null", '{"a":1}{"b":2}', '{"a":Infinity}', "{'a':1}"])
def test_what_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(BodyRefused):
        read_body(JSON, body.encode())


@pytest.mark.parametrize(
    "patch",
    [
        {"op": "add"},
        {"path": "/a"},
        {"op": "add", "path": 1},
        {"op": "copy", "path": "/a"},
        {"op": "ADD", "path": "/a"},
    ],
)
def test_a_json_patch_says_what_it_does(patch: dict[str, Any]) -> None:
    with pytest.raises(BodyRefused):
        read_body(JSON_PATCH, json.dumps([patch]).encode())


def test_pointers_are_decoded_once() -> None:
    assert pointer("/a~1b/~01") == ("a/b", "~1")
    assert pointer("") == ()


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_placeholder_is_known_in_base64_wherever_it_starts(before: bytes, after: bytes) -> None:
    whole = before + f"{MARK}0123456789abcdef01234567".encode() + after
    assert holds_placeholder({"data": {"k": base64.b64encode(whole).decode()}})
    assert holds_placeholder({"data": {"k": base64.urlsafe_b64encode(whole).decode()}})
    assert holds_placeholder([{"op": "add", "value": {whole.decode("latin-1"): 1}}])


@given(objects)
def test_nothing_else_is_a_placeholder(document: dict[str, Any]) -> None:
    assert not holds_placeholder(document)
