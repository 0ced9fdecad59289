"""Ways round that need the protocol's own messages: names that Parse and Bind give, and SQL finds again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.masking.stack import HERE_TARGET
from tests.masking.world import found_in
from tests.raw_client import (
    FLUSH,
    SYNC,
    Message,
    RawClient,
    bind,
    close,
    describe,
    execute,
    message,
    parse,
    query,
    shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.masking.stack import MaskingStack

MASKED = "SELECT upper(ssn), ssn FROM customers ORDER BY id"
CLEAR = "SELECT id, name FROM customers ORDER BY id"


@pytest.fixture
def agent(stack: MaskingStack) -> Iterator[RawClient]:
    with stack.agent(HERE_TARGET) as client:
        yield client


CONVERSATIONS: dict[str, list[list[bytes]]] = {
    "EXECUTE of what Parse named": [[parse(MASKED, "s"), SYNC], [query("EXECUTE s")]],
    "EXECUTE in the protocol of what Parse named": [
        [parse(MASKED, "s"), SYNC],
        [parse("EXECUTE s"), bind(binary=True), execute(), SYNC],
    ],
    "EXECUTE after a clear PREPARE": [
        [parse(MASKED, "s"), SYNC],
        [query("PREPARE p AS SELECT 1")],
        [query("EXECUTE s")],
    ],
    "EXECUTE of what was named in the same span": [
        [parse(MASKED, "s"), parse("EXECUTE s"), bind(), execute(), SYNC]
    ],
    "EXPLAIN of what Parse named": [[parse(MASKED, "s"), SYNC], [query("EXPLAIN (VERBOSE) EXECUTE s")]],
    "FETCH from what Bind named": [
        [query("BEGIN")],
        [parse(MASKED), bind("p"), SYNC],
        [query("FETCH 2 FROM p")],
        [parse("FETCH ALL FROM p"), bind(), describe("P"), execute(), SYNC],
    ],
    "FETCH in the same span": [
        [query("BEGIN")],
        [parse(MASKED), bind("p", binary=True), parse("FETCH ALL FROM p"), bind(), execute(), SYNC],
    ],
    "Execute of a cursor": [
        [query("BEGIN")],
        [query(f"DECLARE c CURSOR FOR {MASKED}")],
        [execute("c", 2), execute("c"), SYNC],
    ],
    "Execute of a cursor redeclared under the name of a portal": [
        [query("BEGIN")],
        [parse(CLEAR), bind("c"), execute("c", 1), SYNC],
        [query(f"CLOSE c; DECLARE c CURSOR FOR {MASKED}")],
        [execute("c"), SYNC],
    ],
    "Bind of what PREPARE named": [
        [query(f"PREPARE p AS {MASKED}")],
        [bind("", "p"), execute(), SYNC],
        [describe("S", "p"), bind("", "p", binary=True), execute(), SYNC],
    ],
    "Bind of a name that SQL gave anew": [
        [parse(CLEAR, "s"), SYNC],
        [query(f"DEALLOCATE s; PREPARE s AS {MASKED}")],
        [bind("", "s"), execute(), SYNC],
    ],
    "a portal read in parts, masked statement in between": [
        [query("BEGIN")],
        [parse(CLEAR), bind("a"), parse(MASKED), bind("b"), SYNC],
        [execute("a", 1), execute("b", 1), execute("a", 1), execute("b"), SYNC],
    ],
    "Describe, Close, Flush and Bind again": [
        [parse(MASKED, "s"), describe("S", "s"), FLUSH, bind("p", "s"), close("P", "p"), bind("p", "s"),
         execute("p"), SYNC],
    ],
    "a named statement parsed anew": [
        [parse(CLEAR, "s"), bind("", "s"), execute(), SYNC],
        [close("S", "s"), parse(MASKED, "s"), bind("", "s"), execute(), SYNC],
    ],
    "an error inside a pipeline, then more": [
        [parse("SELECT ssn::int FROM customers"), bind(), execute(), parse(MASKED, "s"), SYNC],
        [parse(MASKED, "s"), bind("", "s"), execute(), SYNC],
    ],
    "many formats": [[parse(MASKED), message("B", b"\0\0\0\0\0\0\0\2\0\1\0\0"), execute(), SYNC]],
    "a function call message": [[message("F", b"\0\0\2\xfb\0\0\0\1\0\0\0\4\0\x0b\xdb\x09\0\1")]],
}  # fmt: skip


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_shows_nothing(agent: RawClient, conversation: list[list[bytes]]) -> None:
    seen: list[Message] = []
    for messages in conversation:
        seen += agent.ask(*messages)
    leaked = found_in(b"".join(each.body for each in seen))
    assert not leaked, [each.body for each in seen]
    agent.ask(query("ROLLBACK"))
    assert shape(agent.ask(query("SELECT 1"))) == "T D C ZI"


def test_a_parameter_that_names_a_relation(agent: RawClient) -> None:
    asked = parse(
        "SELECT $1::regclass, to_regclass($2), has_table_privilege($3, 'select')", types=(25, 25, 25)
    )
    seen = agent.ask(asked, bind(values=(b"customers", b"customers", b"customers")), execute(), SYNC)
    assert not found_in(b"".join(each.body for each in seen))


def test_the_same_text_with_other_parameter_types(agent: RawClient) -> None:
    text = "SELECT coalesce(ssn, $1) FROM customers ORDER BY id"
    for type_oid in (25, 1043, 0):
        seen = agent.ask(parse(text, types=(type_oid,)), bind(values=(b"x",)), execute(), SYNC)
        assert not found_in(b"".join(each.body for each in seen)), type_oid


@pytest.mark.parametrize("name", ["search_path", "standard_conforming_strings", "client_encoding", "role"])
def test_startup_parameters_do_not_change_what_names_mean(stack: MaskingStack, name: str) -> None:
    values = {
        "search_path": "s9",
        "standard_conforming_strings": "off",
        "client_encoding": "SJIS",
        "role": "x",
    }
    for parameters in ({name: values[name]}, {"options": f"-c {name}={values[name]}"}):
        with RawClient(stack.addresses["postgres"]) as client:
            told = client.log_in(
                stack.tls_context(),
                user="agent",
                database=HERE_TARGET,
                password=stack.agent_token(),
                **parameters,
            )
            assert told[-1].type == "E", parameters
