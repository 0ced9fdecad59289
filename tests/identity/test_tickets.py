"""Tickets open one session on one target, and then nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio

from narrows.config import TicketsSection
from narrows.errors import IdentityError
from narrows.identity.revocation import Revocation
from narrows.identity.tickets import (
    PREFIX,
    Expired,
    MemoryTickets,
    Redeemed,
    Spent,
    TicketRecord,
    Tickets,
    Unknown,
    address_of,
)
from tests.identity.world import NOW, PEER, Gate, World

if TYPE_CHECKING:
    from narrows.model import Principal


@pytest.fixture
async def principal(gate: Gate, world: World) -> Principal:
    return await gate.authenticator.verify(world.token())


async def redeem(
    gate: Gate, text: str, *, peer: str = PEER, user: str = "agent", target: str = "orders-db"
) -> Principal:
    return await gate.authenticator.authenticate(text.encode(), peer=peer, user=user, target=target)


async def test_a_ticket_stands_for_its_principal(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db")
    assert len(ticket.text) < 63, "short enough for the smallest password fields"
    assert ticket.expires_at == NOW + 300
    assert await redeem(gate, ticket.text) == principal


async def test_a_second_use_is_refused_and_says_when_and_from_where(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db")
    await redeem(gate, ticket.text)
    gate.clock.now += 10
    with pytest.raises(
        IdentityError, match=r"already used at 2027-01-15 08:00:00 UTC from 192\.0\.2\.7$"
    ) as refused:
        await redeem(gate, ticket.text, peer="203.0.113.9:1")
    assert "narrows token --target orders-db" in refused.value.hint
    gate.clock.now += 1000
    with pytest.raises(IdentityError, match="already used"):
        await redeem(gate, ticket.text)


async def test_of_two_who_race_one_wins(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db")
    outcomes = []

    async def race() -> None:
        try:
            await redeem(gate, ticket.text)
            outcomes.append("in")
        except IdentityError:
            outcomes.append("out")

    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(race)
    assert sorted(outcomes) == ["in"] + ["out"] * 9


async def test_as_many_uses_as_configured(world: World) -> None:
    gate = Gate(world, world.section(), tickets_terms=TicketsSection(uses_max=2))
    principal = await gate.authenticator.verify(world.token())
    ticket = await gate.tickets.mint(principal, "orders-db")
    await redeem(gate, ticket.text)
    await redeem(gate, ticket.text)
    with pytest.raises(IdentityError, match="already used"):
        await redeem(gate, ticket.text)


async def test_an_expired_ticket(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db")
    gate.clock.now += 300
    with pytest.raises(IdentityError, match="expired at 2027-01-15 08:05:00 UTC"):
        await redeem(gate, ticket.text)


async def test_a_ticket_does_not_outlive_the_token(gate: Gate, principal: Principal) -> None:
    gate.clock.now = principal.expires_at - 20
    ticket = await gate.tickets.mint(principal, "orders-db")
    assert ticket.expires_at == principal.expires_at


@pytest.mark.parametrize(
    ("bound", "presented", "reason"),
    [
        ({}, {"target": "payroll-db"}, "is for target orders-db and is now used up"),
        ({"user": "agent"}, {"user": "x"}, "is for user agent and is now used up"),
        (
            {"source": "192.0.2.7"},
            {"peer": "203.0.113.9:51000"},
            "come from 192.0.2.7 only and is now used up",
        ),
    ],
)
async def test_a_stray_ticket_is_used_up(
    gate: Gate, principal: Principal, bound: dict[str, str], presented: dict[str, str], reason: str
) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db", **bound)
    with pytest.raises(IdentityError, match=reason):
        await redeem(gate, ticket.text, **presented)
    with pytest.raises(IdentityError, match="already used"):
        await redeem(gate, ticket.text)


async def test_bindings_that_hold(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db", user="agent", source="2001:db8::1")
    assert await redeem(gate, ticket.text, peer="[2001:db8::1]:5000") == principal


async def test_a_revoked_principals_ticket(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db")
    gate.revocations.add(Revocation("principal", principal.key, "left the team"))
    with pytest.raises(IdentityError, match="revoked: left the team"):
        await redeem(gate, ticket.text)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t + "0", lambda t: t[:-1] + "-", lambda t: t[:5] + "é" + t[6:]]
)
async def test_a_mistyped_ticket_is_told_from_a_wrong_one(
    gate: Gate, principal: Principal, spoil: object
) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db")
    with pytest.raises(IdentityError, match="mistyped or cut short"):
        await redeem(gate, spoil(ticket.text))  # type: ignore[operator]
    assert await redeem(gate, ticket.text) == principal, "a slip of the pen spends nothing"


async def test_a_ticket_from_elsewhere(gate: Gate, world: World) -> None:
    elsewhere = Gate(world, world.section())
    ticket = await elsewhere.tickets.mint(await gate.authenticator.verify(world.token()), "orders-db")
    with pytest.raises(IdentityError, match="not known here"):
        await redeem(gate, ticket.text)


async def test_the_text_is_nowhere_but_in_the_ticket(gate: Gate, principal: Principal) -> None:
    kept: list[TicketRecord] = []

    class Spy(MemoryTickets):
        async def put(self, record: TicketRecord) -> None:
            kept.append(record)
            await super().put(record)

    ticket = await Tickets(Spy(), TicketsSection(), gate.clock).mint(principal, "orders-db")
    secret = ticket.text.removeprefix(PREFIX)
    assert secret not in repr(ticket)
    assert secret not in repr(kept)
    assert len({(await gate.tickets.mint(principal, "orders-db")).text for _ in range(100)}) == 100


async def test_a_look_spends_nothing(gate: Gate, principal: Principal) -> None:
    ticket = await gate.tickets.mint(principal, "orders-db", source="192.0.2.7")
    evidence = ticket.text.encode()
    for _ in range(3):
        assert await gate.authenticator.look(evidence, peer="192.0.2.7:1") == principal
    with pytest.raises(IdentityError, match=r"may come from 192\.0\.2\.7 only"):
        await gate.authenticator.look(evidence, peer="192.0.2.8:1")
    with pytest.raises(IdentityError, match="mistyped"):
        await gate.authenticator.look(evidence[:-1], peer="192.0.2.7:1")
    assert await gate.tickets.redeem(evidence, peer="192.0.2.7:1", user="a", target="orders-db") == principal
    with pytest.raises(IdentityError, match="already used"):
        await gate.authenticator.look(evidence, peer="192.0.2.7:1")


@pytest.mark.parametrize(
    "terms", [{"lifetime_s": 0}, {"lifetime_s": 3601}, {"uses_max": 0}, {"uses_max": 101}]
)
def test_terms_out_of_range(gate: Gate, terms: dict[str, int]) -> None:
    with pytest.raises(IdentityError, match="must be 1 to"):
        Tickets(MemoryTickets(), TicketsSection(**terms), gate.clock)


async def test_the_store_in_memory_says_what_became_of_a_ticket(gate: Gate, principal: Principal) -> None:
    store = MemoryTickets()
    record = TicketRecord(b"d", principal, "orders-db", None, None, NOW + 10, 1)
    assert await store.redeem(b"d", NOW, "192.0.2.7") == Unknown()
    await store.put(record)
    assert await store.redeem(b"d", NOW + 10, "192.0.2.7") == Expired(NOW + 10)
    assert await store.look(b"d", NOW) == await store.look(b"d", NOW) == Redeemed(record)
    assert await store.redeem(b"d", NOW, "192.0.2.7") == Redeemed(record)
    assert await store.look(b"d", NOW) == Spent(NOW, "192.0.2.7")
    assert await store.redeem(b"d", NOW + 99, "192.0.2.8") == Spent(NOW, "192.0.2.7")


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.7:51000", "192.0.2.7"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_address_of(peer: str, address: str) -> None:
    assert address_of(peer) == address
