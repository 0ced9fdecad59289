"""An operation that nobody has attempted, in the words of `[[expect]]`: put to policy to see its answer."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from narrows.errors import NarrowsError
from narrows.model import Command, Forward, Statement, Transfer
from narrows.operation import KINDS, TRANSFER_ACTIONS
from narrows.policy.kubernetes.reading import CallNotUnderstood, read_call_text

if TYPE_CHECKING:
    from narrows.model import Operation, Target
    from narrows.policy.tables import ImaginedTable

Problems = list[tuple[tuple[str, ...], str]]
"""What is wrong, each with the path of the setting within the table."""

KINDS_ON = {
    "postgres": ("statement",),
    "ssh": ("command", "transfer", "forward"),
    "kubernetes": ("call",),
}
"""What can be attempted, by the kind of the target; the first is what is meant where it is not said."""
TAKES = {
    "postgres": "a database takes a `statement`",
    "ssh": "a host takes a `command`, a `transfer` or a `forward`, each with the `login` that it is as",
    "kubernetes": "a cluster takes a `call`, with the `body` and `content-type` of what it sends",
}
WITH_TWO_PATHS = frozenset({"rename", "symlink", "hardlink"})


class NotImaginable(NarrowsError):
    """What was written is no operation that could be attempted on the target; the message says why."""


def operation_on(target: Target, table: ImaginedTable) -> Operation:
    """The operation that was written, on a target that takes its kind.

    Raises:
        NotImaginable: It is none, it is two, or the target takes none of that kind.
    """
    if not any(getattr(table, kind) for kind in KINDS_ON[target.kind]):
        raise NotImaginable(f"{target.name}: {TAKES[target.kind]}")
    operation, _, problems = imagined_operation(table)
    if problems:
        raise NotImaginable(problems[0][1])
    return operation


def imagined_operation(table: ImaginedTable) -> tuple[Operation, str, Problems]:
    """The operation that was written, the kind of target that it is for, and what is wrong with it."""
    problems: Problems = []
    if sum(bool(getattr(table, kind)) for kind in KINDS) != 1:
        problems.append(((), f"needs one of {', '.join(f'`{kind}`' for kind in KINDS)}, and not two"))
    if table.login and not (table.command or table.transfer or table.forward):
        problems.append((("login",), "`login` belongs to a `command`, a `transfer` or a `forward`"))
    for key in ("body", "content_type"):
        if getattr(table, key) and not table.call:
            problems.append(((key.replace("_", "-"),), f"`{key.replace('_', '-')}` belongs to a `call`"))
    if table.command:
        return Command(table.command, table.login), "ssh", problems
    if table.transfer:
        action, _, rest = table.transfer.partition(" ")
        paths = rest.split()
        if problem := _wrong_with_transfer(action, paths):
            problems.append((("transfer",), problem))
        return Transfer(action, tuple(paths), table.login), "ssh", problems
    if table.forward:
        host, _, port = table.forward.rpartition(":")
        is_port = port.isascii() and port.isdigit()
        if not host or not is_port:
            problems.append((("forward",), "a forward is `HOST:PORT`"))
        return Forward(host, int(port) if is_port else 0, table.login), "ssh", problems
    if table.call:
        try:
            return read_call_text(table.call, table.body.encode(), table.content_type), "kubernetes", problems
        except CallNotUnderstood as error:
            problems.append((("call",), str(error)))
    return Statement(table.statement), "postgres", problems


def _wrong_with_transfer(action: str, paths: list[str]) -> str:
    """Why a transfer is none that a gateway could ask about; empty where it is one."""
    if action not in TRANSFER_ACTIONS:
        return f"`{action}` is none of {', '.join(TRANSFER_ACTIONS)}"
    wanted = 2 if action in WITH_TWO_PATHS else 1
    if len(paths) != wanted:
        return f"`{action}` needs {wanted} path{'s' * (wanted - 1)}, without spaces"
    for path in paths:
        if not path.startswith("/") or posixpath.normpath(path) != path:
            return f"`{path}` is not absolute and in normal form"
    return ""
