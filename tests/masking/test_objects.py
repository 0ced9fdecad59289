"""Answers of a Kubernetes API server under masks: in whatever shape and pieces, no secret comes out."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows._core import ObjectScanner
from narrows.policy.kubernetes.placeholders import holds_placeholder

KEY = bytes(range(32))
CANARY = "canary-5e5f7b9d"
MASKS = json.dumps(
    {
        "masks": [
            {"id": "secrets", "resources": [["", "secrets"]], "paths": ["$.data.*", "$.stringData.*"]},
            {"id": "tokens", "resources": [["*", "*"]], "paths": ["$..token"], "transform": "redact"},
        ],
        "drop_annotations": ["kubectl.kubernetes.io/last-applied-configuration"],
        "remember": ["secrets"],
    }
)


def scan(document: object, *, pieces: int, ascii_only: bool, watch: bool = False) -> str:
    scanner = ObjectScanner(MASKS, key=KEY, resource="secrets", name="db", watch=watch)
    text = json.dumps(document, ensure_ascii=ascii_only).encode()
    fed = [scanner.feed(text[start : start + pieces]) for start in range(0, len(text), pieces)]
    return (b"".join(fed) + scanner.finish()).decode()


def secrets() -> st.SearchStrategy[dict[str, Any]]:
    """Secrets that say a canary in every field that is masked, among others that are not."""
    names = st.text(min_size=1, max_size=8)
    encoded = base64.b64encode(CANARY.encode()).decode()
    nested = st.recursive(st.just(CANARY), lambda inner: st.lists(inner, max_size=3), max_leaves=5)
    last_applied = {"kubectl.kubernetes.io/last-applied-configuration": CANARY}
    return st.fixed_dictionaries(
        {
            "metadata": st.fixed_dictionaries(
                {"annotations": st.dictionaries(names, names, max_size=3).map(lambda of: of | last_applied)}
            ),
            "data": st.dictionaries(names, st.just(encoded), max_size=4),
            "stringData": st.dictionaries(names, st.just(CANARY), max_size=4),
            "spec": st.dictionaries(st.just("token"), nested),
        }
    )


SHAPES = (
    lambda one: one,
    lambda one: {"kind": "SecretList", "items": [one, one]},
    lambda one: {"kind": "Table", "rows": [{"cells": [CANARY], "object": one}]},
    lambda one: {"type": "MODIFIED", "object": one},
    lambda one: {"type": "ADDED", "object": {"rows": [{"cells": [], "object": one}]}},
    lambda one: {
        "kind": "Status",
        "message": f'Secret "db" is invalid: x: Invalid value: "{CANARY}": no',
        "o": one["spec"],
    },
)


@given(secrets(), st.sampled_from(SHAPES), st.integers(1, 400), st.booleans())
def test_no_shape_and_no_cut_shows_a_secret(
    one: dict[str, Any], shape: Any, pieces: int, ascii_only: bool
) -> None:
    out = scan(shape(one), pieces=pieces, ascii_only=ascii_only)
    assert CANARY not in out
    assert base64.b64encode(CANARY.encode()).decode() not in out
    json.loads(out)


@given(secrets(), st.integers(1, 50))
def test_it_does_not_matter_where_an_answer_is_cut(one: dict[str, Any], pieces: int) -> None:
    assert scan(one, pieces=pieces, ascii_only=True) == scan(one, pieces=1_000_000, ascii_only=True)


@pytest.mark.parametrize("text", ['{"data":{},"data":{}}', '{"a":', "[]", '{"a":"\x00"}', "{} {}"])
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    scanner = ObjectScanner(MASKS, key=KEY, resource="secrets")
    with pytest.raises(ValueError, match="cannot be masked"):
        _read(scanner, text)
    with pytest.raises(ValueError, match="cannot be masked"):
        scanner.feed(b"{}")


def _read(scanner: ObjectScanner, text: str) -> None:
    scanner.feed(text.encode())
    scanner.finish()


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_placeholder_is_known_wherever_it_stands(before: bytes, after: bytes) -> None:
    secret = json.loads(scan({"stringData": {"a": CANARY}}, pieces=100, ascii_only=True))
    body = before + secret["stringData"]["a"].encode() + after
    assert holds_placeholder(body.decode("latin-1"))
    assert holds_placeholder(base64.b64encode(body).decode())
    assert holds_placeholder(base64.urlsafe_b64encode(body).decode())


def test_what_was_masked_is_counted() -> None:
    scanner = ObjectScanner(MASKS, key=KEY, resource="secrets")
    scanner.feed(json.dumps({"data": {"a": "eA=="}, "spec": {"token": "x"}}).encode())
    assert scanner.masked() == {"secrets": 1, "tokens": 1}
