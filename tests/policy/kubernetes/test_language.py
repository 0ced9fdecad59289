"""Every mistake in a rule or a mask for clusters is found, with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.errors import PolicyError

from .questions import loaded, rule

if TYPE_CHECKING:
    from pathlib import Path

RULE_LINE = 11
"""Where the `kubernetes` of the first rule is, after the principals."""
READ = "verbs = ['get'], resources = ['pods']"
MASK = "[[mask]]\nid = 'm'\ntargets = ['*']\n"


def problems(directory: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(PolicyError) as raised:
        loaded(directory, text)
    return [(problem.line, problem.message) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("effect", "written", "message"),
    [
        ("allow", "verb = ['get']", "unknown key `verb` (did you mean `verbs`?)"),
        ("allow", "verbs = ['gett'], resources = ['pods']", "unknown verb `gett` (did you mean `get`?)"),
        ("allow", "verbs = ['get']", "`verbs` and `resources` go together"),
        ("allow", "resources = ['pods']", "`verbs` and `resources` go together"),
        ("allow", "namespaces = ['a']", "matches nothing"),
        ("allow", "verbs = ['get'], resources = ['Pods']", "`Pods` is not a resource"),
        ("allow", "verbs = ['get'], resources = ['a/b/c/d']", "is not a resource"),
        ("allow", "verbs = ['get'], resources = ['apps/']", "is not a resource"),
        ("allow", f"{READ}, namespaces = []", "`namespaces` is empty"),
        ("allow", f"{READ}, argv = ['ls']", "belongs to a rule with the verb `attach` or `exec`"),
        ("allow", f"{READ}, ports = ['80']", "belongs to a rule with the verb `portforward`"),
        ("allow", f"{READ}, privileged = true", "belongs to a rule with the verb `create`"),
        ("allow", f"{READ}, paths = ['/x']", "`paths` are of no resource"),
        ("allow", "verbs = ['create'], resources = ['pods/exec']", "is reached by the verb `exec`"),
        ("allow", "verbs = ['exec'], resources = ['pods']", "`exec` needs `argv`"),
        ("allow", "verbs = ['portforward'], resources = ['pods']", "`portforward` needs `ports`"),
        ("allow", "verbs = ['proxy'], resources = ['services']", "`proxy` needs `paths`"),
        ("allow", "verbs = ['portforward'], resources = ['pods'], ports = ['80-70']", "not a range"),
        ("allow", "verbs = ['portforward'], resources = ['pods'], ports = ['0']", "not a range"),
        ("allow", "verbs = ['portforward'], resources = ['pods'], ports = ['http']", "not a port"),
        ("allow", "verbs = ['exec'], resources = ['pods'], opaque = true", "never allowed"),
        ("allow", "classes = ['destructive']", "`classes` are for denials and approvals"),
        ("deny", "classes = ['destructiv']", "unknown class `destructiv` (did you mean `destructive`?)"),
        ("allow", "paths = ['metrics']", "it starts with /"),
        ("allow", "verbs = ['create'], resources = ['pods'], host-paths = ['tmp']", "is not absolute"),
        ("allow", "verbs = ['create'], resources = ['pods'], images = []", "`images` is empty"),
        (
            "allow",
            "verbs = ['create'], resources = ['pods'], images = ['reg*/x']",
            "leaves the registry open",
        ),
    ],
)
def test_a_mistake_in_a_rule_has_its_line(tmp_path: Path, effect: str, written: str, message: str) -> None:
    found = problems(tmp_path, rule("a", effect, written))
    assert [line for line, problem in found if message in problem] == [RULE_LINE], found


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("kubernetes = { paths = ['$.data'] }", "names its `resources`"),
        ("kubernetes = { resources = ['secrets'] }", "names its `paths`"),
        ("kubernetes = { resources = ['secrets'], paths = ['data'] }", "is not a path"),
        ("kubernetes = { resources = ['secrets'], paths = ['$.data[0]'] }", "is not a path"),
        ("kubernetes = { resources = ['pods/log'], paths = ['$.a'] }", "its subresources are masked with it"),
        ("kubernetes = { resources = ['config*'], paths = ['$.a'] }", "stands for a whole part"),
        ("kubernetes = { resource = ['secrets'] }", "unknown key `resource` (did you mean `resources`?)"),
        ("kubernetes = { resources = ['secrets'], paths = ['$.a'] }\ndetectors = ['pan']", "of nothing else"),
        ("kubernetes = { resources = ['secrets'], paths = ['$.a'] }\ncolumns = ['a.b.c']", "of nothing else"),
        ("detectors = ['pan']\ntransform = 'placeholder'", "unknown transform `placeholder`"),
        ("detectors = ['pan']\nwritten-back = 'restore'", "knows what comes back"),
        (
            "kubernetes = { resources = ['secrets'], paths = ['$.a'] }\ntransform = 'redact'\n"
            "written-back = 'restore'",
            "only a mask of objects with the transform `placeholder`",
        ),
    ],
)
def test_a_mistake_in_a_mask_is_found(tmp_path: Path, written: str, message: str) -> None:
    found = problems(tmp_path, MASK + written + "\n")
    assert any(message in problem for _, problem in found), found


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("call = 'pods'", "is not a method and a path"),
        ("call = 'GET /api/v1//pods'", "`GET /api/v1//pods`"),
        ("call = 'GET /api'\nstatement = 'select 1'", "and not two"),
        ("statement = 'select 1'\nbody = '{}'", "`body` belongs to a `call`"),
        ("statement = 'select 1'\ncontent-type = 'x'", "`content-type` belongs to a `call`"),
    ],
)
def test_a_mistake_in_an_expectation_is_found(tmp_path: Path, written: str, message: str) -> None:
    text = f"[[expect]]\nprincipal = {{}}\ntarget = 'prod'\neffect = 'deny'\n{written}\n"
    found = problems(tmp_path, text)
    assert any(message in problem for _, problem in found), found


def test_a_limit_of_rows_is_not_for_clusters(tmp_path: Path) -> None:
    found = problems(tmp_path, rule("a", "allow", READ, more="limit = { rows = 1 }"))
    assert any("rows of statements" in problem for _, problem in found)
