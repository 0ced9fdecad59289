"""Every mistake in a policy is found, with its file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.errors import PolicyError
from narrows.policy.language import load

from .questions import AGENTS, rule, write

if TYPE_CHECKING:
    from pathlib import Path

HEAD_LINES = AGENTS.count("\n")


def problems(directory: Path, text: str) -> list[tuple[int, str]]:
    """What is wrong with a text after AGENTS: lines counted from its first, and messages."""
    with pytest.raises(PolicyError) as raised:
        write(directory, text)
    return [(problem.line - HEAD_LINES, problem.message) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[[rule]]\nid = \n", 2, "is not TOML"),
        ("[[rule]]\nid = 'a", 2, "is not TOML"),
        ("[[rules]]\nid = 'a'\n", 1, "unknown table `rules` (did you mean `rule`?)"),
        ("[rule]\nid = 'a'\n", 1, "[[rule]]"),
        (rule("a", "allow", "verb = ['select']"), 7, "unknown key `verb` (did you mean `verbs`?)"),
        (
            rule("a", "allow", "verbs = ['select']", more="effects = 1"),
            9,
            "unknown key `effects` (did you mean `effect`?)",
        ),
        (rule("a", "allow", "verbs = ['select']").replace("allow", "alow"), 6, "Invalid enum value 'alow'"),
        (rule("a", "allow", "verbs = 'select'"), 7, "Expected `array`"),
        (rule("a", "allow", "verbs = ['selct']"), 7, "unknown verb `selct` (did you mean `select`?)"),
        (rule("a", "allow", "verbs = ['update'], unbounded = ['insert']"), 7, "unknown verb `insert`"),
        (
            rule("a", "allow", "verbs = ['select'], tables = ['orders']"),
            7,
            "`orders` is not of the form schema.name",
        ),
        (rule("a", "allow", "verbs = ['select'], tables = ['*']"), 7, "schema.name"),
        (rule("a", "allow", "functions = ['a.b.c']"), 7, "schema.name"),
        (rule("a", "allow", "verbs = ['do'], tables = ['a.b']"), 7, "`do` is never done to a table"),
        (rule("a", "allow", "tables = ['a.b']"), 7, "matches nothing"),
        (
            rule("a", "allow", "verbs = ['select']").replace('"agents"', '"agent"'),
            4,
            "did you mean `agents`?",
        ),
        (
            rule("a", "allow", "verbs = ['select']").replace('principals = ["agents"]', ""),
            2,
            "names its principals",
        ),
        (rule("a", "allow", "verbs = ['select']").replace('["agents"]', "[]"), 4, "nobody"),
        (rule("a", "allow", "verbs = ['select']").replace('targets = ["*"]', ""), 2, "`targets` or `labels`"),
        (rule("a", "allow", "verbs = ['select']", more="labels = { a = 'b' }"), 2, "not both"),
        (rule("default-deny", "allow", "verbs = ['select']"), 3, "cannot be the id"),
        (
            "\n[[rule]]\nid = 'a'\nprincipals = ['agents']\ntargets = ['*']\neffect = 'allow'\n",
            2,
            "may leave out `postgres`",
        ),
        (
            rule("a", "require-approval", "verbs = ['select']").replace("approval =", "#"),
            2,
            "`approval` belongs to",
        ),
        (
            rule("a", "allow", "verbs = ['select']", more="approval = { approvers = { groups = 'x' } }"),
            9,
            "`approval` belongs to",
        ),
        (
            rule("a", "require-approval", "verbs = ['select']").replace('groups = "people"', ""),
            8,
            "nobody can approve",
        ),
        (
            rule("a", "require-approval", "verbs = ['select']").replace(
                "approvers =", "quorum = 0, approvers ="
            ),
            8,
            "from 1 to",
        ),
        (
            rule("a", "require-approval", "verbs = ['select']").replace(
                "approvers =", "expires = '1w', approvers ="
            ),
            8,
            "10s to 7d",
        ),
        (
            rule("a", "require-approval", "verbs = ['select']").replace(
                "approvers =", "scope = 'ever', approvers ="
            ),
            8,
            "'ever'",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c']\ntransform = 'last5'\n",
            5,
            "did you mean `last4`?",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['b.c']\ntransform = 'null'\n",
            4,
            "schema.table.column",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = []\ntransform = 'null'\n",
            4,
            "needs `columns`, `detectors`",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c#$.d']\ndetectors = ['pan']\n",
            4,
            "detectors look into whole columns",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c']\ntypes = ['text']\n",
            5,
            "where detectors look",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ndetectors = ['pan']\ntypes = ['txt']\n",
            5,
            "did you mean `text`",
        ),
        ("[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c#card']\n", 4, "is not a path such as"),
        ("[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c#']\n", 4, "is not a path such as"),
        ("[[mask]]\nid = 'm'\ntargets = ['*']\ndetectors = ['pans']\n", 4, "did you mean `pan`"),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ndetectors = ['pan']\ntransform = 'date:year'\n",
            5,
            "a detector finds parts of texts",
        ),
        ("[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c']\ntransform = 'first:17'\n", 5, "unknown"),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c']\ntransform = 'null'\n"
            "except = ['fraud']\n",
            6,
            "`fraud`",
        ),
        (
            "[[mask]]\nid = 'm'\ntargets = ['*']\ncolumns = ['a.b.c']\ntransform = 'null'\nexcept = ['*']\n",
            6,
            "masks nothing",
        ),
        ("[principals.x]\nissuer = 'entra'\n", 1, "neither `any` nor `all`"),
        ("[principals.x]\nissuer = 'entra'\nany = [{}]\n", 3, "holds for everyone"),
        ("[principals.x]\nany = [{ app = 'a' }]\n", 1, "missing required field `issuer`"),
        ("[principals.x]\nissuer = 'entra'\nany = [{ grups = 'a' }]\n", 3, "did you mean `groups`?"),
        (
            "[[expect]]\nprincipal = {}\ntarget = 'db'\nstatement = 'x'\neffect = 'deny'\nrule = 'nope'\n",
            6,
            "unknown rule `nope`",
        ),
        (
            "[[expect]]\nprincipal = {}\ntarget = 'db'\neffect = 'deny'\n",
            1,
            "needs one of `statement`, `command`, `transfer`, `forward`, `call`, and not two",
        ),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    found = problems(tmp_path, text)
    assert [number for number, problem in found if message in problem] == [line], found


def test_every_problem_is_found(tmp_path: Path) -> None:
    text = rule("a", "allow", "verbs = ['selct']") + rule(
        "a", "allow", "verbs = ['select'], tables = ['orders']"
    )
    assert len(problems(tmp_path, text)) == 3


def test_a_duplicate_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(AGENTS + rule("same", "allow", "verbs = ['select']"))
    (tmp_path / "b.toml").write_text(rule("same", "allow", "verbs = ['select']"))
    with pytest.raises(PolicyError, match=r"b\.toml:3: rule `same` is already defined at .*a\.toml:6"):
        load(tmp_path)


def test_an_expectation_that_its_rule_cannot_meet(tmp_path: Path) -> None:
    text = rule("a", "deny", "verbs = ['drop']") + (
        "[[expect]]\nprincipal = {}\ntarget = 'db'\nstatement = 'select 1'\neffect = 'allow'\nrule = 'a'\n"
    )
    ((line, message),) = problems(tmp_path, text)
    assert "never answers allow" in message
    assert line == text.count("\n", 0, text.index("effect = 'allow'")) + 1


def test_an_expectation_must_say_which_of_several_issuers(tmp_path: Path) -> None:
    text = "[principals.x]\nissuer = 'okta'\nany = [{ app = 'a' }]\n" + (
        "[[expect]]\nprincipal = {}\ntarget = 'db'\nstatement = 'select 1'\neffect = 'deny'\n"
    )
    ((_, message),) = problems(tmp_path, text)
    assert "issuer" in message


def test_sub_tables_and_long_arrays_keep_their_lines(tmp_path: Path) -> None:
    text = """[[rule]]
id = "a"
principals = ["agents"]
targets = ["*"]
effect = "allow"
reason = '''
[rule.postgres]
tables = 1
'''
[rule.postgres]
verbs = [
    "select",  # a comment ] with brackets [
    "insert",
]
tables = [
    "public.orders",
    "orders",
]
"""
    assert problems(tmp_path, text) == [(15, "`orders` is not of the form schema.name")]


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_directory_without_policy(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PolicyError, match=r"\.toml"):
        load(tmp_path / name)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff")
    with pytest.raises(PolicyError, match="is not UTF-8"):
        load(tmp_path)


def test_the_version_names_the_content(tmp_path: Path) -> None:
    first = write(tmp_path, rule("a", "allow", "verbs = ['select']"))
    assert write(tmp_path, "# a comment\n" + rule("a", "allow", "verbs=['select']")).version == first.version
    assert write(tmp_path, rule("a", "allow", "verbs = ['insert']")).version != first.version
    assert len(first.version) == 12
