"""Where an issuer's keys come from: its metadata over HTTPS, or a file for issuers that cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import trio

from narrows.errors import IdentityError
from narrows.identity.https import BODY_BYTES_MAX, Https, check_size, deadline
from narrows.identity.metadata import read_metadata

if TYPE_CHECKING:
    from pathlib import Path

    import httpx


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
        check_size(body, str(self._path))
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
        self._https = Https(issuer, ca=ca, transport=transport)

    async def fetch(self) -> bytes:
        """Returns the key document; see `KeySource`."""
        with deadline(self._issuer):
            return await self._https.read(self._jwks_uri or await self._discover())

    async def _discover(self) -> str:
        metadata = await read_metadata(self._https, self._metadata_url, self._issuer)
        jwks_uri = metadata.get("jwks_uri")
        if not isinstance(jwks_uri, str):
            raise IdentityError(f"{self._metadata_url} does not say where the keys are")
        return jwks_uri
