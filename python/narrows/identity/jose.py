"""A compact JWS taken apart strictly, before anything in it is believed.

PyJWT checks the signature. What stands around it here is what PyJWT accepts and we must not: duplicate
members, loose base64, header members that point to keys or change the signed bytes. Sources: RFC 7515, 8725.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt
from jwt.api_jws import PyJWS

from narrows.errors import IdentityError
from narrows.identity.strict_json import parse_object

if TYPE_CHECKING:
    from jwt.algorithms import AllowedPublicKeys

TOKEN_BYTES_MAX = 16 * 1024
"""Room for an agent in two hundred groups, and for nothing that is not a token."""
KEY_ID_CHARACTERS_MAX = 128
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""What an issuer may be configured to sign with. No HMAC: a public key must never be a shared secret."""

_SEGMENT = re.compile(rb"[A-Za-z0-9_-]+")
_REFUSED_HEADER_MEMBERS = ("crit", "jku", "jwk", "x5u", "x5c", "zip", "b64", "enc")
"""They carry or point to a key, or change what is signed. Keys come from the issuer's metadata alone."""
_SIGNATURES = PyJWS(options={"enforce_minimum_key_length": True})


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is well formed. Nothing in it is verified until `verify` has returned."""

    raw: bytes = field(repr=False)
    header: dict[str, Any] = field(repr=False)
    unverified: dict[str, Any] = field(repr=False)
    """The claims as the token states them: good for choosing an issuer and for error texts only."""
    algorithm: str
    type: str
    """The `typ` header without `application/`; empty when absent."""
    key_id: str


def parse(raw: bytes) -> Token:
    """Takes a compact JWS apart.

    Args:
        raw: Three base64url parts joined by dots, at most `TOKEN_BYTES_MAX` bytes.

    Returns:
        The token, unverified.

    Raises:
        IdentityError: It is no such thing, or its header asks for what is never granted.
    """
    if len(raw) > TOKEN_BYTES_MAX:
        raise IdentityError(f"the token has {len(raw)} bytes; at most {TOKEN_BYTES_MAX} are read")
    parts = raw.split(b".")
    if len(parts) != 3:
        raise IdentityError(
            "the password is neither a token nor a ticket",
            hint="Send an access token (three parts joined by dots, not cut short) or a ticket.",
        )
    header_text, payload, _signature = (_decode(part) for part in parts)
    try:
        header = parse_object(header_text, "token header")
        claims = parse_object(payload, "token")
    except ValueError as error:
        raise IdentityError(str(error)) from None
    for name in _REFUSED_HEADER_MEMBERS:
        if name in header:
            raise IdentityError(f"the token header holds {name}, which is never accepted")
    return Token(raw, header, claims, _algorithm(header), _type(header), _key_id(header))


def verify(token: Token, key: AllowedPublicKeys) -> dict[str, Any]:
    """Checks the signature.

    Args:
        token: A parsed token whose algorithm the caller has found acceptable for this key.
        key: The issuer's public key.

    Returns:
        The claims, now known to be the issuer's.

    Raises:
        IdentityError: The signature is not this key's.
    """
    try:
        _SIGNATURES.decode_complete(token.raw, key, algorithms=[token.algorithm])
    except (jwt.InvalidTokenError, jwt.InvalidKeyError):
        raise IdentityError("the token's signature is not the issuer's") from None
    return token.unverified


def _decode(segment: bytes) -> bytes:
    try:
        if _SEGMENT.fullmatch(segment):
            decoded = base64.b64decode(segment + b"=" * (-len(segment) % 4), altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(decoded).rstrip(b"=") == segment:
                return decoded
    except binascii.Error:
        pass
    raise IdentityError("the token is not canonical base64url")


def _algorithm(header: dict[str, Any]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise IdentityError(
            "the token is not signed with an algorithm that Narrows verifies",
            hint="Accepted are RSA, RSA-PSS, ECDSA and EdDSA signatures, as the issuer is configured.",
        )
    return algorithm


def _type(header: dict[str, Any]) -> str:
    kind = header.get("typ", "")
    if not isinstance(kind, str):
        raise IdentityError("the token header's typ is not text")
    return kind.lower().removeprefix("application/")


def _key_id(header: dict[str, Any]) -> str:
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= KEY_ID_CHARACTERS_MAX:
        raise IdentityError(
            f"the token header's kid is not a text of 1 to {KEY_ID_CHARACTERS_MAX} characters",
            hint="The token must name the issuer's key that signed it.",
        )
    return key_id
