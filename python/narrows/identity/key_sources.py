"""Where an issuer's keys come from: its metadata over HTTPS, or a file for issuers that cannot be reached.

Every URL comes from the configuration or from the issuer's own metadata, never from a token.
"""

from __future__ import annotations

import ipaddress
import ssl
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

import httpx
import trio

from narrows.errors import IdentityError
from narrows.identity.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

BODY_BYTES_MAX = 512 * 1024
"""More than any metadata or key document of `KEYS_MAX` keys with their certificates."""
FETCH_DEADLINE_S = 4.0
"""For metadata and keys together: less than an ask's deadline, so that whoever waits is told the reason."""


class KeySource(Protocol):
    """Anything that yields an issuer's JWK set."""

    async def fetch(self) -> bytes:
        """Returns the document. Raises IdentityError, without a token's text, when it cannot be had."""
        ...


class FileKeys:
    """A JWK set in a file; read again at every refresh, so replacing the file rolls the keys."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def fetch(self) -> bytes:
        """Returns the file's bytes; see `KeySource`."""
        try:
            async with await trio.open_file(self._path, "rb") as file:
                body = await file.read(BODY_BYTES_MAX + 1)
        except OSError as error:
            raise IdentityError(f"the key file {self._path} cannot be read: {error.strerror}") from None
        _check_size(body, str(self._path))
        return body


class HttpKeys:
    """A JWK set over HTTPS, found through the issuer's metadata unless its address is configured.

    Args:
        issuer: The exact `iss`; metadata that names another issuer is refused.
        metadata_url: The issuer's `.well-known/openid-configuration`; not read when `jwks_uri` is given.
        jwks_uri: The keys' address where it is configured.
        ca: PEM file of the CA for the issuer's certificate; None: the system's.
        transport: Replaces the network in tests.
    """

    def __init__(
        self,
        *,
        issuer: str,
        metadata_url: str = "",
        jwks_uri: str = "",
        ca: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._metadata_url = metadata_url
        self._jwks_uri = jwks_uri
        self._transport = transport
        try:
            self._tls = ssl.create_default_context(cafile=ca)
        except OSError as error:
            raise IdentityError(f"the CA file {ca} of issuer {issuer} cannot be read: {error}") from None

    async def fetch(self) -> bytes:
        """Returns the key document; see `KeySource`."""
        try:
            with trio.fail_after(FETCH_DEADLINE_S):
                return await self._read(self._jwks_uri or await self._discover())
        except trio.TooSlowError:
            raise IdentityError(
                f"issuer {self._issuer} did not answer within {FETCH_DEADLINE_S:g} s"
            ) from None

    async def _discover(self) -> str:
        body = await self._read(self._metadata_url)
        try:
            metadata = parse_object(body, "issuer's metadata")
        except ValueError as error:
            raise IdentityError(f"{self._metadata_url}: {error}") from None
        if metadata.get("issuer") != self._issuer:
            raise IdentityError(f"{self._metadata_url} is not the metadata of {self._issuer}")
        jwks_uri = metadata.get("jwks_uri")
        if not isinstance(jwks_uri, str):
            raise IdentityError(f"{self._metadata_url} does not say where the keys are")
        return jwks_uri

    async def _read(self, url: str) -> bytes:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise IdentityError(f"{url} is not an https address; keys are fetched over https only")
        client = httpx.AsyncClient(
            verify=self._tls,
            transport=self._transport,
            follow_redirects=False,
            trust_env=not _is_loopback(parts.hostname),  # a proxy cannot reach this machine's own issuer
            timeout=FETCH_DEADLINE_S,
        )
        try:
            async with client, client.stream("GET", url) as response:
                return await _body(response, url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise IdentityError(f"{url} cannot be fetched: {error}") from None


async def _body(response: httpx.Response, url: str) -> bytes:
    if response.status_code != 200:
        raise IdentityError(f"{url} answered with status {response.status_code}")
    body = bytearray()
    stream = cast("AsyncGenerator[bytes, None]", response.aiter_bytes())  # it is one, though typed as less
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            body += chunk
            _check_size(body, url)
    return bytes(body)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_size(body: bytes | bytearray, origin: str) -> None:
    if len(body) > BODY_BYTES_MAX:
        raise IdentityError(f"{origin} holds more than {BODY_BYTES_MAX} bytes")
