"""The token endpoint's judgement: who is the client, and may it have what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from narrows.demo.entra.errors import EntraError, required
from narrows.demo.entra.signing import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.demo.entra.directory import Api, Application, Directory, Person

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECRET, CERTIFICATE = 1, 2
"""How a client proved itself, as `azpacr` says it."""

_DEFAULT = "/.default"
_PROTOCOL_SCOPES = frozenset({"openid", "profile", "offline_access", "email"})


@dataclass(frozen=True, slots=True)
class Granted:
    """A token request that is to be answered with tokens."""

    api: Api
    application: Application
    strength: int
    person: Person | None = None
    """Who logged in; None for an application on its own."""
    scope: str = ""
    """The delegated scopes, apart by spaces."""
    wants_id_token: bool = False


def judge(form: Mapping[str, str], directory: Directory, token_endpoint: str) -> Granted:
    """Decides a token request.

    Args:
        form: The request's parameters.
        directory: What is registered.
        token_endpoint: This endpoint's URL, which certificate assertions must name.

    Raises:
        EntraError: The request is refused.
    """
    application = directory.application(required(form, "client_id"))
    match required(form, "grant_type"):
        case "client_credentials":
            strength = authenticate(form, application, token_endpoint)
            return Granted(_resource(form, directory, application), application, strength)
        case "password":
            return _log_in(form, directory, application)
        case other:
            raise EntraError(70003, "unsupported_grant_type", f"The grant type '{other}' is not supported.")


def _resource(form: Mapping[str, str], directory: Directory, application: Application) -> Api:
    scope = required(form, "scope")
    if not scope.endswith(_DEFAULT) or " " in scope:
        raise EntraError(1002012, "invalid_scope", f"The provided value for scope {scope} is not valid.")
    api = directory.api(scope.removesuffix(_DEFAULT))
    if api.assignment_required and not application.roles:
        raise EntraError(
            50105,
            "invalid_grant",
            f"The application '{application.name}' is not assigned to a role of the API.",
        )
    return api


def _log_in(form: Mapping[str, str], directory: Directory, application: Application) -> Granted:
    if not application.public:
        raise EntraError(
            7000218,
            "invalid_client",
            "The request body must contain 'client_assertion' or 'client_secret'.",
            status=401,
        )
    scopes = required(form, "scope").split()
    wanted = [scope for scope in scopes if scope not in _PROTOCOL_SCOPES]
    if not wanted:
        raise EntraError(70011, "invalid_scope", "The provided request must include a 'scope' of one API.")
    resources = {scope.rpartition("/")[0] for scope in wanted}
    if len(resources) > 1:
        raise EntraError(28000, "invalid_scope", "The scopes are of more than one API.")
    person = directory.person(required(form, "username"), required(form, "password"))
    names = [scope.rpartition("/")[2] for scope in wanted]
    granted = " ".join("access_as_user" if name == ".default" else name for name in names)
    return Granted(directory.api(resources.pop()), application, 0, person, granted, "openid" in scopes)


def authenticate(form: Mapping[str, str], application: Application, token_endpoint: str) -> int:
    """How an application proves itself; EntraError when it does not."""
    if secret := form.get("client_secret"):
        if secret not in application.secrets:
            raise EntraError(
                7000215,
                "invalid_client",
                "Invalid client secret provided. Ensure the secret being sent in the request is the client "
                "secret value, not the client secret ID, for a secret added to "
                f"app '{application.client_id}'.",
                status=401,
            )
        return SECRET
    assertion = form.get("client_assertion")
    if not assertion or form.get("client_assertion_type") != ASSERTION_TYPE:
        raise EntraError(
            7000218,
            "invalid_client",
            "The request body must contain 'client_assertion' or 'client_secret'.",
            status=401,
        )
    _check_assertion(assertion, application, token_endpoint)
    return CERTIFICATE


def _check_assertion(assertion: str, application: Application, token_endpoint: str) -> None:
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise EntraError(50027, "invalid_request", f"JWT token is invalid or malformed: {error}.") from None
    if claims.get("iss") == application.client_id:
        key = _certificate_key(header, application)
        _verify(
            assertion,
            key,
            issuer=application.client_id,
            subject=application.client_id,
            audience=token_endpoint,
        )
        return
    for federation in application.federations:
        named = (claims.get("iss"), claims.get("sub"), claims.get("aud"))
        if named == (federation.issuer, federation.subject, federation.audience):
            _verify(
                assertion,
                federation.key,
                issuer=federation.issuer,
                subject=federation.subject,
                audience=federation.audience,
            )
            return
    raise EntraError(
        70021,
        "invalid_client",
        "No matching federated identity record found for presented assertion. "
        f"Assertion Issuer: '{claims.get('iss')}'. Assertion Subject: '{claims.get('sub')}'. "
        f"Assertion Audience: '{claims.get('aud')}'.",
        status=401,
    )


def _certificate_key(header: Mapping[str, Any], application: Application) -> RSAPublicKey:
    for certificate in application.certificates:
        thumbprints = {
            "x5t": base64url(certificate.fingerprint(SHA1())),  # noqa: S303  (RFC 7515 defines x5t so)
            "x5t#S256": base64url(certificate.fingerprint(SHA256())),
        }
        key = certificate.public_key()
        named = {name: str(header.get(name)).rstrip("=") for name in thumbprints}  # msal pads it
        matches = any(named[name] == thumbprint for name, thumbprint in thumbprints.items())
        if matches and isinstance(key, RSAPublicKey):
            return key
    raise _bad_assertion(
        "The certificate with identifier used to sign the client assertion is not registered."
    )


def _verify(assertion: str, key: RSAPublicKey, *, issuer: str, subject: str, audience: str) -> None:
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=["RS256", "PS256"],
            issuer=issuer,
            subject=subject,
            audience=audience,
            options={"require": ["exp", "iss", "sub", "aud"]},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
        raise EntraError(
            700024, "invalid_client", "Client assertion is not within its valid time range.", status=401
        ) from None
    except jwt.InvalidTokenError as error:
        raise _bad_assertion(f"Client assertion failed signature validation: {error}.") from None


def _bad_assertion(message: str) -> EntraError:
    return EntraError(700027, "invalid_client", message, status=401)
