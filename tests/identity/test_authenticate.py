"""The one way in: what is remembered, what is revoked, and which login names fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from narrows.config import Config
from narrows.demo.entra import SigningCertificate
from narrows.errors import IdentityError
from narrows.identity import authenticate
from narrows.identity.authenticate import Authenticator, issuers_of
from narrows.identity.login_name import user_fits
from narrows.identity.revocation import Revocation, Revocations
from tests.identity.world import NOW, PEER, TENANT, Gate, World

if TYPE_CHECKING:
    import trio


async def test_a_token_is_verified_once(gate: Gate, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = world.token()
    first = await gate.authenticator.verify(token)
    monkeypatch.setattr(authenticate.jose, "verify", lambda *_: pytest.fail("verified twice"))
    assert await gate.authenticator.verify(token) is first


async def test_a_remembered_token_still_expires(gate: Gate, world: World) -> None:
    token = world.token()
    await gate.authenticator.verify(token)
    gate.clock.now = NOW + 3600 + 59
    await gate.authenticator.verify(token)  # within the leeway
    gate.clock.now += 1
    with pytest.raises(IdentityError, match="expired at"):
        await gate.authenticator.verify(token)


async def test_a_remembered_token_dies_with_its_key(gate: Gate, world: World) -> None:
    token = world.token()
    await gate.authenticator.verify(token)
    other = {"keys": [SigningCertificate.make().jwk(f"{world.entra.authority}/{TENANT}/v2.0")]}
    source = gate.sources["2.0"]
    source.documents.append(json.dumps(other).encode())
    (issuer,) = gate.authenticator._issuers.values()
    await issuer.keys.refresh()
    with pytest.raises(IdentityError, match="a key that its issuer does not publish"):
        await gate.authenticator.verify(token)


@pytest.mark.parametrize("subject", ["principal", "app", "token"])
async def test_revocation_reaches_remembered_tokens(gate: Gate, world: World, subject: str) -> None:
    token = world.token(uti="leaked")
    principal = await gate.authenticator.verify(token)
    value = {"principal": principal.key, "app": principal.app, "token": "leaked"}[subject]
    gate.revocations.add(Revocation(subject, value, "stolen laptop"))  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(IdentityError, match=f"the {subject} is revoked: stolen laptop"):
            await gate.authenticator.verify(token)
    assert gate.revocations.remove(subject, value)  # type: ignore[arg-type]
    assert await gate.authenticator.verify(token) == principal


def test_a_revocation_names_something() -> None:
    with pytest.raises(IdentityError, match="must name its token"):
        Revocations([Revocation("token", "", "would revoke every token without an id")])


async def test_failures_are_not_remembered(gate: Gate, world: World) -> None:
    token = world.token(nbf=int(NOW) + 100)
    with pytest.raises(IdentityError, match="not valid before"):
        await gate.authenticator.verify(token)
    gate.clock.now += 100
    assert await gate.authenticator.verify(token)


async def test_what_is_remembered_is_bounded(
    gate: Gate, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticate, "VERIFIED_TOKENS_MAX", 3)
    tokens = [world.token() for _ in range(4)]
    for token in [*tokens[:3], tokens[0], tokens[3]]:
        await gate.authenticator.verify(token)
    assert len(gate.authenticator._verified) == 3
    monkeypatch.setattr(
        authenticate.jose, "verify", lambda *_: pytest.fail("the recently used was forgotten")
    )
    await gate.authenticator.verify(tokens[0])


async def test_an_outage_refuses_with_a_reason(gate: Gate, world: World) -> None:
    gate.sources["2.0"].documents[:] = [IdentityError("down")]
    with pytest.raises(IdentityError, match=r"signing keys of issuer .* cannot be had"):
        await gate.authenticator.verify(world.token())


@pytest.mark.parametrize("user", ["agent", "object id", "OBJECT ID", "app id"])
async def test_a_login_name_that_fits(gate: Gate, world: World, user: str) -> None:
    names = {"object id": world.agent.object_id, "OBJECT ID": world.agent.object_id.upper()}
    name = names.get(user, world.agent.client_id if user == "app id" else user)
    assert await gate.authenticator.authenticate(world.token(), peer=PEER, user=name, target="orders-db")


@pytest.mark.parametrize("user", ["", "postgres", "support-agent", TENANT])
async def test_a_login_name_that_does_not_fit(gate: Gate, world: World, user: str) -> None:
    with pytest.raises(IdentityError, match="user name is not this principal's") as refused:
        await gate.authenticator.authenticate(world.token(), peer=PEER, user=user, target="orders-db")
    assert refused.value.hint == f"Connect as user agent, or as {world.agent.object_id}."


async def test_a_principal_without_an_app_has_no_empty_name(gate: Gate, world: World) -> None:
    principal = await gate.authenticator.verify(world.token())
    assert not user_fits(principal, "")


async def test_every_issuers_keys_are_tried_before_it_is_started(world: World, nursery: trio.Nursery) -> None:
    gate = Gate(world, world.section(accept_v1=True))
    await nursery.start(gate.authenticator.keep_keys_fresh)
    assert [source.fetches for source in gate.sources.values()] == [1, 1]
    nursery.cancel_scope.cancel()


def test_two_issuers_of_one_iss(world: World, gate: Gate) -> None:
    (issuer,) = gate.authenticator._issuers.values()
    with pytest.raises(IdentityError, match="two issuers are configured for"):
        Authenticator([issuer, issuer], tickets=gate.tickets, revocations=gate.revocations)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"audiences": []}, "audiences is empty"),
        ({"algorithms": []}, "algorithms must be among"),
        ({"algorithms": ["HS256"]}, "algorithms must be among"),
        ({"algorithms": ["none"]}, "algorithms must be among"),
        ({"leeway_s": 61}, "leeway-s must be 0 to 60"),
        ({"leeway_s": -1}, "leeway-s must be 0 to 60"),
        ({"token_age_max_s": 0}, "token-age-max-s must be 1 to"),
    ],
)
def test_a_section_that_would_weaken_the_checks(
    world: World, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(IdentityError, match=f"issuer entra: {reason}"):
        Gate(world, world.section(**changes))


def test_issuers_of_a_configuration(world: World, tmp_path: object) -> None:
    config = Config(issuer=[world.section(accept_v1=True)])
    found = [issuer.iss for issuer in issuers_of(config, tmp_path)]  # type: ignore[arg-type]
    assert found == [f"{world.entra.authority}/{TENANT}/v2.0", f"{world.entra.authority}/{TENANT}/"]
