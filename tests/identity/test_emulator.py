"""Real clients of Entra log in to the emulated tenant, and their tokens open the gateway."""

from __future__ import annotations

import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import msal
import msgspec
import pytest
import trio
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential, WorkloadIdentityCredential
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from narrows.config import Config, TicketsSection
from narrows.demo.entra import Api, Application, EntraEmulator, Federation, Person, SigningCertificate
from narrows.errors import IdentityError
from narrows.identity.authenticate import Authenticator, issuers_of
from narrows.identity.revocation import Revocations
from narrows.identity.tickets import MemoryTickets, Tickets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

SECRET = "a-client-secret"
OUTSIDE = "https://cluster.example/"
SUBJECT = "system:serviceaccount:agents:support"


class Tenant:
    """An emulated tenant that serves, with one agent that can prove itself in every way."""

    def __init__(self, folder: Path, certificate: SigningCertificate, outside: rsa.RSAPrivateKey) -> None:
        self.folder = folder
        self.certificate = certificate
        self.outside = outside
        self.entra = EntraEmulator(folder)
        self.api = self.entra.directory.add_api(Api("api://narrows"))
        self.agent = self.entra.directory.add_application(
            Application(
                "agent",
                secrets=[SECRET],
                certificates=[certificate.certificate],
                federations=[Federation(OUTSIDE, SUBJECT, outside.public_key())],
                groups=["sg-support"],
            )
        )

    def known(self) -> dict[str, Any]:
        """The options that point azure-identity at another authority than Microsoft's."""
        return {
            "authority": self.entra.authority,
            "disable_instance_discovery": True,
            "connection_verify": str(self.entra.ca_file),
        }

    def by_secret(self, secret: str = SECRET) -> str:
        credential = ClientSecretCredential(self.entra.tenant, self.agent.client_id, secret, **self.known())
        return credential.get_token("api://narrows/.default").token

    def by_certificate(self) -> str:
        key = self.certificate.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem = key + self.certificate.certificate.public_bytes(Encoding.PEM)
        credential = CertificateCredential(
            self.entra.tenant, self.agent.client_id, certificate_data=pem, **self.known()
        )
        return credential.get_token("api://narrows/.default").token

    def by_federation(self, subject: str = SUBJECT) -> str:
        claims = {
            "iss": OUTSIDE,
            "sub": subject,
            "aud": "api://AzureADTokenExchange",
            "exp": time.time() + 60,
        }
        file = self.folder / "federated-token"
        file.write_text(jwt.encode(claims, self.outside, "RS256"))
        credential = WorkloadIdentityCredential(
            tenant_id=self.entra.tenant,
            client_id=self.agent.client_id,
            token_file_path=str(file),
            **self.known(),
        )
        return credential.get_token("api://narrows/.default").token

    def by_msal(self) -> dict[str, Any]:
        client = msal.ConfidentialClientApplication(
            self.agent.client_id,
            client_credential=SECRET,
            authority=f"{self.entra.authority}/{self.entra.tenant}",
            instance_discovery=False,
        )
        reply: dict[str, Any] = client.acquire_token_for_client(["api://narrows/.default"])
        return reply

    async def post(self, **form: str) -> httpx.Response:
        tls = ssl.create_default_context(cafile=self.entra.ca_file)
        async with httpx.AsyncClient(verify=tls, trust_env=False) as client:
            return await client.post(
                f"{self.entra.authority}/{self.entra.tenant}/oauth2/v2.0/token", data=form
            )

    def gate(self) -> Authenticator:
        config = msgspec.convert({"issuer": [self.entra.issuer_section(self.api)]}, Config)
        return Authenticator(
            issuers_of(config, self.folder),
            tickets=Tickets(MemoryTickets(), TicketsSection(), time.time),
            revocations=Revocations(),
        )


@pytest.fixture(scope="module")
def certificate() -> SigningCertificate:
    return SigningCertificate.make()


@pytest.fixture(scope="module")
def outside() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
async def tenant(
    tmp_path: Path,
    certificate: SigningCertificate,
    outside: rsa.RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Tenant]:
    made = Tenant(tmp_path, certificate, outside)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.entra.ca_file))  # msal lets it override `verify`
    async with trio.open_nursery() as nursery:
        await nursery.start(made.entra.serve)
        yield made
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("log_in", "strength"),
    [(Tenant.by_secret, "1"), (Tenant.by_certificate, "2"), (Tenant.by_federation, "2")],
)
async def test_azure_identity(tenant: Tenant, log_in: Callable[[Tenant], str], strength: str) -> None:
    token = await trio.to_thread.run_sync(log_in, tenant)
    assert jwt.decode(token, options={"verify_signature": False})["azpacr"] == strength
    principal = await tenant.gate().verify(token.encode())
    assert principal.object_id == tenant.agent.object_id
    assert principal.groups == {"sg-support"}


async def test_msal(tenant: Tenant) -> None:
    reply = await trio.to_thread.run_sync(tenant.by_msal)
    assert 3600 <= reply["expires_in"] <= 5400
    assert (await tenant.gate().verify(reply["access_token"].encode())).app == tenant.agent.client_id


@pytest.mark.parametrize(
    ("log_in", "code"),
    [
        (partial(Tenant.by_secret, secret="wrong"), "AADSTS7000215"),
        (partial(Tenant.by_federation, subject="system:serviceaccount:agents:other"), "AADSTS70021"),
    ],
)
async def test_a_wrong_proof(tenant: Tenant, log_in: Callable[[Tenant], str], code: str) -> None:
    with pytest.raises(ClientAuthenticationError, match=code):
        await trio.to_thread.run_sync(log_in, tenant)


async def test_a_certificate_that_is_not_registered(tenant: Tenant) -> None:
    tenant.agent.certificates.clear()
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        await trio.to_thread.run_sync(tenant.by_certificate)


async def test_a_disabled_application(tenant: Tenant) -> None:
    tenant.agent.disabled = True
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000112"):
        await trio.to_thread.run_sync(tenant.by_secret)


@pytest.mark.parametrize(
    ("changes", "code", "error"),
    [
        ({"client_id": "no-such-app"}, 700016, "unauthorized_client"),
        ({"scope": "api://no-such-api/.default"}, 500011, "invalid_resource"),
        ({"scope": "api://narrows/Orders.Read"}, 1002012, "invalid_scope"),
        ({"scope": ""}, 900144, "invalid_request"),
        ({"client_secret": ""}, 7000218, "invalid_client"),
        ({"grant_type": "device_code"}, 70003, "unsupported_grant_type"),
        (
            {
                "client_secret": "",
                "client_assertion": "not-a-jwt",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            },
            50027,
            "invalid_request",
        ),
    ],
)
async def test_refusals_have_their_numbers(
    tenant: Tenant, changes: dict[str, str], code: int, error: str
) -> None:
    form = {
        "client_id": tenant.agent.client_id,
        "client_secret": SECRET,
        "grant_type": "client_credentials",
        "scope": "api://narrows/.default",
    }
    reply = await tenant.post(**(form | changes))
    assert reply.status_code in (400, 401)
    assert reply.json()["error_codes"] == [code]
    assert reply.json()["error"] == error
    assert reply.json()["error_description"].startswith(f"AADSTS{code}: ")
    assert SECRET not in reply.text


async def test_an_app_without_a_role_where_one_is_required(tenant: Tenant) -> None:
    tenant.api.assignment_required = True
    with pytest.raises(ClientAuthenticationError, match="AADSTS50105"):
        await trio.to_thread.run_sync(tenant.by_secret)
    tenant.agent.roles.append("Orders.Read")
    await trio.to_thread.run_sync(tenant.by_secret)


async def test_a_person_logs_in(tenant: Tenant) -> None:
    console = tenant.entra.directory.add_application(Application("console", public=True))
    dana = tenant.entra.directory.add_person(Person("dana@example.com", "pw", name="Dana", groups=["sg-dba"]))
    form = {
        "client_id": console.client_id,
        "grant_type": "password",
        "username": dana.username,
        "password": "pw",
        "scope": "openid api://narrows/Approvals.Decide",
    }
    reply = (await tenant.post(**form)).json()
    gate = tenant.gate()
    principal = await gate.verify(reply["access_token"].encode())
    assert (principal.kind, principal.object_id, principal.groups) == ("user", dana.object_id, {"sg-dba"})
    assert principal.scopes == {"Approvals.Decide"}
    with pytest.raises(IdentityError, match="audience is"):
        await gate.verify(reply["id_token"].encode())
    refused = await tenant.post(**(form | {"password": "guess"}))
    assert refused.json()["error_codes"] == [50126]


async def test_a_person_in_too_many_groups_is_refused_by_the_gateway(tenant: Tenant) -> None:
    tenant.agent.groups[:] = [f"group-{number}" for number in range(201)]
    token = await trio.to_thread.run_sync(tenant.by_secret)
    with pytest.raises(IdentityError, match="groups overage"):
        await tenant.gate().verify(token.encode())


async def test_v1_tokens_by_the_apis_registration(tenant: Tenant) -> None:
    tenant.api.token_version = 1
    token = await trio.to_thread.run_sync(tenant.by_secret)
    principal = await tenant.gate().verify(token.encode())
    assert principal.object_id == tenant.agent.object_id


async def test_keys_roll_and_are_withdrawn(tenant: Tenant) -> None:
    gate = tenant.gate()
    before = (await trio.to_thread.run_sync(tenant.by_secret)).encode()
    await gate.verify(before)
    tenant.entra.keys.roll()
    after = (await trio.to_thread.run_sync(tenant.by_secret)).encode()
    assert before.split(b".")[0] != after.split(b".")[0]
    await gate.verify(after)
    await gate.verify(before)
    assert tenant.entra.key_requests == 2, "one for the first key, one for the unknown one"
    tenant.entra.keys.withdraw_old()
    (v2,) = gate._issuers.values()
    await v2.keys.refresh()
    await gate.verify(after)
    with pytest.raises(IdentityError, match="a key that its issuer does not publish"):
        await gate.verify(before)


async def test_keys_are_published_as_entra_does(tenant: Tenant) -> None:
    tls = ssl.create_default_context(cafile=tenant.entra.ca_file)
    base = f"{tenant.entra.authority}/{tenant.entra.tenant}"
    async with httpx.AsyncClient(verify=tls, trust_env=False) as client:
        for path, version in (("", ""), ("/v2.0", "/v2.0")):
            metadata = (await client.get(f"{base}{path}/.well-known/openid-configuration")).json()
            assert metadata["issuer"] == base + (version or "/")
            (key,) = (await client.get(metadata["jwks_uri"])).json()["keys"]
            assert key["issuer"] == metadata["issuer"].replace(tenant.entra.tenant, "{tenantid}")
            assert key["kid"] == key["x5t"]
            assert json.dumps(key).count('"d"') == 0


def test_only_loopback(tmp_path: Path) -> None:
    for bind in ("0.0.0.0:8443", "[::]:8443", "192.0.2.1:443"):
        with pytest.raises(ValueError, match="does not bind"):
            EntraEmulator(tmp_path, bind=bind)


async def test_a_lifetime_may_be_chosen(tenant: Tenant) -> None:
    tenant.entra.lifetime_s = 120
    token = await trio.to_thread.run_sync(tenant.by_secret)
    expires = jwt.decode(token, options={"verify_signature": False})["exp"]
    assert datetime.fromtimestamp(expires, UTC) - datetime.now(UTC) <= timedelta(seconds=120)
