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
    "FETCH bound before its cursor is another one": [
        [query("BEGIN")],
        [query("DECLARE c CURSOR FOR SELECT name FROM customers")],
        [parse("FETCH ALL FROM c", "f"), parse("CLOSE c", "x"), SYNC],
        [parse("DECLARE c CURSOR FOR SELECT ssn FROM customers", "d"), bind("", "f"), SYNC],
        [bind("p", "x"), execute("p"), bind("q", "d"), execute("q"), SYNC],
        [execute(), SYNC],
    ],
    "EXECUTE bound before its statement is another one": [
        [query("PREPARE s AS SELECT name FROM customers")],
        [query("BEGIN")],
        [parse("EXECUTE s", "e"), parse("DEALLOCATE s", "x"), SYNC],
        [parse("PREPARE s AS SELECT ssn FROM customers", "d"), bind("", "e"), SYNC],
        [bind("p", "x"), execute("p"), bind("q", "d"), execute("q"), SYNC],
        [execute(), SYNC],
    ],
    "a cursor redeclared on masked data": [
        [query("BEGIN")],
        [query("DECLARE c CURSOR FOR SELECT upper(name) FROM customers")],
        [query("FETCH 1 FROM c")],
        [query("CLOSE c")],
        [query("DECLARE c CURSOR FOR SELECT upper(ssn) FROM customers")],
        [query("FETCH 1 FROM c")],
    ],
    "cursors declared on clear and on masked data in one span": [
        [query("BEGIN")],
        [parse("DECLARE c CURSOR FOR SELECT upper(name) FROM customers"), bind(), execute(),
         parse("CLOSE c"), bind(), execute(),
         parse("DECLARE c CURSOR FOR SELECT upper(ssn) FROM customers"), bind(), execute(), SYNC],
        [query("FETCH 1 FROM c")],
    ],
    "a cursor that could not be redeclared": [
        [query("BEGIN")],
        [query("DECLARE c CURSOR FOR SELECT upper(ssn) FROM customers")],
        [query("SAVEPOINT s")],
        [query("DECLARE c CURSOR FOR SELECT upper(name) FROM customers")],
        [query("ROLLBACK TO s")],
        [query("FETCH 1 FROM c")],
    ],
    "a statement under the name of a cursor": [
        [query("PREPARE c AS SELECT upper(ssn) FROM customers")],
        [query("BEGIN")],
        [query("DECLARE c CURSOR FOR SELECT upper(name) FROM customers")],
        [query("EXECUTE c")],
    ],
    "what FETCH shows under a name of the protocol": [
        [query("BEGIN")],
        [query("DECLARE c CURSOR FOR SELECT upper(name) FROM customers")],
        [parse("FETCH 1 FROM c", "f"), SYNC],
        [query("CLOSE c")],
        [query("DECLARE c CURSOR FOR SELECT upper(ssn) FROM customers")],
        [query("EXECUTE f")],
    ],
    "a name that the target cuts short": [
        [parse(CLEAR, "n" * 70), SYNC],
        [close("S", "n" * 63), SYNC],
        [parse(MASKED, "n" * 63), SYNC],
        [bind("", "n" * 70), execute(), SYNC],
    ],
    "a portal whose name the target cuts short": [
        [query("BEGIN")],
        [parse(CLEAR), bind("n" * 70), SYNC],
        [close("P", "n" * 63), parse(MASKED), bind("n" * 63), SYNC],
        [execute("n" * 70), SYNC],
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


ORDINARY: dict[str, list[list[bytes]]] = {
    "a cursor": [
        [query("DECLARE c CURSOR FOR SELECT upper(name) FROM customers ORDER BY id")],
        [query("FETCH 1 FROM c")],
    ],
    "a cursor in the protocol": [
        [parse("DECLARE c CURSOR FOR SELECT upper(name), upper(ssn) FROM customers ORDER BY id"),
         bind(), execute(), SYNC],
        [parse("FETCH 1 FROM c"), bind(), describe("P"), execute(), SYNC],
    ],
    "a cursor declared again": [
        [query("DECLARE c CURSOR FOR SELECT upper(ssn) FROM customers ORDER BY id")],
        [query("CLOSE c")],
        [query("DECLARE c CURSOR FOR SELECT upper(name) FROM customers ORDER BY id")],
        [query("FETCH 1 FROM c")],
    ],
    "a prepared statement": [
        [query("PREPARE c AS SELECT upper(name) FROM customers WHERE id = $1")],
        [query("EXECUTE c(1)")],
        [query("DEALLOCATE c")],
    ],
    "a statement that the protocol named": [
        [parse("SELECT upper(name) FROM customers WHERE id = 1", "named"), SYNC],
        [bind("", "named"), execute(), close("S", "named"), SYNC],
    ],
}  # fmt: skip


@pytest.mark.parametrize("conversation", ORDINARY.values(), ids=ORDINARY.keys())
def test_names_on_clear_data_show_it_beside_names_on_masked_data(
    agent: RawClient, conversation: list[list[bytes]]
) -> None:
    agent.ask(query("BEGIN"))
    agent.ask(query(f"DECLARE secret CURSOR FOR {MASKED}"))
    agent.ask(query(f"PREPARE secret AS {MASKED}"))
    agent.ask(parse(MASKED, "secret_too"), SYNC)
    seen = [each for messages in conversation for each in agent.ask(*messages)]
    rows = [each.values for each in seen if each.type == "D"]
    assert [row[0] for row in rows] == [b"ADA"]
    assert not found_in(b"".join(each.body for each in seen))
    agent.ask(query("ROLLBACK"))
    agent.ask(query("DEALLOCATE secret"))


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
