"""Mask rules proposed from what columns are called and what detectors found in a sample of their values.

Values themselves are counted and forgotten: nothing here keeps one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from narrows.policy.masking.sampling import JSON_TYPES, Skipped
from narrows.policy.masking.sensitive_names import kind_of_detector, kind_of_name
from narrows.policy.masking.transforms import DETECTORS
from narrows.policy.patterns import ColumnPattern
from narrows.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from narrows.policy.masking.sensitive_names import Kind
    from narrows.policy.postgres.catalogue import Relation

MOST = 0.5
"""The share of values with a find from which the whole column is proposed, not only what is found in it."""
NEARLY_ALL = 0.9
ENOUGH = 20
"""Values that say something of the rest."""
PREFACE = """\
# Proposed from a sample of values. Read it, take out what is wrong, save it among the policies,
# and run `narrows policy check`."""


@dataclass(slots=True)
class ColumnCounts:
    """What was seen of one column."""

    relation: Relation
    number: int
    values: int = 0
    """Values that were looked into; NULLs are none."""
    found: Counter[str] = field(default_factory=Counter)
    """How many of them a detector found something in."""

    @property
    def name(self) -> str:
        """`schema.table.column`."""
        return f"{self.relation.qualified}.{self.relation.columns[self.number]}"

    @property
    def type_oid(self) -> int:
        """`pg_type.oid`."""
        return self.relation.types[self.number].oid


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """One column that should be masked."""

    counts: ColumnCounts
    kind: Kind
    named: bool
    """Its name says so."""
    found: int
    """In how many of its values a detector of this kind found something."""

    @property
    def confidence(self) -> str:
        """`high`: values and name, or values very clearly; `low`: a name that the values do not bear out."""
        values = self.counts.values
        share = self.found / values if values else 0.0
        if share >= MOST:
            return "high" if self.named or (share >= NEARLY_ALL and values >= ENOUGH) else "medium"
        return "low" if values and self.kind.detectors else "medium"

    @property
    def reason(self) -> str:
        """In words."""
        values = f"found in {self.found} of {self.counts.values} values"
        parts = ["named so"] if self.named else []
        parts += [values] if self.counts.values and self.kind.detectors else ["no values looked into"]
        return ", ".join(parts)

    def document(self) -> dict[str, Any]:
        """The proposal as JSON values."""
        return {
            "column": self.counts.name,
            "kind": self.kind.name,
            "named": self.named,
            "found": self.found,
            "values": self.counts.values,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Proposals:
    """The masks that a sample speaks for."""

    target: str
    columns: Mapping[Kind, tuple[ColumnProposal, ...]]
    scattered: Mapping[str, tuple[ColumnCounts, ...]]
    """Detectors that found something here and there, with where."""
    skipped: tuple[Skipped, ...]
    taken: Set[str] = frozenset()
    """Ids that the policy has given, so that the proposals can stand beside what it has."""

    def document(self) -> dict[str, Any]:
        """The proposals as JSON values."""
        masks: list[dict[str, Any]] = [
            {
                "id": self._id(kind.name),
                "transform": kind.transform,
                "columns": [proposal.document() for proposal in proposals],
            }
            for kind, proposals in self.columns.items()
        ]
        if self.scattered:
            found = {
                detector: [
                    {"column": one.name, "found": one.found[detector], "values": one.values} for one in where
                ]
                for detector, where in self.scattered.items()
            }
            masks.append({"id": self._id("found"), "transform": "redact", "detectors": found})
        return {"target": self.target, "masks": masks, "skipped": [one._asdict() for one in self.skipped]}

    def toml(self) -> str:
        """The proposals as a policy file, each with its counts as comments."""
        parts = [self._columns(kind, proposals) for kind, proposals in self.columns.items()]
        parts += [self._detectors()] if self.scattered else []
        parts = parts or ["# Nothing was found that is not masked already."]
        return "\n\n".join([PREFACE, *parts, *self._left_out()]) + "\n"

    def _left_out(self) -> list[str]:
        by_reason: dict[str, list[str]] = defaultdict(list)
        for one in self.skipped:
            by_reason[one.reason].append(one.name)
        return ["\n".join(_commented(reason, names)) for reason, names in by_reason.items()]

    def _columns(self, kind: Kind, proposals: tuple[ColumnProposal, ...]) -> str:
        columns = [f"    {_text(one.counts.name)}, # {one.confidence}: {one.reason}" for one in proposals]
        lines = ["columns = [", *columns, "]", f"transform = {_text(kind.transform)}"]
        return "\n".join([*self._head(kind.name), *lines])

    def _detectors(self) -> str:
        lines = [f"detectors = [{', '.join(_text(name) for name in self.scattered)}]", 'transform = "redact"']
        for detector, where in self.scattered.items():
            lines += [
                f"# {detector}: {_text(one.name)}, in {one.found[detector]} of {one.values} values"
                for one in where
            ]
        return "\n".join([*self._head("found"), *lines])

    def _head(self, name: str) -> list[str]:
        return ["[[mask]]", f"id = {_text(self._id(name))}", f"targets = [{_text(self.target)}]"]

    def _id(self, name: str) -> str:
        plain = f"{self.target}-{name}"
        numbered = (f"{plain}-{number}" for number in count(2))
        return next(one for one in chain([plain], numbered) if one not in self.taken)


def propose(
    target: str,
    counts: Iterable[ColumnCounts],
    covered: Mapping[str, str],
    skipped: Iterable[Skipped],
    taken: Set[str] = frozenset(),
) -> Proposals:
    """Proposes masks.

    Args:
        target: The target's name.
        counts: What was seen of each column.
        covered: Columns that a mask of the policy hides already, with its id.
        skipped: What was not looked into, to be told with the rest.
        taken: Ids that the policy has given already.
    """
    columns: dict[Kind, list[ColumnProposal]] = defaultdict(list)
    scattered: dict[str, list[ColumnCounts]] = defaultdict(list)
    left_out = list(skipped)
    for one in counts:
        if one.name in covered:
            left_out.append(Skipped(one.name, f"mask `{covered[one.name]}` hides it already"))
            continue
        proposal = _column(one)
        if proposal is not None and not _can_be_written(one.name):
            left_out.append(
                Skipped(one.name, f"looks like {proposal.kind.name}, but policy cannot write its name")
            )
        elif proposal is not None:
            columns[proposal.kind].append(proposal)
        else:
            for detector in one.found:
                scattered[detector].append(one)
    return Proposals(
        target=target,
        columns={kind: tuple(found) for kind, found in columns.items()},
        scattered={name: tuple(scattered[name]) for name in DETECTORS if name in scattered},
        skipped=tuple(left_out),
        taken=taken,
    )


def _column(counts: ColumnCounts) -> ColumnProposal | None:
    """The proposal to mask a whole column, if there is reason to."""
    by_kind: Counter[Kind] = Counter()
    for detector, found in counts.found.items():
        kind = kind_of_detector(detector)
        by_kind[kind] = max(by_kind[kind], found)
    named = kind_of_name(counts.relation.columns[counts.number], counts.type_oid)
    if by_kind and counts.type_oid not in JSON_TYPES:
        ((kind, found),) = by_kind.most_common(1)
        if found >= MOST * counts.values:
            return ColumnProposal(counts, kind, named == kind, found)
    return ColumnProposal(counts, named, True, by_kind[named]) if named else None


def _can_be_written(name: str) -> bool:
    """Whether policy means this column, and no other, by its name."""
    try:
        ColumnPattern.parse(name)
    except ValueError:
        return False
    return "*" not in name


def _commented(reason: str, names: list[str]) -> list[str]:
    lines = [f"Not proposed: {reason}", *(f"    {printable(name)}" for name in names)]
    return ["# " + line.replace("\n", " ") for line in lines]


def _text(text: str) -> str:
    """A basic string of TOML."""
    escaped = (
        character if character.isprintable() and character not in '"\\' else f"\\U{ord(character):08x}"
        for character in text
    )
    return '"' + "".join(escaped) + '"'
