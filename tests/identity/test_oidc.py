"""Any other issuer, by configuration alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from narrows.config import IssuerSection, TicketsSection
from narrows.errors import IdentityError
from narrows.identity import oidc
from narrows.identity.authenticate import Authenticator
from narrows.identity.revocation import Revocations
from narrows.identity.tickets import MemoryTickets, Tickets
from tests.identity.world import NOW, Clock, World

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = "https://ci.example/"


class Site:
    """A configured issuer whose keys are in a file."""

    def __init__(self, world: World, folder: Path) -> None:
        self.key = world.key
        (folder / "keys.json").write_text(json.dumps({"keys": [world.entra.keys.current.jwk(ISSUER)]}))
        self.key_id = world.entra.keys.current.thumbprint
        self.folder = folder

    def authenticator(self, **settings: Any) -> Authenticator:
        section = IssuerSection(
            name="ci", kind="oidc", issuer=ISSUER, audiences=["narrows"], jwks_file="keys.json", **settings
        )
        clock = Clock()
        tickets = Tickets(MemoryTickets(), TicketsSection(), clock)
        return Authenticator(
            oidc.issuers(section, self.folder), tickets=tickets, revocations=Revocations(), clock=clock
        )

    def token(self, *, typ: str | None = "at+jwt", **changes: Any) -> bytes:
        claims = {
            "iss": ISSUER,
            "aud": "narrows",
            "sub": "job-7",
            "iat": int(NOW),
            "exp": int(NOW) + 300,
        } | changes
        kept = {name: value for name, value in claims.items() if value is not ...}
        return jwt.encode(kept, self.key, "RS256", headers={"kid": self.key_id, "typ": typ}).encode()


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    return Site(world, tmp_path)


async def test_the_least_that_a_token_must_say(site: Site) -> None:
    principal = await site.authenticator().verify(site.token())
    assert principal.key == f"ci/{ISSUER}/job-7"
    assert (principal.kind, principal.app, principal.expires_at) == ("app", "", NOW + 300)


async def test_claims_by_configured_names_and_paths(site: Site) -> None:
    gate = site.authenticator(subject="repository_id", roles="realm_access.roles", groups="teams")
    principal = await gate.verify(
        site.token(
            repository_id="4711",
            realm_access={"roles": ["deploy"]},
            teams="one group",
            scope="read write",
            client_id="cli",
            jti="t-1",
        )
    )
    assert principal.object_id == "4711"
    assert principal.roles == {"deploy"}
    assert principal.groups == {"one group"}, "a group's name may hold a space"
    assert principal.scopes == {"read", "write"}
    assert (principal.app, principal.token) == ("cli", "t-1")


async def test_an_audience_list_of_ours_alone(site: Site) -> None:
    assert await site.authenticator().verify(site.token(aud=["narrows"]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sub": ...}, "subject \\(sub\\) is empty"),
        ({"sub": 7}, "sub is not a text"),
        ({"sub": "a\nb"}, "not printable"),
        ({"sub": "x" * 513}, "too long"),
        ({"aud": ["narrows", "other"]}, "audience is narrows, other"),
        ({"exp": ...}, "exp is not a time"),
        ({"at_hash": "x"}, "ID token"),
        ({"typ": "JWS"}, "type is not one"),
        ({"typ": None}, "type is not one"),
    ],
)
async def test_token_is_refused(site: Site, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(IdentityError, match=reason):
        await site.authenticator().verify(site.token(**changes))


async def test_required_claims(site: Site) -> None:
    gate = site.authenticator(required={"environment": "production"})
    assert await gate.verify(site.token(environment="production"))
    with pytest.raises(IdentityError, match="environment is not what issuer ci is configured to require"):
        await gate.verify(site.token(environment="test"))
    with pytest.raises(IdentityError, match="environment is not what"):
        await gate.verify(site.token())


async def test_people_are_who_the_configuration_says(site: Site) -> None:
    gate = site.authenticator(people={"kind": "human", "mfa": "yes"})
    assert (await gate.verify(site.token(kind="human", mfa="yes"))).kind == "user"
    assert (await gate.verify(site.token(kind="human"))).kind == "app"


async def test_a_header_without_typ_where_configured(site: Site) -> None:
    """Kubernetes service account tokens have none."""
    assert await site.authenticator(types=[""]).verify(site.token(typ=None))


def test_an_issuer_without_its_iss_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="must be the exact iss"):
        oidc.issuers(IssuerSection(name="ci", kind="oidc", audiences=["narrows"]), tmp_path)
