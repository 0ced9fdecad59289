"""The same client script, direct and through Narrows: everything that the agent can observe is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.differential import other_scripts
from tests.differential.psycopg_scripts import SCRIPTS

if TYPE_CHECKING:
    from tests.stacks import OpenStack


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_psycopg(name: str, open_stack: OpenStack) -> None:
    with psycopg.connect(**open_stack.direct(), autocommit=True) as connection:
        direct = SCRIPTS[name](connection)
    with psycopg.connect(**open_stack.proxied(), autocommit=True) as connection:
        proxied = SCRIPTS[name](connection)
    assert proxied == direct


def test_psql(open_stack: OpenStack) -> None:
    direct = other_scripts.run_psql(open_stack.psql, open_stack.environment(open_stack.direct()))
    proxied = other_scripts.run_psql(open_stack.psql, open_stack.environment(open_stack.proxied()))
    assert proxied.splitlines() == direct.splitlines()
    assert "done" in direct


def test_asyncpg(open_stack: OpenStack) -> None:
    direct = other_scripts.run_asyncpg(open_stack.asyncpg(open_stack.direct()))
    proxied = other_scripts.run_asyncpg(open_stack.asyncpg(open_stack.proxied()))
    assert proxied == direct


def test_pg8000(open_stack: OpenStack) -> None:
    direct = other_scripts.run_pg8000(open_stack.pg8000(open_stack.direct()))
    proxied = other_scripts.run_pg8000(open_stack.pg8000(open_stack.proxied()))
    assert proxied == direct
