"""What the authenticator knows of an issuer: its exact `iss`, its keys, how its claims make a principal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from narrows.errors import IdentityError
from narrows.identity.claims import LEEWAY_MAX_S, LIFETIME_MAX_S
from narrows.identity.jose import ALGORITHMS, Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.config import IssuerSection
    from narrows.identity.keys import IssuerKeys
    from narrows.model import Principal


class Issuer(Protocol):
    """One `iss` whose tokens are accepted. A configured issuer may have two: Entra's token versions."""

    @property
    def section(self) -> IssuerSection:
        """As configured."""
        ...

    @property
    def iss(self) -> str:
        """Compared with a token's `iss` exactly."""
        ...

    @property
    def keys(self) -> IssuerKeys:
        """The keys that sign for this `iss`."""
        ...

    def principal(self, claims: Mapping[str, Any], now: float) -> Principal:
        """Checks verified claims and derives the principal.

        Args:
            claims: The claims of a token whose signature has been checked with one of `keys`.
            now: Seconds since 1970.

        Raises:
            IdentityError: The claims do not make a principal here.
        """
        ...


def check_header(token: Token, section: IssuerSection) -> None:
    """Refuses a token whose header is not what this issuer is configured to send.

    Raises:
        IdentityError: The algorithm or the type is another.
    """
    if token.algorithm not in section.algorithms:
        raise IdentityError(
            f"the token is signed with {token.algorithm}, which issuer {section.name} is not configured for"
        )
    if token.type not in {kind.lower() for kind in section.types}:
        raise IdentityError(f"the token's type is not one that issuer {section.name} is configured for")


def check_section(section: IssuerSection) -> None:
    """Refuses a configuration that would make the checks weaker than they say.

    Raises:
        IdentityError: Something in the section is out of range; the message names issuer and setting.
    """
    problem = ""
    if not section.audiences:
        problem = "audiences is empty"
    elif not section.algorithms or not ALGORITHMS.issuperset(section.algorithms):
        problem = f"algorithms must be among {', '.join(sorted(ALGORITHMS))}"
    elif not 0 <= section.leeway_s <= LEEWAY_MAX_S:
        problem = f"leeway-s must be 0 to {LEEWAY_MAX_S}"
    elif not 0 < section.token_age_max_s <= LIFETIME_MAX_S:
        problem = f"token-age-max-s must be 1 to {LIFETIME_MAX_S}"
    if problem:
        raise IdentityError(f"issuer {section.name}: {problem}")
