"""What clients ask of the system catalogues of their own accord must need no rule."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import asyncpg.introspection
import pytest
import sqlalchemy

from narrows.model import Effect

from .conftest import BINARIES
from .questions import ask, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from narrows.policy.postgres.catalogue import Catalogue

HIDDEN_QUERY = re.compile(r"^/\*+ QUERY \*+/\n(.*?)^/\*+/$", re.DOTALL | re.MULTILINE)
OTHER_TABLE = rule("one", "allow", 'verbs = ["select"], tables = ["public.unrelated"]')


@pytest.mark.parametrize(
    "command",
    [
        "\\d",
        "\\d+ orders",
        "\\d+ cards",
        "\\d people",
        "\\dt *.*",
        "\\dv",
        "\\df",
        "\\dn",
        "\\l",
        "\\di+",
        "\\dT",
        "\\sv cards",
    ],
)
def test_psql(
    tmp_path: Path, database: psycopg.Connection[tuple[str, ...]], catalogue: Catalogue, command: str
) -> None:
    policy = write(tmp_path, OTHER_TABLE)
    login = f"--host={database.info.host} --username=owner --dbname=postgres"
    answer = subprocess.run(
        [BINARIES / "psql", "--no-psqlrc", "--echo-hidden", *login.split(), "--command", command],
        check=True,
        capture_output=True,
        text=True,
    )
    queries = HIDDEN_QUERY.findall(answer.stdout)
    assert queries, answer.stdout
    for query in queries:
        decision = ask(policy, query, catalogue=catalogue)
        assert decision.effect is Effect.ALLOW, f"{decision.reason}\n{query}"


def test_asyncpg(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(tmp_path, OTHER_TABLE)
    queries = [
        value for name, value in vars(asyncpg.introspection).items() if name.startswith(("INTRO", "TYPE_BY"))
    ]
    assert len(queries) >= 3
    for query in queries:
        decision = ask(policy, query, catalogue=catalogue)
        assert decision.effect is Effect.ALLOW, f"{decision.reason}\n{query}"


def test_sqlalchemy(
    tmp_path: Path, database: psycopg.Connection[tuple[str, ...]], catalogue: Catalogue
) -> None:
    policy = write(tmp_path, OTHER_TABLE)
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://owner@/postgres", connect_args={"host": database.info.host}
    )
    statements: list[str] = []
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda _c, _u, text, *_: statements.append(text))
    try:
        sqlalchemy.MetaData().reflect(engine, views=True)
    finally:
        engine.dispose()
    assert len(statements) > 5
    for statement in statements:
        text = re.sub(r"%\(\w+\)s", "$1", statement).replace("%%", "%")
        decision = ask(policy, text, catalogue=catalogue)
        assert decision.effect is Effect.ALLOW, f"{decision.reason}\n{text}"
