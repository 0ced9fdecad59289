"""`narrows policy explain` for somebody, by what a real database holds."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from narrows.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stacks import CornerStack


@pytest.fixture(autouse=True)
def credential(corner_stack: CornerStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the stack's configuration says that it is."""
    monkeypatch.setenv("ORDERS_DB_PASSWORD", corner_stack.stack.database_password)


@pytest.fixture
def explained(corner_stack: CornerStack, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command as a group sees it, and returns what it printed as JSON."""

    def explain(sql: str, *options: str, claims: str = "groups=sg-support") -> dict[str, Any]:
        config = ["--config", str(corner_stack.stack.config), "--json"]
        arguments = ["policy", "explain", "--target", "orders-db", "--as", claims, *config, *options, sql]
        assert main(arguments) == 0, capsys.readouterr().err
        return dict(json.loads(capsys.readouterr().out))

    return explain


def test_the_columns_are_those_that_the_target_has(explained: Any) -> None:
    document = explained("SELECT e.*, ssn || name AS both FROM public.emp e")
    assert document["catalogue"] == "asked"
    assert (document["effect"], document["rule"]) == ("allow", "work")
    columns = {column["name"]: (column["exposure"], column["transform"]) for column in document["columns"]}
    assert columns == {
        "id": ("clear", ""),
        "name": ("clear", ""),
        "ssn": ("masked", "redact"),
        "both": ("whole", ""),
    }
    assert document["columns"][3]["sources"] == ["public.emp.name", "public.emp.ssn"]
    assert document["columns"][3]["masks"] == ["ssn"]


def test_others_see_other_things(explained: Any) -> None:
    unmasked = explained("SELECT ssn FROM public.emp", claims="groups=sg-unmasked")
    assert unmasked["columns"][0]["exposure"] == "clear"
    stranger = explained("SELECT ssn FROM public.emp", claims='{"groups": ["sg-nobody"]}')
    assert (stranger["effect"], stranger["rule"]) == ("deny", "default-deny")


def test_claims_of_a_token_mean_what_its_issuer_says(
    explained: Any, corner_stack: CornerStack, tmp_path: Path
) -> None:
    token = corner_stack.stack.agent_token()
    file = tmp_path / "token"
    file.write_text(token + "\n")
    assert explained("SELECT ssn FROM public.emp", claims=f"@{file}")["columns"][0]["exposure"] == "masked"
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["groups"] = ["sg-unmasked"]
    of_others = explained("SELECT ssn FROM public.emp", claims=json.dumps(claims))
    assert of_others["columns"][0]["exposure"] == "clear"


def test_a_saved_catalogue_stands_in(
    explained: Any, corner_stack: CornerStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(corner_stack.stack.config)
    assert main(["policy", "catalogue", "--target", "orders-db", "--config", config]) == 0
    saved = tmp_path / "catalogue.json"
    saved.write_text(capsys.readouterr().out)
    document = explained("SELECT * FROM public.emp", "--catalogue", str(saved))
    assert document["catalogue"] == "saved"
    assert [column["name"] for column in document["columns"]] == ["id", "name", "ssn"]


def unreachable(corner_stack: CornerStack, folder: Path) -> str:
    """A configuration whose target is not there."""
    text = corner_stack.stack.config.read_text()
    address = f"127.0.0.1:{corner_stack.stack.postgres.port}"
    assert address in text
    moved = corner_stack.stack.config.with_name(f"{folder.name}.toml")
    moved.write_text(text.replace(address, "127.0.0.1:1"))
    return str(moved)


@pytest.mark.parametrize("command", [["explain", "--as", "groups=x", "SELECT 1"], ["catalogue"]])
def test_a_target_that_is_not_there(
    corner_stack: CornerStack, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    config = unreachable(corner_stack, tmp_path)
    assert main(["policy", command[0], "--target", "orders-db", "--config", config, *command[1:]]) == 1
    told = capsys.readouterr().err
    assert "the catalogue of orders-db cannot be read" in told
    assert "--catalogue FILE" in told
    assert corner_stack.stack.database_password not in told


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ("sg-support", "is not NAME=VALUE"),
        ("groups=a groups=b", "is not NAME=VALUE"),
        ('{"oid": "x"}', "unknown field `oid`"),
        ('{"kind": "robot"}', "Invalid enum value 'robot'"),
        ("{", "not JSON"),
        ("@/nowhere", "cannot be read as claims"),
        ('{"iss": "https://elsewhere"}', "no [[issuer]]"),
        ("a.b.c", "--as: "),
    ],
)
def test_claims_that_make_no_principal(
    corner_stack: CornerStack, capsys: pytest.CaptureFixture[str], claims: str, problem: str
) -> None:
    config = str(corner_stack.stack.config)
    question = ["--target", "orders-db", "--as", claims, "--assume", "--config", config]
    assert main(["policy", "explain", *question, "SELECT 1"]) == 1
    assert problem in capsys.readouterr().err


def test_a_target_that_is_not_configured(
    corner_stack: CornerStack, capsys: pytest.CaptureFixture[str]
) -> None:
    question = ["--target", "other-db", "--as", "groups=x", "--config", str(corner_stack.stack.config)]
    assert main(["policy", "explain", *question, "SELECT 1"]) == 1
    assert "no postgres target other-db" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", ["", "[]", '{"narrows-catalogue": 9}', '{"narrows-catalogue": 1, "rows": {}}']
)
def test_a_file_that_is_no_catalogue(
    corner_stack: CornerStack, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    saved = tmp_path / "catalogue.json"
    saved.write_text(content)
    question = ["--target", "orders-db", "--as", "groups=x", "--catalogue", str(saved)]
    config = ["--config", str(corner_stack.stack.config)]
    assert main(["policy", "explain", *question, *config, "SELECT 1"]) == 1
    assert "cannot be read as a catalogue" in capsys.readouterr().err
