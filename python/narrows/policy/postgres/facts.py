"""What policy needs to know of a statement: every access in it, and what running it could change or show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from narrows.errors import NarrowsError
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

if TYPE_CHECKING:
    from narrows.model import CopyOptions


class SqlNotUnderstood(NarrowsError):
    """The text is not SQL that policy can judge. It is denied; the message says what was not understood."""


class SqlDoesNotParse(SqlNotUnderstood):
    """The text is not SQL at all: the target would have said so too."""


@dataclass(frozen=True, slots=True)
class Access:
    """One thing that a statement does to one named thing."""

    verb: str
    schema: str | None = None
    """None: the name was written without a schema."""
    name: str | None = None
    """None: the verb is done to nothing that has a relation's, function's or parameter's name."""
    unbounded: bool = False
    """An update or delete of which no condition limits the rows."""
    returned: bool = False
    """A read of rows that the statement itself writes, by RETURNING."""
    value: str | None = None
    """What a parameter is set to, where that is a constant."""

    @property
    def written(self) -> str:
        """The name as the statement has it."""
        if self.name is None:
            return ""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def sentence(self, names: tuple[str, ...] = ()) -> str:
        """The access in words: `update on public.orders without WHERE`.

        Args:
            names: What the written name stands for, where the catalogue knows.
        """
        shown = " or ".join(names) or self.written
        if self.verb == CALL_FUNCTION:
            return f"call of function {shown}"
        if self.verb == SET_PARAMETER:
            return f"setting {self.written}"
        words = f"{self.verb} on {shown}" if shown else self.verb
        if self.returned:
            return f"{words} by RETURNING"
        return f"{words} without WHERE" if self.unbounded else words


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """One statement of a text, read once; only lineage goes back to its tree."""

    kind: str
    """The grammar's name for it: `SelectStmt`, `UpdateStmt`."""
    accesses: tuple[Access, ...]
    effects: frozenset[str]
    """Of `copy-in`, `copy-out`, `settings`, `catalogue`, `names`: what running it changes."""
    opaque: str = ""
    """Why its insides cannot be seen (`DO runs code`); empty when they can."""
    inherits: bool = False
    """It shows what an earlier PREPARE or DECLARE, or the protocol's own, decided: FETCH, EXECUTE."""
    gives: tuple[tuple[str, str], ...] = ()
    """What it names for later: `statements` (PREPARE) or `portals` (DECLARE), and the name."""
    reads: tuple[tuple[str, str], ...] = ()
    """What it shows by name (EXECUTE, FETCH), in the same form."""
    runs_prepared: bool = False
    """It runs a statement by a name that may have been judged at another time: EXECUTE."""
    copy: CopyOptions | None = None
    """How it copies out, if it only reads and it is known how."""
    attributes: frozenset[str] = frozenset()
    """Names after a dot, as in `o.total` and `(o).total`: a column, or a function of the row."""
    tree: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Its parse tree, with the grammar's name for it as the only key."""

    @property
    def verbs(self) -> frozenset[str]:
        """What it does, for recordings and reports."""
        return frozenset(access.verb for access in self.accesses)
