"""`narrows mask scan`: samples a target's database and proposes masks. It never prints what it has read."""

from __future__ import annotations

import argparse
import re
import time
from typing import TYPE_CHECKING, Any

from narrows.cli.catalogue import section_of
from narrows.cli.errors import CommandError
from narrows.cli.options import add_config, add_json, located
from narrows.cli.show import print_json
from narrows.errors import CredentialError, PlaneError
from narrows.model import Principal, Target
from narrows.policy.language import load as load_policy
from narrows.policy.masking.masks import mask_set
from narrows.policy.masking.proposals import ColumnCounts, propose
from narrows.policy.masking.sampling import SIZES, Skipped, plan_samples
from narrows.policy.masking.transforms import DETECTORS
from narrows.policy.postgres.catalogue import Catalogue

if TYPE_CHECKING:
    from narrows.gateway.own_connection import Ask
    from narrows.plane import Finder, Rows
    from narrows.policy.masking.proposals import Proposals
    from narrows.policy.masking.sampling import Sample
    from narrows.policy.rules import Policy

DONE = 0
ROWS_MAX = 10_000
SECONDS_MAX = 3_600
READ_MS_MAX = 5_000
"""For reading one table's sample."""

HINT_CREDENTIAL = (
    "Run it where the gateway has its credentials: with the same environment, as the same account."
)

SQLSTATE = re.compile(r"\(([0-9A-Z]{5})\)$")

ANYBODY = Principal(issuer="", tenant="", object_id="", kind="user")
"""Whom no mask excepts: what is hidden from this principal has its mask."""


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("mask")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    scan = actions.add_parser(
        "scan",
        help="sample a target's database and propose masks, as TOML",
        description="Reads some rows of every table over the gateway's own connection, read only, looks into "
        "them with every detector, and prints [[mask]] tables with counts and confidence. Values are counted "
        "and never printed. Read the proposals before you use them: a sample proves nothing about the rest.",
    )
    scan.add_argument("--target", required=True, metavar="NAME", help="the target's name")
    scan.add_argument(
        "--rows", type=_up_to(ROWS_MAX), default=1_000, help=f"of each table, 1 to {ROWS_MAX} (default: 1000)"
    )
    scan.add_argument(
        "--seconds",
        type=_up_to(SECONDS_MAX),
        default=60,
        help=f"for all of it, 1 to {SECONDS_MAX} (default: 60); tables that are left then are named",
    )
    add_config(scan)
    add_json(scan, instead_of="TOML")
    scan.set_defaults(run=_scan)


def _up_to(most: int) -> Any:
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not 1 to {most}")
        return value

    return number


def _scan(arguments: argparse.Namespace) -> int:
    from narrows.gateway.own_connection import ask_target
    from narrows.plane import finder

    where = located(arguments)
    section = section_of(where, arguments.target)
    policy = load_policy(where.policies)
    target = Target(section.name, section.kind, section.labels)
    scan = Scan(target, policy, finder(DETECTORS), arguments.rows, arguments.seconds)
    try:
        proposals = ask_target(where, section, scan.run)
    except CredentialError as error:
        raise CommandError(str(error), HINT_CREDENTIAL) from None
    if arguments.json:
        print_json(proposals.document())
    else:
        print(proposals.toml(), end="")
    return DONE


class Scan:
    """One look at a database.

    Args:
        target: Whose database it is.
        policy: Whose masks hide some of it already.
        find: Finds what is sensitive in a text.
        rows: At most so many of each table.
        seconds: For all of it.
    """

    def __init__(self, target: Target, policy: Policy, find: Finder, rows: int, seconds: int) -> None:
        self._target = target
        self._policy = policy
        self._find = find
        self._rows = rows
        self._deadline = time.monotonic() + seconds

    async def run(self, ask: Ask) -> Proposals:
        """Samples every table.

        Raises:
            PlaneError: The database cannot be asked what it holds.
        """
        from narrows.gateway.catalogues import catalogue_rows

        catalogue = Catalogue.from_rows(await catalogue_rows(self._target.name, ask))
        samples, left_out = plan_samples(catalogue, await ask(SIZES), self._rows)
        skipped = list(left_out)
        counts: list[ColumnCounts] = []
        for sample in samples:
            seen = {number: ColumnCounts(sample.relation, number) for number in sample.relation.columns}
            counts += seen.values()
            if reason := await self._look(ask, sample, seen):
                skipped.append(Skipped(sample.relation.qualified, f"{reason}; judged by its columns' names"))
        taken = {mask.id for mask in self._policy.masks}
        return propose(self._target.name, counts, self._covered(catalogue), skipped, taken)

    async def _look(self, ask: Ask, sample: Sample, seen: dict[int, ColumnCounts]) -> str:
        """Counts the finds of one table; says why not when it could not."""
        left_ms = int((self._deadline - time.monotonic()) * 1_000)
        if left_ms <= 0:
            return "no time was left"
        if not sample.columns:
            return ""
        try:
            rows = await ask(sample.sql(self._rows, min(left_ms, READ_MS_MAX)))
        except PlaneError as error:
            state = SQLSTATE.search(str(error))  # the server's own words may hold a value
            return f"it could not be read (SQLSTATE {state[1]})" if state else "it could not be read"
        self._count(rows, [seen[number] for number in sample.columns])
        return ""

    def _count(self, rows: Rows, columns: list[ColumnCounts]) -> None:
        for row in rows:
            for value, column in zip(row, columns, strict=True):
                if value is not None:
                    column.values += 1
                    name = column.relation.columns[column.number]
                    column.found.update({detector for detector, _, _ in self._find(value, column=name)})

    def _covered(self, catalogue: Catalogue) -> dict[str, str]:
        hidden = mask_set(self._policy, ANYBODY, self._target, catalogue).hidden
        return {catalogue.column_name(column): found.mask for column, found in hidden.items()}
