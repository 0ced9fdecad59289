"""`--as CLAIMS`: the principal that a question is asked for, without a token that anybody has to have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from narrows.cli.errors import CommandError
from narrows.policy.tables import ClaimsTable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from narrows.config import Located
    from narrows.model import Principal

HELP = (
    "for whom: groups=NAME,NAME roles=NAME kind=user and so on (as `principal` of an [[expect]]), the same "
    "or a token's claims as a JSON object, or @FILE with either or with a token; nothing is verified"
)
LISTS = frozenset({"groups", "roles"})
CLAIMS_BYTES_MAX = 64 * 1024
JWT_SEGMENTS = 3


def add_claims(parser: argparse.ArgumentParser) -> None:
    """`--as CLAIMS`."""
    parser.add_argument("--as", dest="claims", metavar="CLAIMS", required=True, help=HELP)


def principal_of(written: str, where: Located | None, issuers: Iterable[str]) -> Principal:
    """The principal that claims make.

    Args:
        written: As given on the command line.
        where: The configuration, whose issuers say what a token's claims mean; None: there is none.
        issuers: The names of issuers that the policy speaks of; the only one is meant where none is named.

    Raises:
        CommandError: They make no principal.
    """
    claims = _read(written)
    if "iss" in claims:
        return _by_issuer(claims, where)
    try:
        return msgspec.convert(claims, ClaimsTable).principal(issuers)
    except msgspec.ValidationError as error:
        hint = "A token's claims have `iss`. Without it: issuer, tenant, object, kind, app, groups, roles."
        raise CommandError(f"--as: {error}", hint) from None


def _read(written: str) -> dict[str, Any]:
    text = (_content(Path(written[1:])) if written.startswith("@") else written).strip()
    if (
        text.count(".") == JWT_SEGMENTS - 1
        and " " not in text
        and not text.startswith("{")
        and "=" not in text
    ):
        return dict(_claims_of_token(text))
    if not text.startswith("{"):
        return _words(text)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--as is not JSON: {error}") from None
    return dict(document)


def _content(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(CLAIMS_BYTES_MAX)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as claims: {error}") from None


def _words(text: str) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    for word in text.split():
        name, separator, value = word.partition("=")
        if not separator or name in claims:
            raise CommandError(
                f"--as: `{word}` is not NAME=VALUE", "Write --as 'groups=sg-support,sg-dba kind=user'."
            )
        claims[name] = value.split(",") if name in LISTS else value
    return claims


def _claims_of_token(text: str) -> Mapping[str, Any]:
    from narrows.errors import IdentityError
    from narrows.identity.jose import parse

    try:
        return parse(text.encode()).unverified
    except IdentityError as error:
        raise CommandError(f"--as: {error}") from None


def _by_issuer(claims: dict[str, Any], where: Located | None) -> Principal:
    """What the issuer that a token names makes of its claims, at the moment of issue: tokens expire fast."""
    from narrows.errors import IdentityError
    from narrows.identity.authenticate import issuers_of

    if where is None:
        raise CommandError(
            "--as: only a configuration says what a token's claims mean", "Give --config FILE."
        )
    for issuer in issuers_of(where.config, where.base):
        if issuer.iss == claims["iss"]:
            try:
                return issuer.principal(claims, float(claims.get("iat", 0)))
            except (IdentityError, TypeError, ValueError) as error:
                raise CommandError(f"--as: {error}", getattr(error, "hint", "")) from None
    raise CommandError(f"--as: no [[issuer]] of {where.path} has iss {claims['iss']}")
