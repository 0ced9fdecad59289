"""Masks of JSON paths and detectors limited to columns, through a whole gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.stacks import OpenStack

CARD = "4111111111111111"
MAIL = "ada@canary.example"
POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select", "copy-to"], tables = ["public.*"] }

[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.events.body#$.card.number", "public.events.plain#$.card.number"]
transform = "last4"

[[mask]]
id = "passwords"
targets = ["orders-db"]
columns = ["public.events.body#$..password"]

[[mask]]
id = "mail-in-notes"
targets = ["orders-db"]
detectors = ["email"]
columns = ["public.events.*"]
except-columns = ["public.events.contact"]
"""
BODY = (
    f'{{"card": {{"number": "{CARD}", "brand": "visa"}}, "user": {{"password": "hunter2", "name": "Ada"}}, '
    f'"note": "to {MAIL}"}}'
)
SCHEMA = f"""
CREATE TABLE events (id int, body jsonb, plain json, contact text, note text);
INSERT INTO events VALUES (1, '{BODY}', '{{"card":{{"number":"{CARD}"}}}}', '{MAIL}', '{MAIL}'),
    (2, '{{"card": 5}}', '[]', NULL, NULL);
CREATE VIEW recent AS SELECT id, body AS document, contact, note FROM events;
"""
MASKED = {
    "card": {"number": "************1111", "brand": "visa"},
    "user": {"password": "[redacted]", "name": "Ada"},
    "note": "to [redacted:email]",
}


def fetched(gateway: OpenStack, sql: str, *, binary: bool = False) -> list[Any]:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        return connection.cursor(binary=binary).execute(sql).fetchall()


@pytest.mark.parametrize("binary", [False, True])
def test_what_a_path_names_is_masked_and_the_rest_is_seen(gateway: OpenStack, *, binary: bool) -> None:
    rows = fetched(gateway, "SELECT body, plain FROM events ORDER BY id", binary=binary)
    assert rows == [(MASKED, {"card": {"number": "************1111"}}), ({"card": 5}, [])]
    assert fetched(gateway, "SELECT document FROM recent WHERE id = 1", binary=binary) == [(MASKED,)]


@pytest.mark.parametrize(
    "expression",
    ["body->'card'", "body::text", "jsonb_path_query(body, '$.card.number')", "e", "jsonb_each_text(body)"],
)
def test_what_is_computed_from_the_document_shows_nothing(gateway: OpenStack, expression: str) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        try:
            rows = connection.execute(f"SELECT {expression} FROM events e").fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return
    assert CARD not in str(rows)
    assert "hunter2" not in str(rows)


def test_a_copy_is_masked_by_path_too(gateway: OpenStack) -> None:
    with (
        psycopg.connect(**gateway.proxied(), autocommit=True) as connection,
        connection.cursor().copy("COPY events (body) TO STDOUT") as copy,
    ):
        copied = b"".join(bytes(block) for block in copy).decode()
    assert CARD not in copied
    assert "************1111" in copied
    assert "[redacted:email]" in copied


def test_detectors_look_where_they_are_told_to(gateway: OpenStack) -> None:
    masked = "[redacted:email]"
    assert fetched(gateway, "SELECT contact, note FROM events WHERE id = 1") == [(MAIL, masked)]
    assert fetched(gateway, "SELECT upper(contact) FROM events WHERE id = 1") == [(masked,)]
