"""Which of an issuer's published keys may verify a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from narrows.demo.entra import SigningCertificate
from narrows.errors import IdentityError
from narrows.identity.jwks import KEYS_MAX, parse_keys
from tests.identity.world import TENANT, Gate, World

if TYPE_CHECKING:
    from collections.abc import Callable

ISSUER = "https://issuer.example/"


def rsa_key(**changes: Any) -> dict[str, Any]:
    public = rsa.generate_private_key(65537, 2048).public_key()
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
    return {"kty": "RSA", "kid": "one", "n": jwk["n"], "e": jwk["e"]} | changes


def parse(*keys: Any) -> Any:
    return parse_keys(json.dumps({"keys": keys}).encode(), issuer=ISSUER, tenant=TENANT)


WEAK_KEYS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "encryption only": (lambda: rsa_key(use="enc"), "not for signatures"),
    "key_ops encrypt": (lambda: rsa_key(key_ops=["encrypt"]), "not for verifying"),
    "key_ops not a list": (lambda: rsa_key(key_ops="verify"), "not for verifying"),
    "another issuer's": (lambda: rsa_key(issuer="https://other.example/"), "signs for another issuer"),
    "another tenant's": (
        lambda: rsa_key(issuer="https://issuer.example/{tenantid}/"),
        "signs for another issuer",
    ),
    "algorithm of another type": (lambda: rsa_key(alg="ES256"), "algorithm does not fit"),
    "algorithm a list": (lambda: rsa_key(alg=["RS256"]), "algorithm does not fit"),
    "HMAC": (lambda: {"kty": "oct", "kid": "one", "k": "AAAA"}, "private part"),
    "private": (lambda: rsa_key(d="AAAA"), "private part"),
    "unknown type": (lambda: rsa_key(kty="XYZ"), "cannot be read"),
    "modulus missing": (lambda: {"kty": "RSA", "kid": "one", "e": "AQAB"}, "cannot be read"),
    "point not on the curve": (
        lambda: {"kty": "EC", "crv": "P-256", "kid": "one", "x": "AA" * 21 + "A", "y": "AA" * 21 + "A"},
        "cannot be read",
    ),
}


@pytest.mark.parametrize("name", WEAK_KEYS)
def test_key_is_left_out_with_its_reason(name: str) -> None:
    make, reason = WEAK_KEYS[name]
    found = parse(make(), rsa_key(kid="two"))
    assert reason in found.refused["one"]
    assert list(found.keys) == ["two"], "one bad key costs the issuer no good one"


def test_rsa_below_2048_bits_is_left_out() -> None:
    found = parse(SigningCertificate.make(1024).jwk(ISSUER))
    assert not found.keys
    assert "1024 bits; at least 2048 are required" in next(iter(found.refused.values()))


def test_two_keys_of_one_id_are_both_left_out() -> None:
    found = parse(rsa_key(), rsa_key(), rsa_key())
    assert not found.keys
    assert "two of the issuer's keys" in found.refused["one"]


def test_each_type_verifies_its_own_algorithms_only() -> None:
    curve = jwt.algorithms.ECAlgorithm.to_jwk(
        ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True
    )
    edwards = jwt.algorithms.OKPAlgorithm.to_jwk(
        ed25519.Ed25519PrivateKey.generate().public_key(), as_dict=True
    )
    found = parse(rsa_key(), rsa_key(kid="two", alg="RS256"), curve | {"kid": "ec"}, edwards | {"kid": "ed"})
    assert found.keys["one"].algorithms >= {"RS256", "PS256"}
    assert found.keys["two"].algorithms == {"RS256"}
    assert found.keys["ec"].algorithms == {"ES256"}
    assert found.keys["ed"].algorithms == {"EdDSA"}


def test_issuer_template_is_filled_with_the_tenant() -> None:
    issuer = f"https://host.example/{TENANT}/v2.0"
    jwk = rsa_key(issuer="https://host.example/{tenantid}/v2.0")
    assert parse_keys(json.dumps({"keys": [jwk]}).encode(), issuer=issuer, tenant=TENANT).keys


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no list of keys"),
        (b'{"keys": {}}', "no list of keys"),
        (b'{"keys": [], "keys": []}', "names a member twice"),
        (json.dumps({"keys": [{}] * (KEYS_MAX + 1)}).encode(), f"at most {KEYS_MAX}"),
    ],
)
def test_document_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_keys(body, issuer=ISSUER)


async def test_a_token_signed_by_an_unfit_key_says_so(world: World) -> None:
    document = world.jwks()
    document["keys"][0]["use"] = "enc"
    document["keys"].append(rsa_key(kid="fit"))
    gate = Gate(world, world.section(), json.dumps(document).encode())
    with pytest.raises(
        IdentityError, match="key that signed the token is not accepted: it is not for signatures"
    ):
        await gate.authenticator.verify(world.token())


async def test_a_key_does_not_verify_another_types_algorithm(world: World) -> None:
    section = world.section(algorithms=["RS256", "ES256"])
    gate = Gate(world, section)
    token = jwt.encode(
        world.claims(), ec.generate_private_key(ec.SECP256R1()), "ES256", headers=world.header(alg="ES256")
    )
    with pytest.raises(IdentityError, match="does not sign with ES256"):
        await gate.authenticator.verify(token.encode())
