"""When an issuer's keys are fetched, and how long they are believed. Time is the test's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio

from narrows.demo.entra import SigningCertificate
from narrows.errors import IdentityError
from narrows.identity.keys import (
    FIRST_FETCH_RETRY_S,
    LAST_KNOWN_GOOD_S,
    REFRESH_S,
    RETRY_S,
    UNKNOWN_KEY_REFRESH_S,
    IssuerKeys,
)
from tests.identity.world import StubKeys

ISSUER = "https://issuer.example/"
OUTAGE = IdentityError("the issuer is down")


@pytest.fixture(scope="module")
def certificates() -> list[SigningCertificate]:
    return [SigningCertificate.make() for _ in range(2)]


def document(*certificates: SigningCertificate) -> bytes:
    return json.dumps({"keys": [each.jwk(ISSUER) for each in certificates]}).encode()


def keys_from(*documents: bytes | IdentityError) -> tuple[IssuerKeys, StubKeys]:
    source = StubKeys(list(documents))
    return IssuerKeys(source, issuer=ISSUER), source


async def test_keys_are_fetched_hourly(
    certificates: list[SigningCertificate], nursery: trio.Nursery, autojump_clock: Any
) -> None:
    keys, source = keys_from(document(certificates[0]))
    await nursery.start(keys.keep_fresh)
    assert source.fetches == 1, "started means tried"
    await trio.sleep(3 * REFRESH_S + 1)
    assert source.fetches == 4
    nursery.cancel_scope.cancel()


async def test_failed_refreshes_are_retried_each_minute(
    certificates: list[SigningCertificate], nursery: trio.Nursery, autojump_clock: Any
) -> None:
    keys, source = keys_from(OUTAGE, OUTAGE, document(certificates[0]))
    await nursery.start(keys.keep_fresh)
    await trio.sleep(2 * RETRY_S + 1)
    assert source.fetches == 3
    assert keys.current(certificates[0].thumbprint)
    nursery.cancel_scope.cancel()


async def test_a_flood_of_unknown_key_ids_makes_one_fetch(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    keys, source = keys_from(document(certificates[0]))
    await keys.refresh()
    for number in range(100):
        with pytest.raises(IdentityError, match="a key that its issuer does not publish"):
            await keys.find(f"random-{number}")
    assert source.fetches == 2
    await trio.sleep(UNKNOWN_KEY_REFRESH_S)
    with pytest.raises(IdentityError):
        await keys.find("random")
    assert source.fetches == 3


async def test_many_who_wait_for_the_first_keys_share_one_fetch(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    keys, source = keys_from(document(certificates[0]))
    found = []

    async def find() -> None:
        found.append(await keys.find(certificates[0].thumbprint))

    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(find)
    assert len(found) == 50
    assert source.fetches == 1


async def test_a_rolled_key_is_found_at_once(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    old, new = certificates
    keys, source = keys_from(document(old), document(old, new))
    await keys.refresh()
    assert (await keys.find(new.thumbprint)).key_id == new.thumbprint
    assert keys.current(old.thumbprint), "both are valid while both are published"
    assert source.fetches == 2


async def test_a_withdrawn_key_dies_at_the_next_refresh(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    old, new = certificates
    keys, _ = keys_from(document(old, new), document(new))
    await keys.refresh()
    assert keys.current(old.thumbprint)
    await keys.refresh()
    assert not keys.current(old.thumbprint)


async def test_the_last_known_good_keys_outlive_an_outage_for_a_day(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    keys, _ = keys_from(document(certificates[0]), OUTAGE)
    await keys.refresh()
    await trio.sleep(LAST_KNOWN_GOOD_S - 1)
    assert not await keys.refresh()
    assert await keys.find(certificates[0].thumbprint)
    await trio.sleep(2)
    with pytest.raises(IdentityError, match=r"signing keys of issuer .* cannot be had"):
        await keys.find(certificates[0].thumbprint)


async def test_garbage_does_not_replace_good_keys(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    keys, _ = keys_from(document(certificates[0]), b"<html>sorry</html>", b'{"keys": []}')
    await keys.refresh()
    assert not await keys.refresh()
    assert not await keys.refresh(), "an issuer without keys is one that is broken"
    assert keys.current(certificates[0].thumbprint)


async def test_an_outage_from_the_start_is_not_hammered(autojump_clock: Any) -> None:
    keys, source = keys_from(OUTAGE)
    for _ in range(10):
        with pytest.raises(IdentityError, match="cannot be had"):
            await keys.find("any")
    assert source.fetches == 1
    await trio.sleep(FIRST_FETCH_RETRY_S)
    with pytest.raises(IdentityError, match="cannot be had"):
        await keys.find("any")
    assert source.fetches == 2


async def test_one_who_hangs_up_does_not_take_the_fetch_along(
    certificates: list[SigningCertificate], autojump_clock: Any
) -> None:
    class SlowKeys(StubKeys):
        async def fetch(self) -> bytes:
            await trio.sleep(1)
            return await super().fetch()

    keys = IssuerKeys(SlowKeys([document(certificates[0])]), issuer=ISSUER)
    with trio.move_on_after(0.5):
        await keys.find(certificates[0].thumbprint)
    assert keys.current(certificates[0].thumbprint)
