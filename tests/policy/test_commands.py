"""`narrows policy check | test | explain` and the explanation that the last prints."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from narrows.cli.policy import add_parser

from .questions import AGENTS, rule

SUPPORT_DESK = Path(__file__).parents[2] / "policies" / "support-desk"
QUESTION = ["--policies", SUPPORT_DESK, "--target", "orders-db", "--as", "groups=sg-support", "--assume"]


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    arguments = parser.parse_args(["policy", *map(str, words)])
    code: int = arguments.run(arguments)
    return code


def test_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", SUPPORT_DESK) == 0
    assert "7 rules, 2 masks" in capsys.readouterr().out


def test_check_reports_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.toml").write_text(AGENTS + rule("a", "allow", "verbs = ['selct']"))
    assert run("check", tmp_path) == 1
    assert f"{tmp_path / 'p.toml'}:11: unknown verb `selct`" in capsys.readouterr().err
    assert run("check", tmp_path, "--json") == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["line"] == 11


MASK = '[[mask]]\nid = "m"\ntargets = ["{}"]\ncolumns = ["public.t.a"]\nexcept = {}\n'


@pytest.mark.parametrize(
    ("effect", "functions", "target", "exempt", "warned"),
    [
        ("allow", ["public.f", "pg_catalog.nextval"], "db", [], True),
        ("allow", ["public.f"], "*", [], True),
        ("allow", ["pg_catalog.nextval"], "db", [], False),
        ("allow", ["public.f"], "other-db", [], False),
        ("allow", ["public.f"], "db", ["agents"], False),
        ("deny", ["public.f"], "db", [], False),
    ],
)
def test_check_warns_of_functions_that_are_trusted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    effect: str,
    functions: list[str],
    target: str,
    exempt: list[str],
    warned: bool,
) -> None:
    allowed = rule("a", effect, f"verbs = ['select'], functions = {functions}")
    allowed = allowed.replace('targets = ["*"]', 'targets = ["db"]')
    (tmp_path / "p.toml").write_text(AGENTS + allowed + MASK.format(target, exempt))
    assert run("check", tmp_path) == 0
    told = "rule `a` trusts public.f where mask `m` applies"
    assert (told in capsys.readouterr().err) == warned
    assert run("check", tmp_path, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == warned


def test_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("test", SUPPORT_DESK) == 0
    (tmp_path / "p.toml").write_text(
        AGENTS
        + rule("a", "allow", "verbs = ['select']")
        + "[[expect]]\nprincipal = { groups = 'agents' }\ntarget = 'db'\n"
        + "statement = 'SELECT 1 FROM t'\neffect = 'deny'\n"
    )
    assert run("test", tmp_path) == 1
    assert "expected deny, got allow by a" in capsys.readouterr().err


def test_the_configuration_names_the_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "narrows.toml"
    config.write_text(
        f'[gateway]\npolicies = "{SUPPORT_DESK}"\n[listen]\nconsole = "127.0.0.1:0"\n'
        '[[issuer]]\nname = "idp"\nkind = "oidc"\nissuer = "https://idp.test"\naudiences = ["narrows"]\n'
    )
    assert run("check", "--config", config) == 0
    with pytest.raises(SystemExit) as raised:
        run("check", "--config", tmp_path / "missing.toml")
    assert raised.value.code == 1
    assert "cannot be read" in capsys.readouterr().err


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    question = QUESTION
    assert run("explain", *question, "SELECT card_number FROM customers; UPDATE orders SET total = 0") == 0
    text = capsys.readouterr().out
    assert "deny by never-destroy: update on public.orders without WHERE" in text
    assert "select on public.customers: allow by read-orders" in text
    assert "require-approval by refunds-need-a-person" in text
    assert "masked: public.customers.card_number (last4)" in text
    assert "orders.toml:" in text


def test_explain_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    question = [*QUESTION, "--json"]
    assert run("explain", *question, "SELECT card_number FROM customers") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["effect"], document["rule"], document["exposure"]) == ("allow", "read-orders", "tainted")
    assert document["masked"]["public.customers.card_number"] == "last4"
    (access,) = document["accesses"]
    assert access["names"] == ["public.customers"]
    assert [match["rule"] for match in access["matched"]] == ["read-orders"]


def test_explain_says_where_each_column_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    question = QUESTION
    text = (
        "SELECT c.id, card_number AS card, ssn || name AS both, count(*) OVER (), to_json(c) AS j "
        "FROM public.customers c"
    )
    assert run("explain", *question, text) == 0
    told = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  column ")]
    assert told[:4] == [
        "column id: clear; is public.customers.id",
        "column card: masked (last4); is public.customers.card_number, by cards",
        "column both: masked whole; from public.customers.ssn, public.customers.name, by identity-numbers",
        "column count: clear; no column",
    ]
    assert told[4].endswith("by cards, identity-numbers")
    assert run("explain", *question, "--json", text) == 0
    columns = json.loads(capsys.readouterr().out)["columns"]
    assert columns[1] == {
        "name": "card",
        "exposure": "masked",
        "transform": "last4",
        "sources": ["public.customers.card_number"],
        "direct": True,
        "masks": ["cards"],
        "why": "card: masked (last4); is public.customers.card_number, by cards",
    }
    assert run("explain", *question, "SELECT id FROM customers; SELECT id FROM orders") == 0
    told = capsys.readouterr().out
    assert "columns: not known" in told
    assert "result: passes column by column, as masks say" in told


def test_explain_of_what_is_denied_tells_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("SELEC 1", "SELECT * FROM f()"):
        assert run("explain", *QUESTION, text) == 0
        told = capsys.readouterr().out
        assert told.startswith("deny by ")
        assert "columns: not known" not in told
        assert "result:" not in told


def test_explain_does_not_point_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", *QUESTION, "COPY customers TO STDOUT") == 0
    told = capsys.readouterr().out
    assert "copy-to on public.customers: deny by default-deny" in told
    assert "policy explain" not in told


def test_explain_what_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    question = QUESTION
    assert run("explain", *question, "SELEC 1") == 0
    assert "deny by not-understood" in capsys.readouterr().out


def test_explain_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    web = SUPPORT_DESK.parent / "web-servers"
    question = ("--target", "web-1", "--label", "role=web", "--as", "groups=sg-deploy", "--login", "deploy")
    assert (
        run("explain", "--policies", web, *question, "--", "sudo -n systemctl restart app | tail -n 3") == 0
    )
    printed = capsys.readouterr().out
    assert "allow by restart-the-service" in printed
    assert "running `sudo systemctl restart app`: allow by restart-the-service" in printed
    assert "runs as: 'sudo' '-n' 'systemctl' 'restart' 'app' | 'tail' '-n' '3'" in printed
    assert run("explain", "--policies", web, "--json", *question, "--", "cat", "/etc/shadow") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["effect"], document["rule"], document["released"]) == ("deny", "default-deny", "")
