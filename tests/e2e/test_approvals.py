"""Approvals as agents and approvers meet them: real psql and psycopg, the real gateway, its own command."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.conftest import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select"] }

[[rule]]
id = "once"
principals = ["agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.once"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m", break-glass = { groups = "sg-dba" } }

[[rule]]
id = "statement"
principals = ["agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.statement"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m", scope = "statement", for = "1h", uses = 2 }

[[rule]]
id = "shape"
principals = ["agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update", "delete"], tables = ["public.shape"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m", scope = "shape" }

[[rule]]
id = "returned"
principals = ["agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.returned"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m", mode = "return" }

[[mask]]
id = "secrets"
targets = ["orders-db"]
columns = ["public.hidden.code"]
transform = "redact"

[[rule]]
id = "hidden"
principals = ["agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.hidden"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m" }
"""

TABLES = ("once", "statement", "shape", "returned")
SCHEMA = (
    "".join(
        f"CREATE TABLE {name} (id int PRIMARY KEY, note text);"
        f"INSERT INTO {name} SELECT g, 'first' FROM generate_series(1, 9) g;"
        for name in TABLES
    )
    + "CREATE TABLE hidden (code text PRIMARY KEY, shop int); INSERT INTO hidden VALUES ('secret-1', 1);"
    + "INSERT INTO shape SELECT g, 'bulk' FROM generate_series(10, 20000) g;"
)


class People:
    """Approvers, by the command."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._token = stack.person_token()

    def narrows(self, *arguments: str) -> Any:
        done = self.stack.narrows("approvals", *arguments, "--json", token=self._token)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> str:
        done = self.stack.narrows("approvals", *arguments, token=self._token)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def pending(self) -> dict[str, Any]:
        """The one request that waits, once it has been looked at."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            waiting = self.narrows("list", "--state", "pending")
            if waiting and waiting[0]["preview"] is not None:
                (one,) = waiting
                return dict(one)
            time.sleep(0.02)
        raise AssertionError("no approval request came")


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    with (
        folder("approvals") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=POLICY, schema=SCHEMA) as stack,
    ):
        yield People(stack)


@contextlib.contextmanager
def agent(people: People) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(
        **people.stack.connection(people.stack.agent_token()), autocommit=True
    ) as connection:
        yield connection


@contextlib.contextmanager
def running(connection: psycopg.Connection[Any], sql: str, *parameters: Any) -> Iterator[list[Any]]:
    """Runs SQL beside the test; its outcome is in the list when the context ends."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(connection.execute(sql, parameters or None).rowcount)
        except psycopg.Error as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield outcome
    finally:
        thread.join(20)


def test_psql_waits_and_the_glass_can_be_broken(people: People) -> None:
    process = people.stack.psql(
        "-c", "update once set note = 'psql' where id = 1", password=people.stack.agent_token()
    )
    one = people.pending()
    assert people.refused("break-glass", one["id"], "--reason", " ").count("say why") == 1
    seen = people.narrows("show", one["id"])["digest"]
    broken = people.narrows("break-glass", one["id"], "--reason", "checkout is down", "--digest", seen[:8])
    assert broken["state"] == "broken-glass"
    told, notices = process.communicate(timeout=20)
    assert told.strip() == "UPDATE 1"
    assert f"waiting for approval {one['id']}" in notices
    assert [due["id"] for due in people.narrows("review")] == [one["id"]]
    assert "someone else has to review it" in people.refused("review", one["id"], "--reason", "fine")


def test_watching_tells_of_requests_and_what_became_of_them(people: People) -> None:
    watching = people.stack.start_narrows("approvals", "watch", "--json", token=people.stack.person_token())
    try:
        with agent(people) as connection, running(connection, "update once set note = 'w' where id = 8"):
            told = (json.loads(line) for line in watching.stdout)
            seen = next(one for one in told if one["preview"] is not None)
            people.narrows("deny", seen["id"], "--reason", "not now")
            denied = next(one for one in told if one["state"] != "requested")
    finally:
        watching.kill()
        watching.communicate()
    assert (seen["state"], seen["preview"]["rows"]) == ("requested", 1)
    assert (denied["id"], denied["state"]) == (seen["id"], "denied")


def test_one_yes_answers_the_same_statement_again_until_it_is_used_up(people: People) -> None:
    sql = "update statement set note = 'again' where id = 2"
    with agent(people) as connection:
        with running(connection, sql) as outcome:
            people.narrows("approve", people.pending()["id"])
        assert outcome == [1]
        assert connection.execute(sql).rowcount == 1
        with running(connection, sql) as outcome:
            people.narrows("deny", people.pending()["id"])
        assert "denied by" in str(outcome[0])


def test_a_shape_covers_other_values_until_it_is_revoked(people: People) -> None:
    sql = "update shape set note = %s where id = %s"
    with agent(people) as connection:
        with running(connection, sql, "one", 1) as outcome:
            one = people.pending()
            people.narrows("approve", one["id"])
        assert outcome == [1]
        assert connection.execute(sql, ("two", 2)).rowcount == 1
        with running(connection, "delete from shape where id = %s", 3) as outcome:
            people.narrows("deny", people.pending()["id"])
        assert outcome[0].sqlstate == "42501"
        grant = next(grant for grant in people.narrows("grants", "--live") if grant["approval"] == one["id"])
        assert grant["uses"] == 2
        people.narrows("revoke", grant["id"], "--reason", "enough")
        with running(connection, sql, "three", 3) as outcome:
            people.narrows("deny", people.pending()["id"])
        assert "denied by" in str(outcome[0])
    assert people.stack.database("select note from shape where id in (1, 2, 3) order by id").split() == [
        "one",
        "two",
        "first",
    ]


def test_two_sessions_with_the_same_statement_ask_once(people: People) -> None:
    sql = "update statement set note = 'both' where id = 5"
    held = threading.Semaphore(0)
    with agent(people) as first, agent(people) as second:
        for connection in (first, second):
            connection.add_notice_handler(lambda notice: held.release())
        with running(first, sql) as one, running(second, sql) as other:
            assert held.acquire(timeout=10)
            assert held.acquire(timeout=10)
            people.narrows("approve", people.pending()["id"])
    assert (one, other) == ([1], [1])


def test_a_returned_statement_passes_once_when_sent_again(people: People) -> None:
    sql = "update returned set note = 'sent again' where id = %s"
    with agent(people) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="which has been asked for"):
            connection.execute(sql, (4,))
        one = people.pending()
        people.narrows("approve", one["id"])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(sql, (5,))
        people.narrows("deny", people.pending()["id"], "--reason", "not five")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not five"):
            connection.execute(sql, (5,))
    with agent(people) as connection:
        assert connection.execute(sql, (4,)).rowcount == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(sql, (4,))
    people.narrows("deny", people.pending()["id"])


@pytest.mark.parametrize(
    ("sql", "parameters", "preview"),
    [
        ("update shape set note = 'x' where id between 11 and 12", (),
         {"relation": "public.shape", "rows": 2, "more": False,
          "sample": [{"id": "11", "note": "bulk"}, {"id": "12", "note": "bulk"}]}),
        ("update shape set note = %s where id = %s", ("y", 7),
         {"relation": "public.shape", "rows": 1, "more": False, "sample": [{"id": "7", "note": "first"}]}),
        ("delete from shape where id > 5", (), {"relation": "public.shape", "rows": 10_000, "more": True}),
        ("update hidden set shop = 2 where shop = 1", (),
         {"relation": "public.hidden", "rows": 1, "more": False,
          "sample": [{"code": "(masked)", "shop": "1"}]}),
    ],
)  # fmt: skip
def test_what_would_be_touched_is_counted_and_nothing_is_touched(
    people: People, sql: str, parameters: tuple[Any, ...], preview: dict[str, Any]
) -> None:
    with agent(people) as connection:
        with running(connection, sql, *parameters) as outcome:
            one = people.pending()
            people.narrows("deny", one["id"])
        assert "denied by" in str(outcome[0])
    assert one["preview"] | preview == one["preview"]
    assert "secret-1" not in json.dumps(one)


def test_what_cannot_be_counted_is_estimated(people: People) -> None:
    sql = "delete from shape where id in (select id from once)"
    with agent(people) as connection, running(connection, sql):
        one = people.pending()
        people.narrows("deny", one["id"])
    assert one["preview"]["estimate"] > 0
