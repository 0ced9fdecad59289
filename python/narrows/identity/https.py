"""Requests to an issuer: https only, no redirects, bounded in bytes and time.

Every URL comes from the configuration or from the issuer's own metadata, never from a token.
"""

from __future__ import annotations

import ipaddress
import ssl
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import httpx
import trio

from narrows.errors import IdentityError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping
    from pathlib import Path

BODY_BYTES_MAX = 512 * 1024
"""More than any metadata or key document of `KEYS_MAX` keys with their certificates."""
FETCH_DEADLINE_S = 4.0
"""For metadata and keys together: less than an ask's deadline, so that whoever waits is told the reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes


class Https:
    """Speaks to one issuer.

    Args:
        issuer: Its `iss`, for errors.
        ca: PEM file of the CA for the issuer's certificate; None: the system's.
        transport: Replaces the network in tests.

    Raises:
        IdentityError: The CA file cannot be read.
    """

    def __init__(
        self, issuer: str, *, ca: Path | None = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._transport = transport
        try:
            self._tls = ssl.create_default_context(cafile=ca)
        except OSError as error:
            raise IdentityError(f"the CA file {ca} of issuer {issuer} cannot be read: {error}") from None

    async def read(self, url: str) -> bytes:
        """A document.

        Raises:
            IdentityError: The URL is not https, or the document cannot be had.
        """
        answer = await self._send("GET", url)
        if answer.status != 200:
            raise IdentityError(f"{url} answered with status {answer.status}")
        return answer.body

    async def post_form(self, url: str, fields: Mapping[str, str]) -> Answer:
        """The answer to a form, whatever its status.

        Raises:
            IdentityError: The URL is not https, or there is no answer. The fields are not in it.
        """
        return await self._send("POST", url, fields)

    async def _send(self, method: str, url: str, fields: Mapping[str, str] | None = None) -> Answer:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise IdentityError(f"{url} is not an https address; issuers are spoken to over https only")
        client = httpx.AsyncClient(
            verify=self._tls,
            transport=self._transport,
            follow_redirects=False,
            trust_env=not _is_loopback(parts.hostname),  # a proxy cannot reach this machine's own issuer
            timeout=FETCH_DEADLINE_S,
        )
        try:
            async with client, client.stream(method, url, data=fields) as response:
                return Answer(response.status_code, await _body(response, url))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise IdentityError(f"{url} cannot be fetched: {error}") from None


@contextmanager
def deadline(issuer: str) -> Iterator[None]:
    """Bounds what is asked of an issuer; raises IdentityError when `FETCH_DEADLINE_S` is over."""
    try:
        with trio.fail_after(FETCH_DEADLINE_S):
            yield
    except trio.TooSlowError:
        raise IdentityError(f"issuer {issuer} did not answer within {FETCH_DEADLINE_S:g} s") from None


def check_size(body: bytes | bytearray, origin: str) -> None:
    """Raises IdentityError when a document is larger than `BODY_BYTES_MAX`."""
    if len(body) > BODY_BYTES_MAX:
        raise IdentityError(f"{origin} holds more than {BODY_BYTES_MAX} bytes")


async def _body(response: httpx.Response, url: str) -> bytes:
    body = bytearray()
    stream = cast("AsyncGenerator[bytes, None]", response.aiter_bytes())  # it is one, though typed as less
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            body += chunk
            check_size(body, url)
    return bytes(body)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
