"""What an API call says of itself, to people and to approvals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from narrows.operation import BODY_BYTES_SHOWN_MAX, ApiCall, text_in
from narrows.policy.kubernetes.reading import read_call_text

POD = "/api/v1/namespaces/shop/pods"
BODY = b'{"metadata": {"name": "w"}}'


def test_a_command_is_shown_as_a_shell_would_write_it() -> None:
    call = read_call_text(f"GET {POD}/w/exec?container=app&command=sh&command=-c&command=ls%20/&stdin=true")
    assert call.argv == ("sh", "-c", "ls /")
    assert call.text == f"GET {POD}/w/exec?container=app&stdin=true: sh -c 'ls /'"
    assert text_in(call.document()) == call.text


def test_its_document_has_what_it_sends() -> None:
    document = read_call_text(f"POST {POD}", BODY).document()
    assert document["body"] == BODY.decode()
    assert document["body_sha256"] == hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize(
    "path", ["/api/v1/namespaces/shop/secrets", "/apis/authentication.k8s.io/v1/tokenreviews"]
)
def test_secrets_are_in_no_document(path: str) -> None:
    call = read_call_text(f"POST {path}", b'{"stringData": {"p": "hunter2"}, "spec": {"token": "hunter2"}}')
    assert "hunter2" not in json.dumps(call.document())
    assert "hunter2" not in repr(call)
    assert call.document()["body_bytes"] == len(call.body)


def test_a_long_body_is_a_digest() -> None:
    long = read_call_text(f"POST {POD}", b'{"a": "' + b"x" * BODY_BYTES_SHOWN_MAX + b'"}')
    assert "body" not in long.document()


@pytest.mark.parametrize(
    "other",
    [
        {"method": "PUT"},
        {"path": f"{POD}?dryRun=All"},
        {"body": BODY + b" "},
        {"content_type": "application/yaml"},
        {"preconditions": (("uid", "1"),)},
    ],
)
def test_whatever_differs_makes_another_document(other: dict[str, object]) -> None:
    call = read_call_text(f"POST {POD}", BODY)
    changed: ApiCall = replace(call, **other)  # type: ignore[arg-type]
    assert changed.document() != call.document()
