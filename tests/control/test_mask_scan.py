"""`narrows mask scan` of a real database: what it proposes, what it skips, and that it prints no value."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from narrows.cli import main
from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import DATABASE_USER, Stack
from narrows.policy.language import load
from tests.conftest import folder
from tests.stacks import OPEN_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "Zanthe"
POLICY = (
    OPEN_POLICY
    + '[[mask]]\nid = "known"\ntargets = ["orders-db"]\nexcept = ["agents"]\n'
    + 'columns = ["public.customers.ssn"]\n'
)
SCHEMA = f"""
CREATE TABLE customers (id int, contact text, ssn text, card_number bigint, note text, email_verified bool,
    password_hash bytea, profile jsonb);
INSERT INTO customers SELECT n, '{CANARY}' || n || '@example.com', '123-45-6789', 4111111111111111,
    CASE WHEN n % 10 = 0 THEN '{CANARY} lives at 203.0.113.' || n ELSE 'nothing' END, true, '{CANARY}',
    jsonb_build_object('mail', '{CANARY}@example.com') FROM generate_series(1, 50) AS n;
CREATE VIEW contacts AS SELECT contact FROM customers;
CREATE TABLE events (id int, caller text) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
INSERT INTO events SELECT n, '{CANARY}@example.com' FROM generate_series(1, 30) AS n;
CREATE TABLE many (id int, body text, filler text);
INSERT INTO many SELECT n, '{CANARY}' || n || '@example.com', repeat('x', 300)
    FROM generate_series(1, 70000) AS n;
ANALYZE many;
CREATE TABLE "odd name" (email text);
INSERT INTO "odd name" VALUES ('{CANARY}@example.com');
CREATE TABLE empty (first_name text);
CREATE TYPE mood AS ENUM ('good');
CREATE TABLE plain (id int, label text, m mood);
INSERT INTO plain VALUES (1, 'tea', 'good');
CREATE TABLE broken (id int, payload text);
INSERT INTO broken VALUES (1, 'x');
"""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with (
        folder("scan") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=POLICY, schema=SCHEMA) as made,
    ):
        made.postgres.run("CREATE TABLE secrets (email text)", database="orders")
        yield made


@pytest.fixture
def scan(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("ORDERS_DB_PASSWORD", stack.database_password)

    def run(*options: str) -> str:
        assert main(["mask", "scan", "--target", "orders-db", "--config", str(stack.config), *options]) == 0
        told = capsys.readouterr()
        assert CANARY not in told.out + told.err
        assert "4111111111111111" not in told.out
        return told.out

    return run


def test_columns_are_proposed_from_names_and_values(scan: Any) -> None:
    document = json.loads(scan("--json"))
    columns = {
        column["column"]: (column["kind"], column["found"], column["values"], column["confidence"])
        for mask in document["masks"]
        for column in mask.get("columns", ())
    }
    sampled = columns.pop("public.many.body")
    assert sampled[0] == "email"
    assert sampled[1] == sampled[2] > 100
    assert columns == {
        "public.customers.contact": ("email", 50, 50, "high"),
        "public.customers.card_number": ("card-number", 50, 50, "high"),
        "public.customers.password_hash": ("secret", 0, 0, "medium"),
        "public.events.caller": ("email", 30, 30, "high"),
        "public.empty.first_name": ("person", 0, 0, "medium"),
    }
    (found,) = (mask["detectors"] for mask in document["masks"] if "detectors" in mask)
    assert found == {
        "email": [{"column": "public.customers.profile", "found": 50, "values": 50}],
        "ipv4": [{"column": "public.customers.note", "found": 5, "values": 50}],
    }


def test_what_is_left_out_is_told(scan: Any) -> None:
    skipped = {one["name"]: one["reason"] for one in json.loads(scan("--json"))["skipped"]}
    assert skipped["public.contacts"].startswith("a view")
    assert skipped["public.events_1"].startswith("a partition")
    assert skipped["public.secrets"] == "the gateway's credential may not read it"
    assert skipped["public.customers.ssn"] == "mask `known` hides it already"
    assert "policy cannot write its name" in skipped["public.odd name.email"]
    assert skipped["public.customers.password_hash"].startswith("its type holds nothing")
    assert not {"public.plain", "public.plain.m", "public.customers"} & skipped.keys()


def test_policy_takes_the_output_as_it_is(
    scan: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = scan()
    (tmp_path / "proposed.toml").write_text(output)
    assert main(["policy", "check", str(tmp_path)]) == 0
    assert len(load(tmp_path).masks) == len(tomllib.loads(output)["mask"]) == 5
    assert "in 5 of 50 values" in output
    assert "# Not proposed: a view" in output
    assert "#     public.contacts\n" in output


def test_rows_are_bounded(scan: Any) -> None:
    document = json.loads(scan("--json", "--rows", "7"))
    assert max(column["values"] for mask in document["masks"] for column in mask.get("columns", ())) == 7


def test_nothing_is_written_and_a_table_that_cannot_be_read_is_told(stack: Stack, scan: Any) -> None:
    """A policy for rows runs code of the table's owner, in a transaction that can write nothing."""
    stack.postgres.run(
        f"""SET ROLE {DATABASE_USER};
        CREATE TABLE log (id int);
        CREATE FUNCTION writes(int) RETURNS bool LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO public.log VALUES (1); RAISE EXCEPTION '{CANARY}'; END $$;
        ALTER TABLE broken ENABLE ROW LEVEL SECURITY;
        ALTER TABLE broken FORCE ROW LEVEL SECURITY;
        CREATE POLICY p ON broken USING (writes(id));""",
        database="orders",
    )
    skipped = {one["name"]: one["reason"] for one in json.loads(scan("--json"))["skipped"]}
    assert skipped["public.broken"].startswith("it could not be read (SQLSTATE 25006)")


@pytest.mark.parametrize(("option", "value"), [("--rows", "0"), ("--seconds", "99999"), ("--rows", "x")])
def test_bounds_of_the_options(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mask", "scan", "--target", "x", option, value]) == 2
    assert option in capsys.readouterr().err


def test_without_the_credential_it_says_where_to_run(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ORDERS_DB_PASSWORD", raising=False)
    assert main(["mask", "scan", "--target", "orders-db", "--config", str(stack.config)]) == 1
    told = capsys.readouterr().err
    assert "ORDERS_DB_PASSWORD is not set" in told
    assert "with the same environment" in told
