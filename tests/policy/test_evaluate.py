"""How rules become a decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from narrows.model import Effect, Target
from narrows.policy.postgres.catalogue import Catalogue, Relation
from narrows.policy.postgres.evaluate import may_open

from .questions import AGENT, STRANGER, TARGET, ask, rule, write

if TYPE_CHECKING:
    from pathlib import Path

READ_ORDERS = rule("read", "allow", 'verbs = ["select"], tables = ["public.orders"]')
TWO_SCHEMAS = Catalogue(
    relations={
        1: Relation(1, "public", "orders", "r", {1: "id"}),
        2: Relation(2, "archive", "orders", "r", {1: "id"}),
        3: Relation(3, "pg_catalog", "pg_class", "r", {1: "oid"}),
        4: Relation(4, "pg_catalog", "pg_authid", "r", {1: "oid"}),
    },
    user_functions={"lower": frozenset({"public"}), "refund": frozenset({"public"})},
)


def test_what_no_rule_allows_is_denied(tmp_path: Path) -> None:
    decision = ask(write(tmp_path, READ_ORDERS), "SELECT * FROM payments")
    assert decision.effect is Effect.DENY
    assert decision.rule == "default-deny"
    assert decision.reason == "no rule allows select on public.payments"
    assert decision.hint


def test_every_access_must_be_allowed(tmp_path: Path) -> None:
    policy = write(tmp_path, READ_ORDERS)
    assert ask(policy, "SELECT * FROM orders").effect is Effect.ALLOW
    assert ask(policy, "SELECT * FROM orders, payments").effect is Effect.DENY
    assert ask(policy, "SELECT * FROM orders; SELECT * FROM payments").effect is Effect.DENY
    assert ask(policy, "DELETE FROM orders WHERE id = 1").effect is Effect.DENY


def test_accesses_may_be_covered_by_different_rules(tmp_path: Path) -> None:
    policy = write(
        tmp_path, READ_ORDERS + rule("read-more", "allow", 'verbs = ["select"], tables = ["public.payments"]')
    )
    assert ask(policy, "SELECT * FROM orders, payments").effect is Effect.ALLOW


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a")])
def test_deny_beats_approval_beats_allow(tmp_path: Path, order: tuple[str, ...]) -> None:
    rules = {
        "a": rule("allowed", "allow", 'verbs = ["update", "insert", "select"], tables = ["public.*"]'),
        "b": rule("held", "require-approval", 'verbs = ["update", "insert"], tables = ["public.*"]'),
        "c": rule("denied", "deny", 'verbs = ["update"], tables = ["public.orders"]'),
    }
    policy = write(tmp_path, "".join(rules[name] for name in order))
    assert ask(policy, "SELECT * FROM orders").rule == "allowed"
    assert ask(policy, "INSERT INTO orders VALUES (1)").rule == "held"
    denied = ask(policy, "UPDATE orders SET a = 1 WHERE id = 1")
    assert (denied.effect, denied.rule) == (Effect.DENY, "denied")
    assert ask(policy, "SELECT 1; INSERT INTO orders VALUES (1); SELECT * FROM orders").rule == "held"


def test_a_denial_names_the_access_and_the_reason(tmp_path: Path) -> None:
    policy = write(
        tmp_path,
        rule("all", "allow", 'verbs = ["update"]')
        + rule(
            "whole", "deny", 'unbounded = ["update"]', more='reason = "no whole tables"\nhint = "add WHERE"'
        ),
    )
    decision = ask(policy, "UPDATE orders SET a = 1")
    assert decision.reason == "update on public.orders without WHERE: no whole tables"
    assert (decision.rule, decision.hint) == ("whole", "add WHERE")
    assert decision.policy_version == policy.version
    assert ask(policy, "UPDATE orders SET a = 1 WHERE id = 1").effect is Effect.ALLOW


def test_an_approval_carries_its_terms(tmp_path: Path) -> None:
    decision = ask(
        write(tmp_path, rule("held", "require-approval", 'verbs = ["insert"]')), "INSERT INTO t VALUES (1)"
    )
    assert decision.effect is Effect.REQUIRE_APPROVAL
    assert decision.approval is not None
    assert decision.approval.approver_groups == {"people"}
    assert (decision.verbs, decision.relations) == ({"insert"}, {"public.t"})


def test_approvals_on_different_terms_cannot_be_given_at_once(tmp_path: Path) -> None:
    other = rule("other", "require-approval", 'verbs = ["delete"]').replace('"people"', '"owners"')
    policy = write(tmp_path, rule("held", "require-approval", 'verbs = ["insert"]') + other)
    decision = ask(policy, "INSERT INTO t VALUES (1); DELETE FROM t WHERE a = 1")
    assert decision.effect is Effect.DENY
    assert "held and other" in decision.reason


def test_an_unqualified_name_is_every_relation_of_that_name(tmp_path: Path) -> None:
    policy = write(tmp_path, READ_ORDERS)
    decision = ask(policy, "SELECT * FROM orders", catalogue=TWO_SCHEMAS)
    assert decision.effect is Effect.DENY
    assert "archive.orders or public.orders" in decision.reason
    assert "schema" in decision.hint
    assert ask(policy, "SELECT * FROM public.orders", catalogue=TWO_SCHEMAS).effect is Effect.ALLOW
    assert ask(policy, "SELECT * FROM unheard_of", catalogue=TWO_SCHEMAS).effect is Effect.DENY


def test_a_denial_matches_any_relation_that_an_unqualified_name_may_be(tmp_path: Path) -> None:
    policy = write(
        tmp_path,
        rule("all", "allow", 'verbs = ["select"], tables = ["*.*"]')
        + rule("not-archive", "deny", 'verbs = ["select"], tables = ["archive.*"]'),
    )
    assert ask(policy, "SELECT * FROM orders", catalogue=TWO_SCHEMAS).rule == "not-archive"
    assert ask(policy, "SELECT * FROM public.orders", catalogue=TWO_SCHEMAS).rule == "all"
    assert ask(policy, "SELECT * FROM unheard_of", catalogue=TWO_SCHEMAS).rule == "not-archive"


def test_a_pattern_for_every_schema_leaves_out_system_schemas(tmp_path: Path) -> None:
    policy = write(tmp_path, rule("all", "allow", 'verbs = ["select"], tables = ["*.*"]'))
    for name in ("pg_authid", "pg_catalog.pg_authid", "pg_toast.pg_toast_1", "pg_temp.x"):
        assert ask(policy, f"SELECT * FROM {name}", catalogue=TWO_SCHEMAS).effect is Effect.DENY, name
    spelled = write(tmp_path, rule("it", "allow", 'verbs = ["select"], tables = ["pg_catalog.pg_authid"]'))
    assert ask(spelled, "SELECT * FROM pg_authid", catalogue=TWO_SCHEMAS).rule == "it"


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "BEGIN",
        "ROLLBACK TO a",
        "SET application_name = 'x'",
        "SET NAMES 'UTF8'",
        "SET client_encoding = 'utf-8'",
        "SET standard_conforming_strings = on",
        "SHOW ALL",
        "RESET ALL",
        "DISCARD ALL",
        "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL",
        "SELECT current_setting('jit') AS cur, set_config('jit', 'off', false) AS new",
        "SELECT n.nspname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a, "
        "pg_namespace n",
        "SELECT table_name FROM information_schema.tables",
        "SELECT 1, now(), lower('X'), gen_random_uuid()",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    ],
)
def test_what_needs_no_rule(tmp_path: Path, statement: str) -> None:
    policy = write(tmp_path, READ_ORDERS)
    decision = ask(policy, statement)
    assert (decision.effect, decision.rule) == (Effect.ALLOW, "built-in"), decision.reason
    assert ask(policy, statement, principal=STRANGER).rule == "default-deny"


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE x",
        "RESET SESSION AUTHORIZATION",
        "SET search_path = x",
        "SELECT set_config('search_path', 'x', false)",
        "SET client_encoding = 'SJIS'",
        "SET standard_conforming_strings = off",
        "SET session_replication_role = replica",
        "SET row_security = off",
        "SET backslash_quote = on",
        "UPDATE pg_settings SET setting = 'x' WHERE name = 'search_path'",
        "SELECT * FROM pg_stats",
        "SELECT query FROM pg_stat_activity",
        "SELECT rolpassword FROM pg_catalog.pg_authid",
        "SELECT * FROM pg_prepared_statements",
        "DELETE FROM pg_class WHERE oid = 1",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_terminate_backend(1)",
        "SELECT nextval('s')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SELECT public.lower('X')",
        "SELECT unheard_of()",
        "SELECT pg_notify('a', 'b')",
        "LISTEN a",
        "DO ''",
        "CALL p()",
        "COPY (SELECT 1) TO STDOUT",
        "PREPARE TRANSACTION 'x'",
        "SET TRANSACTION SNAPSHOT 'x'",
        "CREATE TEMP TABLE x (a int)",
        "LOCK TABLE orders",
        "VACUUM",
    ],
)
def test_what_needs_a_rule(tmp_path: Path, statement: str) -> None:
    decision = ask(write(tmp_path, READ_ORDERS), statement)
    assert (decision.effect, decision.rule) == (Effect.DENY, "default-deny")


def test_functions_and_settings_that_rules_name(tmp_path: Path) -> None:
    policy = write(
        tmp_path,
        rule(
            "some", "allow", 'functions = ["public.refund", "pg_catalog.nextval"], settings = ["search_path"]'
        ),
    )
    assert ask(policy, "SELECT refund(1), public.refund(2), nextval('s')").rule == "some"
    assert ask(policy, "SET search_path = x").rule == "some"
    assert ask(policy, "SET ROLE x").effect is Effect.DENY
    assert ask(policy, "SELECT other.refund(1)").effect is Effect.DENY


def test_a_user_function_with_a_harmless_name_is_the_users(tmp_path: Path) -> None:
    policy = write(tmp_path, READ_ORDERS)
    assert ask(policy, "SELECT lower('X')", catalogue=TWO_SCHEMAS).effect is Effect.DENY
    assert ask(policy, "SELECT pg_catalog.lower('X')", catalogue=TWO_SCHEMAS).effect is Effect.ALLOW


def test_a_denial_reaches_what_needs_no_rule(tmp_path: Path) -> None:
    policy = write(
        tmp_path,
        READ_ORDERS + rule("no", "deny", 'functions = ["pg_catalog.pg_sleep"], settings = ["timezone"]'),
    )
    assert ask(policy, "SELECT pg_sleep(1)").rule == "no"
    assert ask(policy, "SET TIME ZONE 'UTC'").rule == "no"
    assert ask(policy, "SELECT now()").rule == "built-in"


def test_execute_in_sql_is_denied_where_something_needs_approval(tmp_path: Path) -> None:
    policy = write(tmp_path, READ_ORDERS)
    assert ask(policy, "EXECUTE p").effect is Effect.ALLOW
    assert ask(policy, "EXECUTE p").exposure == "inherit"
    held = write(tmp_path, READ_ORDERS + rule("held", "require-approval", 'verbs = ["insert"]'))
    assert ask(held, "EXECUTE p").rule == "unseen-statement"
    assert ask(held, "EXPLAIN ANALYZE EXECUTE p").rule == "unseen-statement"


def test_a_rule_with_tables_allows_nothing_without_a_table(tmp_path: Path) -> None:
    policy = write(tmp_path, rule("make", "allow", 'verbs = ["create", "drop"], tables = ["public.*"]'))
    assert ask(policy, "CREATE TABLE public.x (a int)").effect is Effect.ALLOW
    assert ask(policy, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ''").effect is Effect.DENY
    assert ask(policy, "DROP SCHEMA public").effect is Effect.DENY


def test_a_denial_with_tables_still_reaches_what_has_none(tmp_path: Path) -> None:
    policy = write(
        tmp_path,
        rule("all", "allow", 'verbs = ["drop"]')
        + rule("no", "deny", 'verbs = ["drop"], tables = ["public.*"]'),
    )
    assert ask(policy, "DROP SCHEMA public CASCADE").rule == "no"


def test_who_may_open_a_session(tmp_path: Path) -> None:
    policy = write(tmp_path, READ_ORDERS)
    assert may_open(policy, AGENT, TARGET)
    assert not may_open(policy, STRANGER, TARGET)
    shut = write(
        tmp_path, READ_ORDERS + '[[rule]]\nid = "shut"\nlabels = { env = "test" }\neffect = "deny"\n'
    )
    assert not may_open(shut, AGENT, TARGET)
    assert may_open(shut, AGENT, Target("db", "postgres", {"env": "prod"}))
    only_denied = write(tmp_path, rule("no", "deny", 'verbs = ["drop"]'))
    assert not may_open(only_denied, AGENT, TARGET)


@pytest.mark.parametrize(
    ("change", "admitted"),
    [
        ({}, True),
        ({"issuer": "other"}, False),
        ({"groups": frozenset()}, False),
        ({"app": "other"}, False),
    ],
)
def test_any_and_all_must_both_hold(tmp_path: Path, change: dict[str, object], admitted: bool) -> None:
    policy = write(
        tmp_path,
        '[principals.both]\nissuer = "entra"\n'
        'any = [{ groups = "a" }, { roles = "r" }]\nall = [{ app = "x" }]\n'
        + READ_ORDERS.replace('"agents"', '"both"'),
    )
    principal = replace(AGENT, **({"groups": frozenset({"a"}), "app": "x"} | change))
    assert may_open(policy, principal, TARGET) is admitted


def test_what_is_not_understood_is_denied(tmp_path: Path) -> None:
    decision = ask(write(tmp_path, READ_ORDERS), "SELEC 1")
    assert (decision.effect, decision.rule) == (Effect.DENY, "not-understood")
    assert "syntax error" in decision.reason


def test_every_verb(tmp_path: Path) -> None:
    policy = write(tmp_path, rule("all", "allow", 'verbs = ["*"], functions = ["*.*"], settings = ["*"]'))
    for statement in ("DO ''", "CREATE TEMP TABLE t (a int)", "DROP SCHEMA s", "SELECT f()", "SET ROLE x"):
        assert ask(policy, statement).rule == "all", statement
    narrow = write(tmp_path, rule("all", "allow", 'verbs = ["*"], tables = ["public.*"]'))
    assert ask(narrow, "DROP TABLE public.t").rule == "all"
    assert ask(narrow, "DO ''").effect is Effect.DENY
