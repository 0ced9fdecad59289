"""Corner cases of the Postgres protocol that break naive gateways, each against a real server.

The schema has a masked column (`public.emp.ssn`), a table whose updates need approval (`public.held`) and a
second schema `s9` whose tables share names with those of `public`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.raw_client import (
    COPY_DONE,
    FLUSH,
    SYNC,
    Message,
    RawClient,
    bind,
    copy_data,
    describe,
    execute,
    parse,
    query,
    shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stacks import CornerStack

CANARY = "219-09-9999"


@pytest.fixture
def agent(corner_stack: CornerStack) -> Iterator[RawClient]:
    with corner_stack.raw() as client:
        yield client


@pytest.fixture
def plain(corner_stack: CornerStack) -> Iterator[RawClient]:
    """An agent on the same database for whom nothing is masked."""
    with corner_stack.raw(corner_stack.unmasked) as client:
        yield client


def denied(messages: list[Message]) -> dict[str, str]:
    """The one denial among the messages."""
    errors = [each.fields for each in messages if each.type == "E"]
    assert len(errors) == 1, shape(messages)
    assert errors[0]["C"] == "42501", errors
    assert errors[0]["M"].startswith("Narrows: ")
    return errors[0]


def no_canary(messages: list[Message]) -> None:
    for each in messages:
        assert CANARY.encode() not in each.body, shape(messages)


class TestHoldingASpan:
    """Rows a, b and d: while a person thinks, nothing of the span is upstream."""

    def test_statement_timeout_does_not_run_while_held(
        self, corner_stack: CornerStack, agent: RawClient
    ) -> None:
        assert shape(agent.ask(query("set statement_timeout = '1s'"))) == "C ZI"
        agent.send(parse("update held set note = $1 where id = 1"), describe("S"), FLUSH)
        assert shape(agent.until("nT")) == "1 t n"
        agent.send(bind(values=(b"slow",)), execute(), SYNC)
        request = corner_stack.pending_approval()
        assert agent.until("N")[-1].type == "N"
        assert agent.is_silent(1.5)
        corner_stack.approve(request)
        assert shape(agent.until("Z")) == "2 C ZI"

    def test_a_function_in_a_held_statement_does_not_run(
        self, corner_stack: CornerStack, plain: RawClient
    ) -> None:
        before = corner_stack.run("select count(*) from ran")
        plain.send(parse("update held set note = 'x' where noisy(id)"), bind(), execute(), SYNC)
        request = corner_stack.pending_approval()
        assert corner_stack.run("select count(*) from ran") == before
        corner_stack.deny(request)
        denied(plain.until("Z"))
        assert corner_stack.run("select count(*) from ran") == before

    def test_the_server_may_end_a_transaction_that_is_held(
        self, corner_stack: CornerStack, agent: RawClient
    ) -> None:
        agent.ask(query("set idle_in_transaction_session_timeout = '700ms'"))
        assert shape(agent.ask(query("begin"))) == "C ZT"
        agent.send(query("update held set note = 'late' where id = 2"))
        request = corner_stack.pending_approval()
        ended = agent.until("E")
        assert ended[-1].fields["C"] == "25P03"
        assert corner_stack.state_of(request) == "withdrawn"
        assert corner_stack.run("select note from held where id = 2") == "first"


class TestMaskPlans:
    """Rows c, e, i, j, k: what a result holds is not what the text seems to say."""

    def test_a_portal_keeps_the_relation_it_was_bound_to(self, agent: RawClient) -> None:
        seen = agent.ask(parse("select ssn from emp"), bind(), execute(), SYNC)
        no_canary(seen)
        assert shape(seen).startswith("1 2 D")

    def test_a_replanned_statement_never_shows_the_masked_table(self, agent: RawClient) -> None:
        agent.ask(parse("select ssn from emp", "p1"), SYNC)
        denied(agent.ask(query("set search_path = s9")))
        seen = agent.ask(bind(statement="p1", binary=True), execute(), SYNC)
        no_canary(seen)

    def test_a_cursor_that_the_protocol_did_not_bind(self, agent: RawClient) -> None:
        agent.ask(query("begin"))
        seen = agent.ask(query("declare cc cursor for select ssn, ssn || '' from emp"))
        no_canary(seen)
        seen = agent.ask(execute("cc"), SYNC)
        no_canary(seen)
        assert shape(seen).startswith("D"), shape(seen)
        seen = agent.ask(query("fetch backward all from cc"))
        no_canary(seen)
        agent.ask(query("rollback"))

    def test_a_binary_cursor_under_simple_query(self, agent: RawClient) -> None:
        agent.ask(query("begin"))
        no_canary(agent.ask(query("declare bc binary cursor for select id, ssn from emp")))
        seen = agent.ask(query("fetch all from bc"))
        no_canary(seen)
        assert [row.values[0] for row in seen if row.type == "D"][:1] == [b"\0\0\0\x01"]
        agent.ask(query("rollback"))

    def test_settings_changed_without_a_set_statement(self, agent: RawClient) -> None:
        denied(agent.ask(query("update pg_settings set setting = 's9' where name = 'search_path'")))
        denied(agent.ask(query("select set_config('search_path', 's9', false)")))

    def test_batches_are_judged_as_one_unit(self, agent: RawClient) -> None:
        denied(agent.ask(query("set search_path = s9; select ssn from emp")))
        seen = agent.ask(query("select 1; select ssn from emp; select 2"))
        no_canary(seen)
        assert shape(seen) == "T D C T D D C T D C ZI"

    def test_temporary_tables_cannot_shadow(self, agent: RawClient) -> None:
        denied(agent.ask(query("create temp table emp (id int, ssn text)")))


class TestErrorsThatSpeakLate:
    """Row f: a deferred constraint speaks at COMMIT, or at the Sync of an implicit transaction."""

    def test_at_commit(self, agent: RawClient) -> None:
        agent.ask(query("begin"))
        seen = agent.ask(query(f"insert into emp values (90, 'n', '{CANARY}')"))
        seen = agent.ask(query("commit"))
        errors = [each.fields for each in seen if each.type == "E"]
        assert errors[0]["C"] == "23505"
        no_canary(seen)

    def test_at_sync(self, agent: RawClient) -> None:
        seen = agent.ask(parse(f"insert into emp values (91, 'n', '{CANARY}')"), bind(), execute(), SYNC)
        assert "E[23505]" in shape(seen)
        no_canary(seen)

    @pytest.mark.parametrize("expression", ["ssn::date", "ssn::int", "(ssn || 'x')::numeric"])
    def test_a_cast_that_fails(self, agent: RawClient, expression: str) -> None:
        no_canary(agent.ask(query(f"select {expression} from emp")))


class TestDenialsInPipelines:
    """Rows g, h and m: a denial keeps the server's own semantics and the session in sync."""

    def test_a_denial_behind_an_open_copy_ends_the_session_not_the_server(self, plain: RawClient) -> None:
        plain.send(query("copy sink from stdin"))
        assert shape(plain.until("G")) == "G"
        plain.send(copy_data(b"1\n"), query("drop table emp"))
        seen = plain.until("E")
        assert seen[-1].fields["C"] == "08P01"

    def test_a_denied_query_behind_an_unsynced_insert(
        self, corner_stack: CornerStack, plain: RawClient
    ) -> None:
        seen = plain.ask(parse("insert into sink values (77)"), bind(), execute(), query("drop table emp"))
        denied(seen)
        assert shape(seen).endswith("ZI")
        assert corner_stack.run("select count(*) from sink where i = 77") == "0"

    def test_a_denied_execute_rolls_back_its_span(self, corner_stack: CornerStack, plain: RawClient) -> None:
        seen = plain.ask(
            parse("insert into sink values (78)"), bind(), execute(),
            parse("delete from emp"), bind(), execute(), SYNC,
        )  # fmt: skip
        denied(seen)
        assert shape(seen) == "1 2 C E[42501] ZI"
        assert corner_stack.run("select count(*) from sink where i = 78") == "0"

    def test_inside_a_transaction(self, plain: RawClient) -> None:
        assert shape(plain.ask(query("begin"))) == "C ZT"
        assert shape(plain.ask(query("drop table emp"))) == "E[42501] ZE"
        assert shape(plain.ask(query("select 1"))) == "E[25P02] ZE"
        assert shape(plain.ask(query("drop table emp"))) == "E[42501] ZE"
        assert shape(plain.ask(query("rollback"))) == "C ZI"
        assert shape(plain.ask(query("select 1"))) == "T D C ZI"

    def test_the_unnamed_statement_survives_a_denied_bind(
        self, corner_stack: CornerStack, plain: RawClient
    ) -> None:
        assert shape(plain.ask(parse("update held set note = 'n' where id = $1"), SYNC)) == "1 ZI"
        plain.send(bind(values=(b"3",)), execute(), SYNC)
        corner_stack.deny(corner_stack.pending_approval())
        denied(plain.until("Z"))
        plain.send(bind(values=(b"3",)), execute(), SYNC)
        corner_stack.approve(corner_stack.pending_approval())
        assert shape(plain.until("Z")) == "2 C ZI"

    def test_messages_after_a_denial_are_skipped_to_sync(self, plain: RawClient) -> None:
        seen = plain.ask(
            parse("drop table emp"),
            bind(),
            describe("P"),
            execute(),
            parse("select 1"),
            bind(),
            execute(),
            SYNC,
        )
        assert shape(seen) == "E[42501] ZI"

    def test_copy_data_after_a_denial_goes_nowhere(self, corner_stack: CornerStack, plain: RawClient) -> None:
        seen = plain.ask(query("copy forbidden from stdin"), copy_data(b"5\n"), COPY_DONE)
        denied(seen)
        assert shape(plain.ask(query("select 1"))) == "T D C ZI"
        assert corner_stack.run("select count(*) from forbidden") == "0"


class TestCacheKeys:
    """Row l: the same text with other parameter types is another statement."""

    def test_parameter_types_are_part_of_the_key(self, plain: RawClient) -> None:
        seen = plain.ask(parse("select overloaded($1)", types=(25,)), bind(values=(b"x",)), execute(), SYNC)
        first = [row.values for row in seen if row.type == "D"]
        seen = plain.ask(parse("select overloaded($1)", types=(23,)), bind(values=(b"7",)), execute(), SYNC)
        assert [row.values for row in seen if row.type == "D"] != first
