"""An issuer's metadata, believed only when it names that very issuer. Source: OpenID Connect Discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.errors import IdentityError
from narrows.identity.strict_json import parse_object

if TYPE_CHECKING:
    from narrows.identity.https import Https

WELL_KNOWN = "/.well-known/openid-configuration"


async def read_metadata(https: Https, url: str, issuer: str) -> dict[str, Any]:
    """Fetches the metadata of an issuer.

    Args:
        https: How its server is reached.
        url: Where the metadata is.
        issuer: The exact `iss` that it must name.

    Raises:
        IdentityError: It cannot be had, or is another issuer's.
    """
    body = await https.read(url)
    try:
        metadata = parse_object(body, "issuer's metadata")
    except ValueError as error:
        raise IdentityError(f"{url}: {error}") from None
    if metadata.get("issuer") != issuer:
        raise IdentityError(f"{url} is not the metadata of {issuer}")
    return metadata
