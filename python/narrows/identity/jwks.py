"""An issuer's published keys, of which only those fit for verifying tokens are taken.

A key that is weak, private, meant for encryption or another issuer's is left out with its reason, so that a
token that names it is refused with that reason; one bad key does not cost the issuer the good ones.
Source: RFC 7517; the key's `issuer` member is Microsoft Entra's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from narrows.identity.strict_json import parse_object

if TYPE_CHECKING:
    from jwt.algorithms import AllowedPublicKeys

KEYS_MAX = 64
"""An issuer with more keys than this is not one we can trust to be itself."""
RSA_BITS_MIN = 2048

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVE_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key that may verify tokens."""

    key_id: str
    algorithms: frozenset[str]
    """What this key may verify; never empty."""
    thumbprint: bytes
    """SHA-256 of the public key: the same key by whatever name."""
    public: AllowedPublicKeys = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """What one reading of an issuer's keys gave."""

    keys: dict[str, SigningKey] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Key ids that were published but are not fit, with the reason."""


def parse_keys(body: bytes, *, issuer: str, tenant: str = "") -> KeySet:
    """Reads a JWK set.

    Args:
        body: The document.
        issuer: The exact `iss` that these keys sign for; a key whose `issuer` says otherwise is refused.
        tenant: Replaces `{tenantid}` in a key's `issuer`.

    Returns:
        The keys that are fit, and why the others are not.

    Raises:
        ValueError: It is not a JWK set, or holds more than `KEYS_MAX` keys.
    """
    document = parse_object(body, "key document")
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise ValueError("the key document holds no list of keys")
    if len(entries) > KEYS_MAX:
        raise ValueError(f"the key document holds {len(entries)} keys; at most {KEYS_MAX} are read")
    found = KeySet()
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue  # a token must name its key, so a key without a name is of no use
        key_id = entry["kid"]
        if key_id in found.keys or key_id in found.refused:
            found.keys.pop(key_id, None)
            found.refused[key_id] = "two of the issuer's keys bear its id"
            continue
        try:
            found.keys[key_id] = _signing_key(key_id, entry, issuer, tenant)
        except ValueError as error:
            found.refused[key_id] = str(error)
    return found


def _signing_key(key_id: str, entry: dict[str, Any], issuer: str, tenant: str) -> SigningKey:
    if not _PRIVATE_MEMBERS.isdisjoint(entry):
        raise ValueError("it is published with its private part")
    if entry.get("use", "sig") != "sig":
        raise ValueError("it is not for signatures")
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise ValueError("it is not for verifying")
    owner = entry.get("issuer", issuer)
    if not isinstance(owner, str) or owner.replace("{tenantid}", tenant) != issuer:
        raise ValueError("it signs for another issuer")
    public = _public_key(entry)
    algorithms = _algorithms(public)
    if "alg" in entry:
        algorithms &= {entry["alg"]} if isinstance(entry["alg"], str) else frozenset()
    if not algorithms:
        raise ValueError("its algorithm does not fit its type")
    return SigningKey(key_id, algorithms, _thumbprint(public), public)


def _public_key(entry: dict[str, Any]) -> AllowedPublicKeys:
    named = {name: value for name, value in entry.items() if name in {"kty", "n", "e", "crv", "x", "y"}}
    try:
        return cast("AllowedPublicKeys", jwt.PyJWK(named).key)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise ValueError("it cannot be read") from None


def _algorithms(public: AllowedPublicKeys) -> frozenset[str]:
    if isinstance(public, RSAPublicKey):
        if public.key_size < RSA_BITS_MIN:
            raise ValueError(
                f"it is an RSA key of {public.key_size} bits; at least {RSA_BITS_MIN} are required"
            )
        return _RSA_ALGORITHMS
    if isinstance(public, EllipticCurvePublicKey):
        return frozenset({_CURVE_ALGORITHMS.get(public.curve.name, "")}) - {""}
    return frozenset({"EdDSA"}) if isinstance(public, Ed25519PublicKey) else frozenset()


def _thumbprint(public: AllowedPublicKeys) -> bytes:
    digest = Hash(SHA256())
    digest.update(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize()
