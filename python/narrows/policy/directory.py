"""Reads a directory of policy files into tables, and remembers where each was written."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from narrows.errors import PolicyError, Problem
from narrows.policy.rules import Place
from narrows.policy.tables import (
    ApprovalTable,
    ApproversTable,
    ClaimsTable,
    ClauseTable,
    ExpectTable,
    KubernetesTable,
    LimitTable,
    MaskTable,
    ObjectsTable,
    PostgresTable,
    PrincipalTable,
    RuleTable,
    SshTable,
    Table,
)
from narrows.toml_lines import Lines, split_message, syntax_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from narrows.toml_lines import Path as TomlPath

T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Source:
    """One policy file."""

    file: Path
    lines: Lines

    def problem(self, path: TomlPath, message: str) -> Problem:
        """Something wrong at a path of this file."""
        return Problem(self.file, self.lines.of(path), message)


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A table, and where it was written."""

    table: T
    source: Source
    path: TomlPath

    @property
    def place(self) -> Place:
        """File and line of the table itself."""
        return Place(self.source.file, self.source.lines.of(self.path))

    def problem(self, message: str, *path: str | int) -> Problem:
        """Something wrong in this table."""
        return self.source.problem(self.path + path, message)


@dataclass(slots=True)
class Tables:
    """Everything written in a directory, in the order of file names and then of lines."""

    principals: dict[str, Written[PrincipalTable]] = field(default_factory=dict)
    rules: list[Written[RuleTable]] = field(default_factory=list)
    masks: list[Written[MaskTable]] = field(default_factory=list)
    expects: list[Written[ExpectTable]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


TOP_LEVEL = ("principals", "rule", "mask", "expect")


def read_directory(directory: Path) -> Tables:
    """Reads every `*.toml` directly in a directory.

    Returns:
        The tables, and every problem found in reading them.

    Raises:
        PolicyError: There is no such directory, or no policy in it.
    """
    files = sorted(directory.glob("*.toml"))
    if not files:
        raise PolicyError([Problem(directory, 0, "is not a directory with .toml files in it")])
    tables = Tables()
    for file in files:
        _read_file(file, tables)
    return tables


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, with a leading space; empty when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean `{near[0]}`?)" if near else ""


def _read_file(file: Path, tables: Tables) -> None:
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        tables.problems.append(Problem(file, 0, f"cannot be read: {error.strerror}"))
        return
    except UnicodeDecodeError:
        tables.problems.append(Problem(file, 0, "is not UTF-8"))
        return
    except tomllib.TOMLDecodeError as error:
        tables.problems.append(Problem(file, syntax_line(str(error), text), f"is not TOML: {error}"))
        return
    source = Source(file, Lines(text))
    for name in document.keys() - set(TOP_LEVEL):
        path = (name, 0) if isinstance(document[name], list) else (name,)
        message = f"unknown table `{name}`{did_you_mean(name, TOP_LEVEL)}"
        tables.problems.append(source.problem(path, message))
    _read_principals(document.get("principals", {}), source, tables)
    tables.rules += _read_array(document, "rule", RuleTable, source, tables)
    tables.masks += _read_array(document, "mask", MaskTable, source, tables)
    tables.expects += _read_array(document, "expect", ExpectTable, source, tables)


def _read_principals(section: Any, source: Source, tables: Tables) -> None:
    if not isinstance(section, dict):
        tables.problems.append(source.problem(("principals",), "principals are tables: [principals.NAME]"))
        return
    for name, value in section.items():
        written = _convert(value, PrincipalTable, source, ("principals", name), tables)
        if written is None:
            continue
        if name in tables.principals:
            other = tables.principals[name].place
            tables.problems.append(
                written.problem(f"`{name}` is already defined at {other.file}:{other.line}")
            )
        tables.principals[name] = written


def _read_array(
    document: dict[str, Any], name: str, kind: type[T], source: Source, tables: Tables
) -> list[Written[T]]:
    values = document.get(name, [])
    if not isinstance(values, list):
        tables.problems.append(source.problem((name,), f"written as [{name}]; it is a list: [[{name}]]"))
        return []
    converted = (_convert(value, kind, source, (name, index), tables) for index, value in enumerate(values))
    return [written for written in converted if written is not None]


def _convert(value: Any, kind: type[T], source: Source, path: TomlPath, tables: Tables) -> Written[T] | None:
    try:
        return Written(msgspec.convert(value, kind), source, path)
    except msgspec.ValidationError as error:
        message, inner = split_message(str(error))
        if "unknown field" in message:
            message = f"unknown key `{inner[-1]}`{did_you_mean(str(inner[-1]), _keys_at(kind, inner[:-1]))}"
        tables.problems.append(source.problem(path + inner, message))
        return None


NESTED: dict[str, type[Table]] = {
    "any": ClauseTable,
    "all": ClauseTable,
    "postgres": PostgresTable,
    "ssh": SshTable,
    "approval": ApprovalTable,
    "limit": LimitTable,
    "approvers": ApproversTable,
    "break-glass": ApproversTable,
    "principal": ClaimsTable,
}


def _keys_at(kind: type[Table], path: TomlPath) -> tuple[str, ...]:
    """The keys that the table at a path may have."""
    names = [part for part in path if isinstance(part, str)]
    if names == ["kubernetes"]:
        return _keys_at(ObjectsTable if kind is MaskTable else KubernetesTable, ())
    table = NESTED.get(names[-1], kind) if names else kind
    return tuple(item.encode_name for item in msgspec.structs.fields(table))
