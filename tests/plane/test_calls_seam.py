"""The seam of API calls as Python has it: a token and a call come up as events, an answer goes down."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import pytest
import trio
import trustme

from narrows import _core
from narrows.calls import CallAnswers
from narrows.model import Decision, Effect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = bytes(32)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[_core.Plane]:
    plane = _core.Plane(str(tmp_path / "journal"), workers=1)
    yield plane
    plane.shutdown(2_000)


async def next_event(plane: _core.Plane) -> _core.Event:
    with trio.fail_after(10):
        while not (events := plane.drain(1)):
            await trio.lowlevel.wait_readable(plane.fileno())
    return events[0]


async def test_a_token_and_a_call_come_up_and_answers_go_down(plane: _core.Plane) -> None:
    authority = trustme.CA()
    identity = authority.issue_cert("gateway")
    pem, key = identity.cert_chain_pems[0].bytes(), identity.private_key_pem.bytes()
    address = plane.listen_kubernetes("127.0.0.1:0", certificate_pem=pem, key_pem=key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    host, port = address.split(":")
    tcp = await trio.open_tcp_stream(host, int(port))
    async with trio.SSLStream(tcp, context, server_hostname="gateway", https_compatible=True) as agent:
        await converse(plane, agent)


async def converse(plane: _core.Plane, agent: trio.SSLStream[trio.SocketStream]) -> None:
    body = b'{"kind":"Pod"}'
    head = (
        "POST /clusters/prod/api/v1/namespaces/shop/pods?dryRun=All HTTP/1.1\r\nHost: gateway\r\n"
        "User-Agent: kubectl\r\nAuthorization: Bearer abc\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    await agent.send_all(head.encode() + body)

    opened = await next_event(plane)
    assert isinstance(opened, _core.ClusterOpenAsked)
    assert (opened.target, opened.user_agent, opened.server_name) == ("prod", "kubectl", "gateway")
    assert "abc" not in repr(opened)
    assert (opened.take_evidence(), opened.take_evidence()) == (b"abc", b"")
    upstream = _core.ClusterUpstream("127.0.0.1:1", token=b"hunter2", impersonate={"user": "agent"})
    assert "hunter2" not in repr(upstream)
    assert plane.admit_cluster(
        opened.ask,
        upstream=upstream,
        principal="p",
        target="prod",
        mask_set=0,
        expires_ms=2**40 * 2,
        document=json.dumps({"admitted": True}),
    )
    assert isinstance(await next_event(plane), _core.SessionOpened)

    asked = await next_event(plane)
    assert isinstance(asked, _core.ApiCallAsked)
    assert (asked.session, asked.method, asked.verb) == (opened.session, "POST", "create")
    assert (asked.resource, asked.namespace, asked.body) == ("pods", "shop", body)
    assert asked.query == (("dryRun", "All"),)
    assert (asked.content_type, asked.upgrade) == ("application/json", "")
    denial = Decision(effect=Effect.DENY, rule="no-pods", reason="no pods today", hint="ask an operator")
    assert CallAnswers(plane).deny(asked.ask, denial)
    assert not CallAnswers(plane).deny(asked.ask, denial)

    with trio.fail_after(10):
        answer = b""
        while b"no pods today (rule no-pods); ask an operator" not in answer:
            answer += await agent.receive_some()
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")


@pytest.mark.parametrize("code", [200, 302, 418, 500, 503])
def test_a_denial_is_no_fault_of_the_server(plane: _core.Plane, code: int) -> None:
    with pytest.raises(ValueError, match=f"code: {code}"):
        plane.deny_call(1, rule="r", reason="because", code=code)


def test_masks_that_are_none_are_told(plane: _core.Plane) -> None:
    for masks in ["", "1", '{"masks": [{"id": "a"}]}', '{"detectors": {"nothing": "redact"}}']:
        with pytest.raises(ValueError, match="object masks"):
            plane.publish_object_masks(1, masks, pseudonym_key=KEY)
    plane.publish_object_masks(1, '{"masks": []}', pseudonym_key=KEY)


def test_an_upstream_names_the_field_that_is_wrong() -> None:
    with pytest.raises(ValueError, match="address"):
        _core.ClusterUpstream("prod")
    with pytest.raises(ValueError, match="certificate_pem and key_pem"):
        _core.ClusterUpstream("prod:6443", certificate_pem=b"x")
