"""A tenant, an API, an agent and a gateway's authenticator, without a network between them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from narrows.config import IssuerSection, OwnerSection, TicketsSection
from narrows.demo.entra import Api, Application, EntraEmulator, Person
from narrows.demo.entra.tokens import issuer
from narrows.errors import IdentityError
from narrows.identity.authenticate import Authenticator
from narrows.identity.entra import EntraIssuer
from narrows.identity.keys import IssuerKeys
from narrows.identity.revocation import Revocations
from narrows.identity.tickets import MemoryTickets, Tickets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

NOW = 1_800_000_000.0
TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
PEER = "192.0.2.7:51000"


def b64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class StubKeys:
    """A key source that answers at once, or fails when told to."""

    documents: list[bytes | IdentityError]
    """Answered one after the other; the last one for ever."""
    fetches: int = 0

    async def fetch(self) -> bytes:
        document = self.documents[min(self.fetches, len(self.documents) - 1)]
        self.fetches += 1
        if isinstance(document, IdentityError):
            raise document
        return document


class World:
    """One tenant and what is registered in it; tests take from it and do not change it."""

    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self.entra = EntraEmulator(directory, tenant=TENANT, bind="127.0.0.1:8443", clock=lambda: NOW)
        self.api = self.entra.directory.add_api(Api("api://narrows"))
        self.api_v1 = self.entra.directory.add_api(Api("api://narrows-v1", token_version=1))
        self.agent = self.entra.directory.add_application(
            Application("support-agent", secrets=["s3cret"], groups=["sg-support"], roles=["Orders.Read"])
        )
        self.console = self.entra.directory.add_application(Application("console", public=True))
        self.person = self.entra.directory.add_person(
            Person("dana@example.com", "pw", name="Dana", groups=["sg-dba"])
        )

    @property
    def key(self) -> RSAPrivateKey:
        return self.entra.keys.current.key

    def jwks(self, version: int = 2) -> dict[str, Any]:
        return self.entra.keys.document(issuer(self.entra.authority, "{tenantid}", version))

    def section(self, **changes: Any) -> IssuerSection:
        known: dict[str, Any] = {
            "name": "entra",
            "kind": "entra",
            "tenant": TENANT,
            "authority": self.entra.authority,
            "audiences": [self.api.client_id, self.api.uri, self.api_v1.uri],
        }
        return IssuerSection(**(known | changes))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """An app-only token's claims; a change to `...` leaves the claim out."""
        claims = self.entra.app_claims(self.api, self.agent) | changes
        return {name: value for name, value in claims.items() if value is not ...}

    def token(self, *, header: Mapping[str, Any] | None = None, **changes: Any) -> bytes:
        return self.entra.sign(self.claims(**changes), header=header).encode()

    def raw(
        self,
        header: bytes | Mapping[str, Any],
        payload: bytes | Mapping[str, Any],
        *,
        key: RSAPrivateKey | None = None,
    ) -> bytes:
        """A token of exactly these bytes with a good RS256 signature over them."""
        parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
        signed = b".".join(map(b64, parts))
        return signed + b"." + b64((key or self.key).sign(signed, padding.PKCS1v15(), SHA256()))

    def header(self, **changes: Any) -> dict[str, Any]:
        header = {"typ": "JWT", "alg": "RS256", "kid": self.entra.keys.current.thumbprint} | changes
        return {name: value for name, value in header.items() if value is not ...}


@dataclass
class Gate:
    """An authenticator with the parts that a test wants to reach."""

    world: World
    section: IssuerSection
    document: bytes = b""
    owners: Iterable[OwnerSection] = ()
    tickets_terms: TicketsSection = field(default_factory=TicketsSection)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.revocations = Revocations()
        self.sources = {
            "2.0": StubKeys([self.document or json.dumps(self.world.jwks(2)).encode()]),
            "1.0": StubKeys([self.document or json.dumps(self.world.jwks(1)).encode()]),
        }
        versions = ("2.0", "1.0") if self.section.accept_v1 else ("2.0",)
        self.tickets = Tickets(MemoryTickets(), self.tickets_terms, self.clock)
        self.authenticator = Authenticator(
            [self._issuer(version) for version in versions],
            tickets=self.tickets,
            revocations=self.revocations,
            owners=self.owners,
            clock=self.clock,
        )

    def _issuer(self, version: str) -> EntraIssuer:
        iss = issuer(self.world.entra.authority, TENANT, int(version[0]))
        return EntraIssuer(
            self.section, version, IssuerKeys(self.sources[version], issuer=iss, tenant=TENANT)
        )
