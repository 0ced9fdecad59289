"""What a statement does, read off its text."""

from __future__ import annotations

import pytest

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.sql import statement_facts


def accesses(text: str) -> set[str]:
    """Every access of a text in words, harmless functions included."""
    return {access.sentence() for facts in statement_facts(text) for access in facts.accesses}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        (";;", set()),
        ("-- nothing\n/* at /* all */ */", set()),
        ("SELECT 1", set()),
        ("VALUES (1)", set()),
        ("SELECT a FROM t", {"select on t"}),
        ('SELECT a FROM "T"', {"select on T"}),
        ('SELECT a FROM U&"\\0074"', {"select on t"}),
        ("TABLE s.t", {"select on s.t"}),
        (
            "SELECT * FROM a, b JOIN c ON true, LATERAL (SELECT * FROM d) x",
            {f"select on {n}" for n in "abcd"},
        ),
        ("SELECT (SELECT max(x) FROM t)", {"select on t", "call of function max"}),
        ("SELECT 1 WHERE EXISTS (SELECT FROM t)", {"select on t"}),
        (
            "SELECT a FROM t UNION SELECT b FROM u EXCEPT TABLE v",
            {"select on t", "select on u", "select on v"},
        ),
        (
            "SELECT a FROM t ORDER BY (SELECT x FROM u) LIMIT (SELECT 1 FROM v)",
            {f"select on {n}" for n in "tuv"},
        ),
        (
            "SELECT count(*) OVER (PARTITION BY f(a)) FROM t",
            {"select on t", "call of function count", "call of function f"},
        ),
        (
            "SELECT sum(a) FILTER (WHERE g(b)) FROM t",
            {"select on t", "call of function sum", "call of function g"},
        ),
        ("SELECT a OPERATOR(evil.+) b FROM t", {"select on t", "call of function evil.+"}),
        ("SELECT a OPERATOR(pg_catalog.+) b FROM t", {"select on t"}),
        ("SELECT 1 OPERATOR(evil.=) ANY (SELECT a FROM t)", {"select on t", "call of function evil.="}),
        ("SELECT a FROM t ORDER BY a USING OPERATOR(evil.<)", {"select on t", "call of function evil.<"}),
        ("SELECT * FROM f(1) WITH ORDINALITY", {"call of function f"}),
        ("SELECT * FROM ROWS FROM (f(1), s.g(2)) x", {"call of function f", "call of function s.g"}),
        ("SELECT * FROM t TABLESAMPLE system (10)", {"select on t"}),
        ("SELECT * FROM json_table('[]', '$[*]' COLUMNS (a int PATH '$')) j", set()),
        ("SELECT * FROM xmltable('/a' PASSING (SELECT x FROM t) COLUMNS b text)", {"select on t"}),
        ("SELECT a FROM t FOR UPDATE", {"select on t", "lock on t"}),
        ("SELECT a FROM (SELECT * FROM t FOR SHARE) x", {"select on t", "lock on t"}),
        ("INSERT INTO t VALUES (1)", {"insert on t"}),
        ("INSERT INTO t SELECT * FROM u", {"insert on t", "select on u"}),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1", {"insert on t", "update on t"}),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", {"insert on t"}),
        ("UPDATE t SET a = (SELECT b FROM u) WHERE c = 1", {"update on t", "select on u"}),
        ("UPDATE t SET a = 1 FROM u WHERE t.x = u.x", {"update on t", "select on u"}),
        ("DELETE FROM t USING u WHERE t.x = u.x", {"delete on t", "select on u"}),
        ("DELETE FROM t WHERE CURRENT OF c", {"delete on t"}),
        (
            "MERGE INTO t USING u ON t.x = u.x WHEN MATCHED AND t.y THEN DELETE "
            "WHEN NOT MATCHED BY SOURCE AND t.z THEN UPDATE SET y = 1 "
            "WHEN NOT MATCHED THEN INSERT VALUES (1)",
            {"select on u", "delete on t", "update on t", "insert on t"},
        ),
        (
            "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
            {"select on u", "delete on t without WHERE"},
        ),
        (
            "MERGE INTO t USING u ON true WHEN MATCHED AND t.y = 1 THEN DELETE",
            {"select on u", "delete on t"},
        ),
        (
            "MERGE INTO t USING u ON t.x = u.x WHEN NOT MATCHED BY SOURCE THEN DELETE",
            {"select on u", "delete on t without WHERE"},
        ),
        (
            "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
            {"delete on t without WHERE", "select on t by RETURNING"},
        ),
        ("UPDATE t SET a = 1 WHERE b = 2 RETURNING old.a", {"update on t", "select on t by RETURNING"}),
        (
            "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1 RETURNING *",
            {"insert on t", "update on t", "select on t by RETURNING"},
        ),
        ("INSERT INTO t VALUES (1) RETURNING id", {"insert on t"}),
        (
            "MERGE INTO t USING u ON t.x = u.x WHEN MATCHED THEN DELETE RETURNING *",
            {"select on u", "delete on t", "select on t by RETURNING"},
        ),
        ("SELECT (WITH a AS (SELECT * FROM t) SELECT 1 FROM a)", {"select on t"}),
        ("EXPLAIN SELECT * FROM t", {"select on t"}),
        ("EXPLAIN (ANALYZE) DELETE FROM t", {"delete on t without WHERE"}),
        ("PREPARE p AS UPDATE t SET a = 1", {"update on t without WHERE"}),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT * FROM t", {"select on t"}),
        ("EXECUTE p(f(1))", {"call of function f"}),
        ("FETCH ALL FROM c", set()),
        ("COPY t TO STDOUT", {"select on t", "copy-to on t"}),
        ("COPY t (a) FROM STDIN WHERE f(a)", {"insert on t", "copy-from on t", "call of function f"}),
        ("COPY (SELECT * FROM t) TO STDOUT", {"select on t", "copy-to on t"}),
        (
            "COPY (DELETE FROM t RETURNING *) TO STDOUT",
            {"delete on t without WHERE", "select on t by RETURNING", "copy-to on t"},
        ),
        ("COPY (SELECT 1) TO STDOUT", {"copy-to"}),
        ("COPY t TO '/tmp/x'", {"select on t", "copy-to on t", "copy-file"}),
        ("COPY t FROM PROGRAM 'id'", {"insert on t", "copy-from on t", "copy-program"}),
        ("CREATE TABLE t AS SELECT * FROM u", {"create on t", "select on u"}),
        ("CREATE TABLE t AS EXECUTE p", {"create on t"}),
        ("SELECT * INTO t FROM u", {"create on t", "select on u"}),
        ("CREATE TEMP TABLE t (a int)", {"create on pg_temp.t"}),
        ("SELECT 1 AS a INTO TEMP t", {"create on pg_temp.t"}),
        (
            "CREATE TABLE t (a int DEFAULT f() REFERENCES u, LIKE v) INHERITS (w)",
            {"create on t", "call of function f", "select on u", "select on v", "select on w"},
        ),
        ("CREATE VIEW v AS SELECT * FROM t", {"create on v", "select on t"}),
        ("CREATE MATERIALIZED VIEW v AS SELECT * FROM t", {"create on v", "select on t"}),
        (
            "CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM u",
            {"alter on t", "delete on u without WHERE"},
        ),
        ("CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", {"alter on t"}),
        ("CREATE INDEX ON t (f(a))", {"alter on t", "call of function f"}),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM t'", {"create"}),
        ("CREATE FUNCTION f() RETURNS int RETURN (SELECT 1 FROM t)", {"create"}),
        ("CREATE SCHEMA s CREATE TABLE t (a int)", {"create", "create on t"}),
        ("CREATE EXTENSION dblink", {"administer"}),
        (
            "ALTER TABLE t ADD COLUMN a text DEFAULT pg_read_file('x')",
            {"alter on t", "call of function pg_read_file"},
        ),
        ("ALTER TABLE t ATTACH PARTITION u FOR VALUES IN (1)", {"alter on t", "select on u"}),
        ("ALTER TABLE t RENAME TO u", {"alter on t"}),
        ("ALTER TABLE t OWNER TO x", {"alter on t"}),
        ("ALTER ROLE x SUPERUSER", {"administer"}),
        ("ALTER SYSTEM SET x = 1", {"administer"}),
        ("DROP TABLE a, s.b CASCADE", {"drop on a", "drop on s.b"}),
        ("DROP VIEW s.v", {"drop on s.v"}),
        ("DROP FUNCTION f(int)", {"drop"}),
        ("DROP TRIGGER g ON s.t", {"drop on s.t"}),
        ("DROP SCHEMA s CASCADE", {"drop"}),
        ("DROP DATABASE d", {"drop"}),
        ("TRUNCATE a, s.b", {"truncate on a", "truncate on s.b"}),
        ("LOCK TABLE t IN SHARE MODE", {"lock on t"}),
        ("GRANT SELECT ON t TO PUBLIC", {"grant on t"}),
        ("REVOKE ALL ON ALL TABLES IN SCHEMA s FROM x", {"grant"}),
        ("GRANT a TO b", {"grant"}),
        ("VACUUM t", {"maintain on t"}),
        ("ANALYZE", {"maintain"}),
        ("REFRESH MATERIALIZED VIEW v", {"maintain on v"}),
        ("COMMENT ON TABLE t IS 'x'", {"alter"}),
        ("DO $$ BEGIN DELETE FROM t; END $$", {"do"}),
        ("CALL p(f(1))", {"call", "call of function p", "call of function f"}),
        ("LISTEN x", {"listen"}),
        ("NOTIFY x, 'y'", {"notify"}),
        ("UNLISTEN *; CLOSE ALL; DEALLOCATE ALL; DISCARD ALL; RESET ALL; SHOW search_path", set()),
        ("BEGIN; SAVEPOINT a; ROLLBACK TO a; RELEASE a; COMMIT AND CHAIN; ABORT", set()),
        ("SET CONSTRAINTS ALL DEFERRED", set()),
        ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", set()),
        ("SET TRANSACTION SNAPSHOT 'x'", {"setting transaction_snapshot"}),
        ("PREPARE TRANSACTION 'x'", {"prepare-transaction"}),
        ("COMMIT PREPARED 'x'", {"prepare-transaction"}),
        ("SET LOCAL search_path TO a, b", {"setting search_path"}),
        ("SET ROLE x", {"setting role"}),
        ("SET SESSION AUTHORIZATION x", {"setting session_authorization"}),
        ("RESET ROLE", {"setting role"}),
        ("SET TIME ZONE 'UTC'", {"setting timezone"}),
        ("SET NAMES 'SJIS'", {"setting client_encoding"}),
        ("SELECT set_config('Search_Path', 'x', false)", {"setting search_path"}),
        ("SELECT pg_catalog.set_config('jit', $1, false)", {"setting jit"}),
        (
            "SELECT set_config('application_name', ssn, false) FROM t",
            {"select on t", "call of function set_config"},
        ),
        ("SELECT set_config(a, 'x', false) FROM t", {"select on t", "call of function set_config"}),
        ("SELECT other.set_config('jit', 'x', false)", {"call of function other.set_config"}),
        ("SELECT 1; DELETE FROM t; SELECT 2", {"delete on t without WHERE"}),
    ],
)
def test_accesses(text: str, expected: set[str]) -> None:
    assert accesses(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WITH t AS (SELECT 1) SELECT * FROM t", set()),
        ("WITH t AS (SELECT 1) SELECT * FROM s.t", {"select on s.t"}),
        # Without RECURSIVE the inner t is the table.
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", {"select on t"}),
        ("WITH RECURSIVE t AS (SELECT 1 UNION SELECT * FROM t) SELECT * FROM t", set()),
        # A later name is not visible to an earlier query.
        ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", {"select on b"}),
        ("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b", set()),
        # The scope ends with the subquery.
        ("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) x, t", {"select on t"}),
        ("SELECT * FROM t, (WITH t AS (SELECT 1) SELECT * FROM t) x", {"select on t"}),
        # An outer name is visible inside.
        ("WITH t AS (SELECT 1) SELECT (SELECT * FROM t)", set()),
        ("WITH t AS (SELECT 1) SELECT * FROM u UNION SELECT * FROM t", {"select on u"}),
        # What is written to is never a WITH query.
        ("WITH t AS (SELECT 1 AS a) INSERT INTO t SELECT * FROM t", {"insert on t"}),
        ("WITH t AS (SELECT 1 AS a) DELETE FROM t WHERE a IN (SELECT a FROM t)", {"delete on t"}),
        ("WITH t AS (SELECT 1) UPDATE u SET a = 1 FROM t WHERE u.b = t.a", {"update on u"}),
    ],
)
def test_with_names_are_relations_only_where_they_mean_one(text: str, expected: set[str]) -> None:
    assert accesses(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM t", set()),
        ("SET statement_timeout = '5s'", set()),
        ("SET search_path = x", {"settings"}),
        ("SELECT set_config('search_path', 'x', false)", {"settings"}),
        ("DISCARD ALL", {"settings"}),
        ("RESET ALL", {"settings"}),
        ("PREPARE p AS SELECT 1", {"names"}),
        ("DECLARE c CURSOR FOR SELECT 1", {"names"}),
        ("COPY t FROM STDIN", {"copy-in"}),
        ("COPY t TO STDOUT", {"copy-out"}),
        ("COPY t TO '/tmp/x'", set()),
        ("CREATE TABLE t (a int)", {"catalogue"}),
        ("SELECT 1 AS a INTO t", {"catalogue"}),
        ("ALTER TABLE t DROP COLUMN a", {"catalogue"}),
        ("DROP VIEW v", {"catalogue"}),
        ("DO ''", {"settings", "catalogue", "names"}),
        ("CALL p()", {"settings", "catalogue", "names"}),
    ],
)
def test_effects(text: str, expected: set[str]) -> None:
    (facts,) = statement_facts(text)
    assert facts.effects == expected


@pytest.mark.parametrize(
    ("text", "inherits", "runs_prepared"),
    [
        ("FETCH c", True, False),
        ("MOVE c", True, False),
        ("EXECUTE p", True, True),
        ("EXPLAIN ANALYZE EXECUTE p", True, True),
        ("CREATE TABLE t AS EXECUTE p", True, True),
        ("SELECT 1", False, False),
    ],
)
def test_what_earlier_statements_decided(text: str, inherits: bool, runs_prepared: bool) -> None:
    (facts,) = statement_facts(text)
    assert (facts.inherits, facts.runs_prepared) == (inherits, runs_prepared)


@pytest.mark.parametrize(
    ("text", "gives", "reads"),
    [
        ("PREPARE P AS SELECT 1", [("statements", "p")], []),
        ('DECLARE "C c" CURSOR FOR SELECT 1', [("portals", "C c")], []),
        (f"DECLARE {'n' * 70} CURSOR FOR SELECT 1", [("portals", "n" * 63)], []),
        ("FETCH 3 FROM C", [], [("portals", "c")]),
        ("MOVE c", [], [("portals", "c")]),
        ("EXECUTE p(1)", [], [("statements", "p")]),
        ("EXPLAIN EXECUTE p", [], [("statements", "p")]),
        ("SELECT 1", [], []),
    ],
)
def test_names_that_sql_gives_and_reads(
    text: str, gives: list[tuple[str, str]], reads: list[tuple[str, str]]
) -> None:
    (facts,) = statement_facts(text)
    assert (list(facts.gives), list(facts.reads)) == (gives, reads)


@pytest.mark.parametrize(
    "text",
    [
        "SELEC 1",
        "SELECT 'open",
        "SELECT 1\0; DROP TABLE t",
        "SELECT '\ud800'",
        "SELECT (" * 3_000 + "1" + ")" * 3_000,
        "SELECT " + "1+" * 20_000 + "1",
        "SELECT 1;" * 30_000,
        "narrows_deny_7f3a",
    ],
    ids=["syntax", "open-string", "nul", "surrogate", "subqueries", "operators", "many", "poison"],
)
def test_what_cannot_be_read_is_not_understood(text: str) -> None:
    with pytest.raises(SqlNotUnderstood):
        statement_facts(text)


def test_an_unknown_node_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = '{"version":190000,"stmts":[{"stmt":{"GraphStmt":{"graph":"everything"}}}]}'
    monkeypatch.setattr("narrows.policy.postgres.sql.parse_sql_json", lambda text: tree)
    with pytest.raises(SqlNotUnderstood, match="GraphStmt"):
        statement_facts("SELECT 1")


def test_an_unknown_part_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = '{"version":190000,"stmts":[{"stmt":{"SelectStmt":{"graphClause":{"relname":"t"}}}}]}'
    monkeypatch.setattr("narrows.policy.postgres.sql.parse_sql_json", lambda text: tree)
    with pytest.raises(SqlNotUnderstood, match="graphClause"):
        statement_facts("SELECT 1")
