"""What agents do through a running gateway is found, and nothing that they did not see is."""

from __future__ import annotations

import json

import psycopg
import pytest

from narrows.recordings.index.schema import dump
from tests.recordings.waiting import eventually

CARD = "4111111111111111"


def searched(stack, *options):
    told = stack.narrows("recordings", "search", "--json", *options)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def worked(stack):
    """An agent has worked: it read, was denied, and is gone."""
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        agent.execute("select name, card_number from customers")
        for number in (1, 2):
            agent.execute("select id, status from orders where id = %s", (number,), prepare=True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            agent.execute("delete from orders")
    eventually(lambda: searched(stack, "--effect", "deny"))
    return stack


def test_what_was_done_is_found(worked):
    denied, *_ = searched(worked, "--table", "orders", "--effect", "deny", "--since", "1h")
    assert (denied["text"], denied["rule"]) == ("delete from orders", "never-destroy")
    here = ("--session", denied["session"])  # others have worked on the same gateway
    assert len(searched(worked, *here, "--text", '"id status"', "--verb", "select")) == 2
    (read,) = searched(worked, *here, "--text", "moreau 1111", "--mask", "cards")
    assert read["masked"] == read["rows"] == 3
    assert "************1111" in read["excerpt"]
    assert searched(worked, "--until", "1h") == []


def test_the_masked_value_is_nowhere_in_the_index(worked):
    assert CARD in worked.database("select card_number from customers")
    assert searched(worked, "--text", CARD) == []
    for file in worked.state.glob("recordings.db*"):
        assert CARD.encode() not in file.read_bytes()


def test_a_search_is_itself_on_record(worked):
    from narrows.store import open_store, readings

    searched(worked, "--text", "somethingspecial")
    store = open_store(worked.state / "narrows.db", create=False)
    try:
        newest = store.run_here(readings.newest)[0]
    finally:
        store.close()
    assert newest.reader.startswith("os:")
    assert (newest.how, newest.what) == ("search", "text=somethingspecial")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--text", '"open'], "is not closed"),
        (["--session", "nonsense"], "is no session's id"),
        (["--limit", "0"], "1 to 1000"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(worked, options, says):
    told = worked.narrows("recordings", "search", *options)
    assert told.returncode == 2
    assert says in told.stderr


def test_rebuilt_from_the_journal_it_is_the_same(worked):
    worked.stop_gateway()
    try:
        before = dump(worked.state / "recordings.db")
        assert worked.narrows("recordings", "index", "--rebuild").returncode == 0
        assert dump(worked.state / "recordings.db") == before
    finally:
        worked.start_gateway()
