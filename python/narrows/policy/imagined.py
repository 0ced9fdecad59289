"""What an `[[expect]]` puts to policy: an operation that nobody has attempted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import Command, Statement
from narrows.policy.kubernetes.reading import CallNotUnderstood, read_call_text

if TYPE_CHECKING:
    from narrows.model import Operation
    from narrows.policy.tables import ExpectTable

Problems = list[tuple[tuple[str, ...], str]]
"""What is wrong, each with the path of the setting within the table."""


def imagined_operation(table: ExpectTable) -> tuple[Operation, str, Problems]:
    """The operation of an expectation, the kind of target that it is for, and what is wrong with it."""
    problems: Problems = []
    if [bool(table.statement), bool(table.command), bool(table.call)].count(True) != 1:
        problems.append(((), "needs one of `statement`, `command` and `call`, and not two"))
    if table.login and not table.command:
        problems.append((("login",), "`login` belongs to a `command`"))
    for key in ("body", "content_type"):
        if getattr(table, key) and not table.call:
            problems.append(((key.replace("_", "-"),), f"`{key.replace('_', '-')}` belongs to a `call`"))
    if table.command:
        return Command(table.command, table.login), "ssh", problems
    if table.call:
        try:
            return read_call_text(table.call, table.body.encode(), table.content_type), "kubernetes", problems
        except CallNotUnderstood as error:
            problems.append((("call",), str(error)))
    return Statement(table.statement), "postgres", problems
