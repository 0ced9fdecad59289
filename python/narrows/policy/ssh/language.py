"""`ssh = { ... }` as it is written, checked and compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from narrows.model import Effect
from narrows.policy.directory import did_you_mean
from narrows.policy.ssh.carriers import PROGRAMS
from narrows.policy.ssh.destructive import CLASSES
from narrows.policy.ssh.forward_patterns import ForwardPattern
from narrows.policy.ssh.paths import RIGHTS, PathPattern, Paths
from narrows.policy.ssh.section import Ssh
from narrows.policy.ssh.words import CommandPattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.policy.tables import SshTable

P = TypeVar("P", CommandPattern, ForwardPattern, PathPattern)

Problems = list[tuple[tuple[str, ...], str]]
"""What is wrong, each with the path of the setting within the table."""


def ssh_section(table: SshTable, effect: Effect) -> tuple[Ssh, Problems]:
    """What was written as a section of a rule, and everything that is wrong with it."""
    problems: Problems = []
    section = Ssh(
        commands=_parsed(table.commands, CommandPattern.parse, "commands", problems),
        destructive=frozenset(table.destructive),
        logins=None if table.logins is None else frozenset(table.logins),
        paths=Paths(
            *(_parsed(getattr(table, right), PathPattern.parse, right, problems) for right in RIGHTS)
        ),
        programs=frozenset(table.programs),
        environment=tuple(table.environment),
        forwards=_parsed(table.forwards, ForwardPattern.parse, "forwards", problems),
        opaque=table.opaque,
        ansible=table.ansible,
        terminal=table.terminal,
        shell="raw" if table.shell is True else table.shell or None,
    )
    for name in table.destructive:
        if name not in CLASSES:
            problems.append((("destructive",), f"unknown class `{name}`{did_you_mean(name, CLASSES)}"))
    for name in table.programs:
        if name not in PROGRAMS:
            problems.append((("programs",), f"unknown program `{name}`{did_you_mean(name, PROGRAMS)}"))
    if table.programs and not section.paths:
        problems.append((("programs",), "`programs` are for paths, and the rule names none"))
    problems += _misplaced(table, effect)
    if table.logins is not None and not table.logins:
        problems.append((("logins",), "`logins` is empty, so it is nobody"))
    if not _says_something(table):
        problems.append(((), "a rule without commands, paths or the like matches nothing"))
    return section, problems


def _misplaced(table: SshTable, effect: Effect) -> Problems:
    """What may not be allowed without a person who looks at it."""
    if effect is not Effect.ALLOW:
        return []
    problems: Problems = []
    if table.destructive:
        message = "`destructive` is for denials and approvals; what is allowed is named by `commands`"
        problems.append((("destructive",), message))
    if table.opaque:
        problems.append((("opaque",), "what cannot be read is never allowed; a person may approve it"))
    if table.shell is True:
        problems.append((("shell",), "a shell that nobody reads is never allowed; `guarded` may be"))
    return problems


def _says_something(table: SshTable) -> bool:
    rights = (getattr(table, right) for right in RIGHTS)
    lists = (table.commands, table.destructive, table.environment, table.forwards, *rights)
    return any((*lists, table.opaque, table.ansible, table.terminal, table.shell))


def _parsed(texts: list[str], parse: Callable[[str], P], field: str, problems: Problems) -> tuple[P, ...]:
    patterns = []
    for text in texts:
        try:
            patterns.append(parse(text))
        except ValueError as error:
            problems.append(((field,), str(error)))
    return tuple(patterns)
