"""Each row is a token that somebody has got past somebody's verifier, and the reason it is given here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from narrows.errors import IdentityError
from narrows.identity.jose import TOKEN_BYTES_MAX
from tests.identity.world import NOW, OTHER_TENANT, TENANT, Gate, World, b64

if TYPE_CHECKING:
    from collections.abc import Callable

PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"


def hmac_signed(world: World, secret: bytes) -> bytes:
    """HS256 with what everybody knows as the secret."""
    signed = (
        b64(json.dumps(world.header(alg="HS256")).encode()) + b"." + b64(json.dumps(world.claims()).encode())
    )
    return signed + b"." + b64(hmac.digest(secret, signed, hashlib.sha256))


def public_key(world: World, encoding: Encoding) -> bytes:
    return world.key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def unsigned(algorithm: str) -> Callable[[World], bytes]:
    def make(world: World) -> bytes:
        header, payload = world.header(alg=algorithm), world.claims()
        return b".".join([b64(json.dumps(header).encode()), b64(json.dumps(payload).encode()), b64(b"x")])

    return make


def header(**changes: Any) -> Callable[[World], bytes]:
    return lambda world: world.raw(world.header(**changes), world.claims())


def claims(**changes: Any) -> Callable[[World], bytes]:
    return lambda world: world.raw(world.header(), world.claims(**changes))


def payload(old: bytes, new: bytes) -> Callable[[World], bytes]:
    """The signed payload with some of its bytes replaced before signing."""

    def make(world: World) -> bytes:
        text = json.dumps(world.claims(name="agent")).encode()
        assert old in text
        return world.raw(world.header(), text.replace(old, new, 1))

    return make


def v2_issuer(world: World, tenant: str) -> str:
    return f"{world.entra.authority}/{tenant}/v2.0"


def embedded_key(world: World) -> bytes:
    mine = rsa.generate_private_key(65537, 2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(mine.public_key(), as_dict=True)
    return world.raw(world.header(jwk=jwk), world.claims(), key=mine)


def not_canonical(world: World) -> bytes:
    """The last character of a 256-byte signature holds two bits that decode to nothing; turn one on."""
    token = world.token()
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + bytes([alphabet[alphabet.index(token[-1]) ^ 1]])


def tampered(world: World) -> bytes:
    head, _, signature = world.token().split(b".")
    return b".".join([head, b64(json.dumps(world.claims(roles=["Admin"])).encode()), signature])


def es256_with_rsa_key(world: World) -> bytes:
    return jwt.encode(
        world.claims(), ec.generate_private_key(ec.SECP256R1()), "ES256", headers=world.header(alg="ES256")
    ).encode()


ATTACKS: dict[str, tuple[Callable[[World], bytes], str]] = {
    # the form
    "empty": (lambda _: b"", "no token was sent"),
    "a plain password": (lambda _: b"hunter2", "neither a token nor a ticket"),
    "two parts": (lambda w: w.token().rpartition(b".")[0], "neither a token nor a ticket"),
    "five parts, a JWE": (lambda w: w.token() + b".a.b", "neither a token nor a ticket"),
    "no signature": (lambda w: w.token().rpartition(b".")[0] + b".", "canonical base64url"),
    "oversized": (lambda w: w.token(groups=["x" * 100] * 200), f"at most {TOKEN_BYTES_MAX}"),
    "padded base64": (lambda w: w.token() + b"==", "canonical base64url"),
    "a newline at the end": (lambda w: w.token() + b"\n", "canonical base64url"),
    "base64 of the other alphabet": (
        lambda w: base64.b64encode(b"\xff\xff\xff") + w.token(),
        "canonical base64url",
    ),
    "loose last bits": (not_canonical, "canonical base64url"),
    # the algorithm
    "alg none": (unsigned("none"), "not signed with an algorithm"),
    "alg None": (unsigned("None"), "not signed with an algorithm"),
    "alg NONE": (unsigned("NONE"), "not signed with an algorithm"),
    "alg nOnE": (unsigned("nOnE"), "not signed with an algorithm"),
    "alg missing": (header(alg=...), "not signed with an algorithm"),
    "alg a list": (header(alg=["RS256"]), "not signed with an algorithm"),
    "HS256 with the PEM": (
        lambda w: hmac_signed(w, public_key(w, Encoding.PEM)),
        "not signed with an algorithm",
    ),
    "HS256 with the DER": (
        lambda w: hmac_signed(w, public_key(w, Encoding.DER)),
        "not signed with an algorithm",
    ),
    "HS256 with the JWK": (
        lambda w: hmac_signed(w, json.dumps(w.jwks()["keys"][0]).encode()),
        "not signed with an algorithm",
    ),
    "ES256 naming an RSA key": (
        es256_with_rsa_key,
        "signed with ES256, which issuer entra is not configured",
    ),
    "PS256 not configured": (header(alg="PS256"), "signed with PS256, which issuer entra is not configured"),
    # the header
    "jku": (header(jku="https://evil.example/keys"), "holds jku"),
    "x5u": (header(x5u="https://evil.example/cert"), "holds x5u"),
    "x5c": (header(x5c=["MII="]), "holds x5c"),
    "jwk": (embedded_key, "holds jwk"),
    "zip": (header(zip="DEF"), "holds zip"),
    "enc": (header(enc="A256GCM"), "holds enc"),
    "crit": (header(crit=["exp"]), "holds crit"),
    "crit b64": (header(crit=["b64"], b64=True), "holds crit"),
    "b64": (header(b64=False), "holds b64"),
    "kid a path": (header(kid="../../../dev/null"), "a key that its issuer does not publish"),
    "kid SQL": (header(kid="x' UNION SELECT 'key"), "a key that its issuer does not publish"),
    "kid empty": (header(kid=""), "kid is not a text of 1 to 128"),
    "kid long": (header(kid="k" * 129), "kid is not a text of 1 to 128"),
    "kid a number": (header(kid=1), "kid is not a text of 1 to 128"),
    "kid missing": (header(kid=...), "kid is not a text of 1 to 128"),
    "typ of a DPoP proof": (header(typ="dpop+jwt"), "type is not one"),
    "typ of a security event": (header(typ="secevent+jwt"), "type is not one"),
    "typ missing": (header(typ=...), "type is not one"),
    "typ a number": (header(typ=1), "typ is not text"),
    "a nonce, as Graph tokens have": (header(nonce="abc"), "for Microsoft Graph"),
    "a member twice in the header": (
        lambda w: w.raw(json.dumps(w.header()).replace('"typ"', '"alg": "none", "typ"').encode(), w.claims()),
        "token header names a member twice",
    ),
    # the signature
    "another's key": (
        lambda w: w.raw(w.header(), w.claims(), key=rsa.generate_private_key(65537, 2048)),
        "signature is not the issuer's",
    ),
    "claims changed after signing": (tampered, "signature is not the issuer's"),
    "cut short": (lambda w: w.token()[:-2], "signature is not the issuer's"),
    # the JSON
    "a member twice": (payload(b'"aud"', b'"sub": "x", "aud"'), "token names a member twice"),
    "a member twice, escaped": (payload(b'"aud"', b'"\\u0061ud": "x", "aud"'), "token names a member twice"),
    "exp NaN": (payload(str(int(NOW) + 3600).encode(), b"NaN"), "JSON does not know"),
    "exp Infinity": (payload(str(int(NOW) + 3600).encode(), b"Infinity"), "JSON does not know"),
    "a float beyond floats": (payload(b'"agent"', b"1e999"), "out of range"),
    "an endless integer": (payload(b'"agent"', b"9" * 5000), "out of range"),
    "NUL in a claim": (payload(b'"agent"', b'"a\\u0000b"'), "NUL"),
    "half a surrogate": (payload(b'"agent"', b'"\\ud800"'), "surrogate"),
    "deep nesting": (payload(b'"agent"', b"[" * 17 + b"]" * 17), "deeper than 16"),
    "bottomless nesting": (payload(b'"agent"', b"[" * 4000 + b"]" * 4000), "deeper than 16"),
    "not UTF-8": (payload(b'"agent"', b'"\xff"'), "not UTF-8"),
    "a byte order mark": (
        lambda w: w.raw(w.header(), b"\xef\xbb\xbf" + json.dumps(w.claims()).encode()),
        "not JSON",
    ),
    "text after the object": (
        lambda w: w.raw(w.header(), json.dumps(w.claims()).encode() + b"{}"),
        "not JSON",
    ),
    "a list for claims": (lambda w: w.raw(w.header(), b"[]"), "not a JSON object"),
    # the issuer and the tenant
    "iss unknown": (claims(iss="https://evil.example/"), "evil.example/, is not accepted"),
    "iss missing": (claims(iss=...), "is not accepted"),
    "iss a list": (lambda w: claims(iss=[v2_issuer(w, TENANT)])(w), "is not accepted"),
    "iss with a slash more": (lambda w: claims(iss=v2_issuer(w, TENANT) + "/")(w), "of tenant"),
    "iss in another case": (lambda w: claims(iss=v2_issuer(w, TENANT).upper())(w), "is not accepted"),
    "iss of the common endpoint": (lambda w: claims(iss=v2_issuer(w, "common"))(w), "of tenant common"),
    "iss of another tenant": (
        lambda w: claims(iss=v2_issuer(w, OTHER_TENANT), tid=OTHER_TENANT)(w),
        OTHER_TENANT,
    ),
    "iss of personal accounts": (
        lambda w: claims(iss=v2_issuer(w, PERSONAL_ACCOUNTS), tid=PERSONAL_ACCOUNTS)(w),
        f"of tenant {PERSONAL_ACCOUNTS}",
    ),
    "iss of a B2C tenant": (claims(iss=f"https://x.b2clogin.com/{TENANT}/v2.0/"), "is not accepted"),
    "iss of another cloud": (
        claims(iss=f"https://login.microsoftonline.us/{TENANT}/v2.0"),
        "is not accepted",
    ),
    "tid of another tenant": (claims(tid=OTHER_TENANT), f"of tenant {OTHER_TENANT}"),
    "tid missing": (claims(tid=...), "of tenant"),
    "tid a list": (claims(tid=[TENANT]), "tid is not a text"),
    "ver of the other version": (claims(ver="1.0"), "version is not 2.0"),
    "ver missing": (claims(ver=...), "version is not 2.0"),
    "a v1.0 token": (
        lambda w: w.entra.sign(w.entra.app_claims(w.api_v1, w.agent)).encode(),
        "is a v1.0 token",
    ),
    # the audience
    "aud of another gateway": (claims(aud="7e9c3b3e-0000-4000-8000-000000000000"), "audience is 7e9c3b3e"),
    "aud a prefix of ours": (claims(aud="api://narrow"), "audience is api://narrow,"),
    "aud that begins as ours": (claims(aud="api://narrows.evil"), "audience is api://narrows.evil"),
    "aud ours and another": (
        lambda w: claims(aud=[w.api.uri, "api://other"])(w),
        "audience is api://narrows, api://other",
    ),
    "aud an empty list": (claims(aud=[]), "audience is nobody"),
    "aud missing": (claims(aud=...), "audience is None"),
    "aud Graph": (claims(aud="00000003-0000-0000-c000-000000000000"), "audience is Microsoft Graph"),
    "aud Resource Manager": (
        claims(aud="https://management.azure.com/"),
        "audience is Azure Resource Manager",
    ),
    "an exchange token": (claims(aud="api://AzureADTokenExchange"), "exchange at Entra itself"),
    # the times
    "expired": (
        claims(iat=int(NOW) - 7200, nbf=int(NOW) - 7200, exp=int(NOW) - 60),
        "expired at 2027-01-15 07:59:00 UTC",
    ),
    "exp missing": (claims(exp=...), "exp is not a time"),
    "exp a text": (claims(exp=str(int(NOW) + 3600)), "exp is not a time"),
    "exp a fraction": (claims(exp=NOW + 3600.5), "exp is not a time"),
    "exp 1e30": (payload(str(int(NOW) + 3600).encode(), b"1e30"), "exp is not a time"),
    "exp null": (claims(exp=None), "exp is not a time"),
    "exp true": (claims(exp=True), "exp is not a time"),
    "exp negative": (claims(exp=-1), "exp is not a time"),
    "exp in ten years": (claims(exp=int(NOW) + 10 * 365 * 86_400), "lives longer than 26 hours"),
    "exp before iat": (claims(exp=int(NOW) - 1), "expires before it is issued"),
    "iat missing": (claims(iat=...), "iat is not a time"),
    "iat in the future": (claims(iat=int(NOW) + 61), "issued in the future"),
    "nbf in the future": (claims(nbf=int(NOW) + 61), "not valid before 2027-01-15 08:01:01 UTC"),
    "nbf a text": (claims(nbf="0"), "nbf is not a time"),
    "issued too long ago": (claims(iat=int(NOW) - 86_500, exp=int(NOW) + 60), "longer ago than the 86400 s"),
    # the subject and the client
    "an ID token for us": (claims(azp=..., azpacr=..., idtyp=...), "names no client application (azp)"),
    "an ID token by its nonce": (claims(nonce="n"), "an ID token"),
    "an ID token by its at_hash": (claims(at_hash="n"), "an ID token"),
    "bound to a key": (claims(cnf={"jkt": "x"}), "bound to a key (cnf)"),
    "app and person at once": (claims(scp="access_as_user"), "of an app and of a person at once"),
    "a person without a scope": (claims(idtyp="user"), "grants no scope"),
    "neither app nor person": (claims(idtyp="device"), "neither an app nor a person"),
    "silent on app or person": (claims(idtyp=..., sub="another"), "does not say whether"),
    "an app with an agent's user account": (claims(xms_sub_fct="3 13"), "of an agent's user account at once"),
    "oid missing": (claims(oid=...), "names no object id"),
    "oid not a GUID": (claims(oid="me/../you"), "names no object id"),
    "groups overage": (claims(_claim_names={"groups": "src1"}, groups=...), "groups overage"),
    "groups overage, implicit": (claims(hasgroups=True, groups=...), "groups overage"),
    "groups not a list of texts": (claims(groups=[1]), "groups is not a list of texts"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_attack_is_refused(gate: Gate, world: World, name: str) -> None:
    make, reason = ATTACKS[name]
    with pytest.raises(IdentityError) as refused:
        await gate.authenticator.verify(make(world))
    assert reason in str(refused.value)


async def test_the_untouched_token_is_accepted(gate: Gate, world: World) -> None:
    """Without this, every attack above might be refused for the wrong reason."""
    principal = await gate.authenticator.verify(world.token())
    assert principal.object_id == world.agent.object_id
    assert (await gate.authenticator.verify(world.raw(world.header(), world.claims()))).key == principal.key


async def test_nothing_of_a_refused_token_is_in_its_error(gate: Gate, world: World) -> None:
    for make, _ in ATTACKS.values():
        token = make(world)
        with pytest.raises(IdentityError) as refused:
            await gate.authenticator.verify(token)
        shown = f"{refused.value} {refused.value.hint}"
        assert not any(part.decode("latin-1") in shown for part in token.split(b".") if len(part) > 20)
