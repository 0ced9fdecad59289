"""The console as the configuration makes it known to an issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.credentials.references import resolve
from narrows.errors import IdentityError
from narrows.identity.relying_party import RelyingParty

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.config import Config
    from narrows.identity.authenticate import Authenticator


def relying_party(config: Config, base: Path, authenticator: Authenticator) -> RelyingParty | None:
    """The console's way to sign people in; None when none is configured.

    Args:
        config: The configuration.
        base: Where its relative paths start.
        authenticator: Knows the issuers and keeps their keys.

    Raises:
        CredentialError: The client secret cannot be had.
        IdentityError: There is no such issuer.
    """
    console = config.console
    if not console.client_id:
        return None
    name = console.issuer or config.issuer[0].name
    issuer = authenticator.issuer(name)
    if issuer is None:
        raise IdentityError(f"there is no issuer named {name}")
    return RelyingParty(
        issuer,
        console.client_id,
        secret=resolve(console.client_secret, base).reveal if console.client_secret else None,
        ca=base / issuer.section.ca if issuer.section.ca else None,
    )
