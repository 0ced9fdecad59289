"""The list of harmless functions against the server it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import narrows.policy.postgres
from narrows.policy.patterns import words
from narrows.policy.postgres.functions import GUARDED, HARMLESS

if TYPE_CHECKING:
    import psycopg

FOLDER = Path(narrows.policy.postgres.__file__).parent


def test_the_list_is_what_the_query_answers(database: psycopg.Connection[tuple[str, ...]]) -> None:
    rows = database.execute((FOLDER / "functions.sql").read_bytes()).fetchall()
    assert "".join(f"{row[0]}\n" for row in rows) == (FOLDER / "functions.txt").read_text()


@pytest.mark.parametrize(
    "name", ["count", "lower", "now", "to_char", "json_agg", "random", "pg_sleep", "format_type"]
)
def test_harmless(name: str) -> None:
    assert name in HARMLESS


@pytest.mark.parametrize(
    "name",
    sorted(
        words(
            """
        pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file lo_import lo_export lo_get lo_from_bytea
        loread lowrite query_to_xml table_to_xml database_to_xml schema_to_xml cursor_to_xml
        query_to_xml_and_xmlschema ts_stat ts_rewrite set_config pg_terminate_backend pg_cancel_backend
        pg_notify pg_logical_emit_message pg_logical_slot_get_changes pg_create_logical_replication_slot
        pg_export_snapshot pg_stat_get_activity pg_stat_get_backend_activity pg_hba_file_rules
        pg_reload_conf nextval setval pg_advisory_lock pg_cursor pg_prepared_statement
        pg_show_all_settings pg_lock_status pg_input_error_info
        """
        )
    ),
)
def test_guarded(name: str) -> None:
    assert name in GUARDED
    assert name not in HARMLESS
