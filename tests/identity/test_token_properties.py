"""Whatever is presented, the answer is a principal or an IdentityError; a changed token is never believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrows.errors import IdentityError
from narrows.identity import jose
from narrows.identity.strict_json import parse_object
from tests.identity.world import Gate

if TYPE_CHECKING:
    from narrows.model import Principal
    from tests.identity.world import World

SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CLAIMS = [
    "iss", "aud", "tid", "oid", "sub", "ver", "exp", "iat", "nbf", "azp", "azpacr", "idtyp", "scp", "roles",
    "groups", "uti", "name", "cnf", "nonce", "hasgroups", "_claim_names", "xms_act_fct", "xms_sub_fct",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(raw=st.binary(max_size=300) | st.from_regex(rb"[\w-]{0,40}(\.[\w-]{0,40}){0,3}", fullmatch=True))
@SHARED
def test_any_bytes_are_refused_in_our_own_words(raw: bytes) -> None:
    with pytest.raises(IdentityError):
        jose.parse(raw)


@given(claims=st.dictionaries(st.sampled_from(CLAIMS), VALUES, max_size=4))
@SHARED
async def test_any_signed_claims_are_answered_in_our_own_words(world: World, claims: dict[str, Any]) -> None:
    answer = await answer_to(world, world.raw(world.header(), world.claims(**claims)))
    assert answer.isprintable() if isinstance(answer, str) else answer.tenant == world.entra.tenant


@given(header=st.dictionaries(st.sampled_from(["alg", "typ", "kid", "nonce", "x5t"]), VALUES, max_size=3))
@SHARED
async def test_any_header_is_answered_in_our_own_words(world: World, header: dict[str, Any]) -> None:
    answer = await answer_to(world, world.raw(world.header(**header), world.claims()))
    assert answer.isprintable() if isinstance(answer, str) else answer.app == world.agent.client_id


@given(data=st.data())
@SHARED
async def test_a_token_with_any_byte_changed_is_refused(world: World, data: st.DataObject) -> None:
    token = world.token()
    at = data.draw(st.integers(0, len(token) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != token[at]))
    gate = Gate(world, world.section())
    with pytest.raises(IdentityError):
        await gate.authenticator.verify(token[:at] + bytes([byte]) + token[at + 1 :])


@given(value=st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
@SHARED
def test_strict_json_reads_what_it_reads_as_everyone_does(value: dict[str, Any]) -> None:
    text = json.dumps(value).encode()
    try:
        read = parse_object(text, "token")
    except ValueError as refused:
        reason = str(refused)
    else:
        reason = "" if read == json.loads(text) else "read otherwise"
    assert not reason or any(word in reason for word in ("NUL", "surrogate", "out of range", "does not know"))


async def answer_to(world: World, token: bytes) -> Principal | str:
    """The principal, or the words of the refusal."""
    try:
        return await Gate(world, world.section()).authenticator.verify(token)
    except IdentityError as refused:
        return str(refused)
