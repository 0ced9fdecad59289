"""Ordinary statements come out as they are but for the columns that are masked: an over-masker fails here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.masking.corpus import Case, cases
from tests.masking.stack import HERE_TARGET
from tests.masking.ways import COPIED_IN
from tests.masking.world import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.masking.stack import MaskingStack

ORDINARY = cases("ordinary")
Connection = psycopg.Connection[tuple[object, ...]]
Rows = tuple[list[str], list[tuple[str | None, ...]]]


@pytest.fixture(scope="module")
def shared(stack: MaskingStack) -> Iterator[Connection]:
    with stack.driver(HERE_TARGET) as connection:
        yield connection


@pytest.fixture
def agent(stack: MaskingStack, shared: Connection, case: Case) -> Iterator[Connection]:
    """The shared connection; one of its own where SQL gives names, which are remembered as masked or not."""
    if case.sql[0].startswith(("PREPARE", "DECLARE")):
        with stack.driver(HERE_TARGET) as connection:
            yield connection
    else:
        yield shared


@pytest.fixture(scope="module")
def direct(stack: MaskingStack) -> Iterator[Connection]:
    with stack.direct() as connection:
        yield connection


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len(ORDINARY) >= 150
    assert len({case.name for case in ORDINARY}) == len(ORDINARY)


@pytest.mark.parametrize("case", ORDINARY, ids=lambda case: case.name)
def test_comes_out_masked_and_no_more(agent: Connection, direct: Connection, case: Case) -> None:
    told, expected = run(agent, case), run(direct, case)
    assert not found_in(repr(told).encode())
    assert told[0] == expected[0]
    assert len(told[1]) == len(expected[1])
    for row, real in zip(told[1], expected[1], strict=True):
        for name, value, actual in zip(expected[0], row, real, strict=True):
            if name in case.masked:
                assert value != actual or actual is None, f"{name} is not masked"
            else:
                assert value == actual, f"{name} is not as it is"


def run(connection: Connection, case: Case) -> Rows:
    """Runs a case in a transaction that is rolled back; columns and rows of its last statement, as text."""
    rows: Rows = ([], [])
    connection.execute("BEGIN")
    try:
        for sql in case.sql:
            rows = _rows(connection, sql)
    finally:
        connection.execute("ROLLBACK")
        connection.execute("DEALLOCATE ALL")
    return rows


def _rows(connection: Connection, sql: str) -> Rows:
    with connection.cursor() as cursor:
        if "STDIN" in sql:
            with cursor.copy(sql.encode()) as copy:
                copy.write(COPIED_IN)
            return [], []
        if sql.startswith("COPY"):
            with cursor.copy(sql.encode()) as copy:
                lines = b"".join(bytes(block) for block in copy).decode().split("\n")
            return ["line"], [(line,) for line in lines]
        cursor.execute(sql.encode())
        result = cursor.pgresult
        if result is None or cursor.description is None:
            return [], []
        names = [column.name for column in cursor.description]
        texts = [
            tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
            for row in range(result.ntuples)
        ]
        return names, texts


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
