"""What Entra's claims make of a principal."""

from __future__ import annotations

import pytest

from narrows.config import OwnerSection
from narrows.errors import IdentityError
from narrows.identity import entra
from tests.identity.world import NOW, OTHER_TENANT, TENANT, Gate, World


async def test_app_only_token(gate: Gate, world: World) -> None:
    principal = await gate.authenticator.verify(world.token(uti="correlate-me"))
    assert principal.key == f"entra/{TENANT}/{world.agent.object_id}"
    assert principal.kind == "app"
    assert principal.app == world.agent.client_id
    assert principal.groups == {"sg-support"}
    assert principal.roles == {"Orders.Read"}
    assert principal.scopes == frozenset()
    assert principal.token == "correlate-me"
    assert principal.expires_at == NOW + 3600


async def test_v1_token(world: World) -> None:
    gate = Gate(world, world.section(accept_v1=True))
    token = world.entra.sign(world.entra.app_claims(world.api_v1, world.agent)).encode()
    principal = await gate.authenticator.verify(token)
    assert (principal.kind, principal.app) == ("app", world.agent.client_id)
    assert (await gate.authenticator.verify(world.token())).key == principal.key, (
        "one agent by either version"
    )


async def test_persons_token(gate: Gate, world: World) -> None:
    claims = world.entra.person_claims(world.api, world.console, world.person)
    principal = await gate.authenticator.verify(world.entra.sign(claims).encode())
    assert (principal.kind, principal.object_id) == ("user", world.person.object_id)
    assert principal.scopes == {"access_as_user"}
    assert principal.name == "Dana"


@pytest.mark.parametrize("scope", ["", "/"])
async def test_app_without_idtyp_is_told_by_its_subject(gate: Gate, world: World, scope: str) -> None:
    principal = await gate.authenticator.verify(world.token(idtyp=..., scp=scope))
    assert principal.kind == "app"


async def test_names_decide_nothing(gate: Gate, world: World) -> None:
    """An app made anew under an old name is another principal, whatever its names and addresses say."""
    made_anew = OTHER_TENANT
    first = await gate.authenticator.verify(world.token(app_displayname="billing", email="a@example.com"))
    second = await gate.authenticator.verify(
        world.token(app_displayname="billing", email="a@example.com", oid=made_anew, sub=first.object_id)
    )
    assert first.name == second.name
    assert first.key != second.key


async def test_names_are_made_fit_to_print(gate: Gate, world: World) -> None:
    principal = await gate.authenticator.verify(world.token(app_displayname="a\x1b[31m\u202eb\n" + "c" * 500))
    assert principal.name == "a[31mb" + "c" * 122


@pytest.mark.parametrize(
    "facets", [{"xms_act_fct": "9 11 3"}, {"xms_sub_fct": "13"}, {"xms_act_fct": "11 8 7"}]
)
async def test_an_agent_never_passes_as_the_person_it_acts_for(
    gate: Gate, world: World, facets: dict[str, str]
) -> None:
    claims = world.entra.person_claims(world.api, world.console, world.person) | facets
    principal = await gate.authenticator.verify(world.entra.sign(claims).encode())
    assert principal.kind == "app"


async def test_noise_among_facets_means_nothing(gate: Gate, world: World) -> None:
    claims = world.entra.person_claims(world.api, world.console, world.person)
    claims |= {"xms_act_fct": "3 9", "xms_sub_fct": "8 7 111 1 x"}
    assert (await gate.authenticator.verify(world.entra.sign(claims).encode())).kind == "user"


@pytest.mark.parametrize(("strength", "accepted"), [("2", True), ("1", False), ("0", False), (..., False)])
async def test_strong_clients_only(world: World, strength: object, accepted: bool) -> None:
    gate = Gate(world, world.section(strong_clients=True))
    if accepted:
        await gate.authenticator.verify(world.token(azpacr=strength))
        return
    with pytest.raises(IdentityError, match="without a certificate"):
        await gate.authenticator.verify(world.token(azpacr=strength))


async def test_owners_come_from_the_configuration(world: World) -> None:
    owners = [OwnerSection(agent=world.agent.object_id, people=["dana", "eve"])]
    gate = Gate(world, world.section(), owners=owners)
    assert (await gate.authenticator.verify(world.token())).owners == {"dana", "eve"}


@pytest.mark.parametrize(
    ("authority", "version", "iss"),
    [
        ("https://login.microsoftonline.com", "2.0", f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        ("https://login.microsoftonline.com/", "1.0", f"https://sts.windows.net/{TENANT}/"),
        ("https://login.microsoftonline.us", "1.0", f"https://sts.windows.net/{TENANT}/"),
        ("https://login.partner.microsoftonline.cn", "1.0", f"https://sts.chinacloudapi.cn/{TENANT}/"),
    ],
)
def test_issuers_of_the_clouds(world: World, authority: str, version: str, iss: str) -> None:
    assert entra.issuer_of(world.section(authority=authority, tenant=TENANT.upper()), version) == iss


@pytest.mark.parametrize(
    "tenant", ["", "common", "contoso.com", entra.PERSONAL_ACCOUNTS_TENANT, TENANT + "/x"]
)
def test_tenant_must_be_one_organisations(world: World, tmp_path: object, tenant: str) -> None:
    with pytest.raises(IdentityError, match="must be the GUID of one organisation's tenant"):
        entra.issuers(world.section(tenant=tenant), tmp_path)  # type: ignore[arg-type]
