"""Fetching keys over HTTPS: what an issuer's server may and may not do to us."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trio

from narrows.errors import IdentityError
from narrows.identity.https import BODY_BYTES_MAX, FETCH_DEADLINE_S
from narrows.identity.key_sources import FileKeys, HttpKeys

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = "https://issuer.example/tenant"
METADATA = "https://issuer.example/tenant/.well-known/openid-configuration"
KEYS = b'{"keys": []}'


def source(responses: dict[str, httpx.Response], **changes: Any) -> HttpKeys:
    def answer(request: httpx.Request) -> httpx.Response:
        return responses[str(request.url)]

    return HttpKeys(
        **({"issuer": ISSUER, "metadata_url": METADATA, "transport": httpx.MockTransport(answer)} | changes)
    )


def metadata(**changes: Any) -> httpx.Response:
    return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": "https://issuer.example/keys"} | changes)


async def test_keys_are_found_through_the_metadata() -> None:
    keys = source({METADATA: metadata(), "https://issuer.example/keys": httpx.Response(200, content=KEYS)})
    assert await keys.fetch() == KEYS


async def test_configured_address_needs_no_metadata() -> None:
    keys = source(
        {"https://issuer.example/k": httpx.Response(200, content=KEYS)}, jwks_uri="https://issuer.example/k"
    )
    assert await keys.fetch() == KEYS


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (metadata(issuer=ISSUER + "/"), "is not the metadata of"),
        (metadata(issuer=None), "is not the metadata of"),
        (metadata(jwks_uri=None), "does not say where the keys are"),
        (metadata(jwks_uri="http://issuer.example/keys"), "spoken to over https only"),
        (metadata(jwks_uri="file:///etc/passwd"), "spoken to over https only"),
        (metadata(jwks_uri="https:///keys"), "spoken to over https only"),
        (httpx.Response(302, headers={"location": "https://evil.example/"}), "status 302"),
        (httpx.Response(500), "status 500"),
        (httpx.Response(200, content=b"<html>"), "not JSON"),
        (httpx.Response(200, content=b" " * (BODY_BYTES_MAX + 1)), f"more than {BODY_BYTES_MAX} bytes"),
        (
            httpx.Response(
                200, content=json.dumps({"issuer": ISSUER}).replace("{", '{"issuer": 1, ').encode()
            ),
            "twice",
        ),
    ],
)
async def test_metadata_is_refused(answer: httpx.Response, reason: str) -> None:
    with pytest.raises(IdentityError, match=reason):
        await source({METADATA: answer}).fetch()


async def test_a_server_that_says_nothing_is_given_up(autojump_clock: Any) -> None:
    async def hang(_request: httpx.Request) -> httpx.Response:
        await trio.sleep_forever()
        raise AssertionError

    keys = source({}, transport=httpx.MockTransport(hang))
    with pytest.raises(IdentityError, match="did not answer within 4 s"):
        await keys.fetch()
    assert trio.current_time() >= FETCH_DEADLINE_S


async def test_a_connection_that_fails_is_an_error_of_ours() -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with pytest.raises(IdentityError, match="cannot be fetched: connection refused"):
        await source({}, transport=httpx.MockTransport(fail)).fetch()


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="CA file"):
        HttpKeys(issuer=ISSUER, ca=tmp_path / "absent.pem")
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(IdentityError, match="CA file"):
        HttpKeys(issuer=ISSUER, ca=tmp_path / "bad.pem")


async def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys = FileKeys(file)
    with pytest.raises(IdentityError, match="cannot be read: No such file"):
        await keys.fetch()
    file.write_bytes(KEYS)
    assert await keys.fetch() == KEYS
    file.write_bytes(b" " * (BODY_BYTES_MAX + 1))
    with pytest.raises(IdentityError, match="more than"):
        await keys.fetch()
