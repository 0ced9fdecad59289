"""`narrows policy explain`: how something that somebody would do would be decided, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.catalogue import add_catalogue, ask_catalogue, read_catalogue, section_of
from narrows.cli.claims import add_claims, principal_of
from narrows.cli.errors import CommandError
from narrows.cli.options import add_config, add_json, located
from narrows.model import Statement, Target
from narrows.operation import KINDS
from narrows.policy.explain import explain
from narrows.policy.imagined import KINDS_ON, NotImaginable, operation_on
from narrows.policy.language import load as load_policy
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.policy.postgres.catalogue import Catalogue
from narrows.policy.tables import ImaginedTable

if TYPE_CHECKING:
    import argparse

    from narrows.config import Located
    from narrows.policy.rules import Policy

DONE = 0
ARTICLES = {
    "statement": "SQL",
    "command": "a command",
    "transfer": "a transfer, such as `read /srv/x`",
    "forward": "a forward, such as `db:5432`",
    "call": "an API call, such as `GET /api/v1/namespaces/a/pods`",
}


def add_explain(commands: Any) -> None:
    """Adds `explain` to the commands of `policy`."""
    parser = commands.add_parser(
        "explain",
        help="show how a statement, command, transfer, forward or API call would be decided, and why",
        description="Shows the decision with its rules, and for every column of the result what it derives "
        "from, which masks hide it and what comes out. It goes by what the target's database holds now, "
        "unless told otherwise. What the text is follows from the target: SQL for a database, a command for "
        "a host, an API call for a cluster.",
    )
    parser.add_argument("text", metavar="TEXT", nargs="+", help="a command goes after `--`")
    parser.add_argument("--target", required=True, metavar="NAME", help="the target's name")
    add_claims(parser)
    kinds = parser.add_mutually_exclusive_group()
    for kind in KINDS:
        kinds.add_argument(
            f"--{kind}",
            dest="kind",
            action="store_const",
            const=kind,
            help=f"the text is {ARTICLES[kind]}",
        )
    parser.add_argument(
        "--login", default="", metavar="ACCOUNT", help="the account on a host that it would be as"
    )
    parser.add_argument("--body", type=Path, metavar="FILE", help="what the API call would send")
    parser.add_argument("--content-type", default="", metavar="TYPE", help="its type; JSON where left out")
    add_catalogue(parser)
    parser.add_argument(
        "--policies", type=Path, metavar="DIRECTORY", help="another policy than the configuration's"
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        type=_label,
        metavar="NAME=VALUE",
        help="a label of a target that is not in the configuration",
    )
    add_config(parser)
    add_json(parser)
    parser.set_defaults(run=_explain)


def _explain(arguments: argparse.Namespace) -> int:
    """Explains one operation; how it would be decided does not change the exit code."""
    where = _configuration(arguments)
    policy = load_policy(arguments.policies or _required(where, arguments).policies)
    principal = principal_of(arguments.claims, where, {one.issuer for one in policy.principals.values()})
    target, imagined = _imagined(arguments, where)
    try:
        operation = operation_on(target, imagined)
    except NotImaginable as error:
        kinds = " or ".join(f"--{kind}" for kind in KINDS_ON[target.kind])
        raise CommandError(str(error), f"For {target.name}: {kinds}.") from None
    is_statement = isinstance(operation, Statement)
    catalogue = _catalogue(arguments, where, policy, operation.text) if is_statement else None
    explanation = explain(policy, principal, target, operation, catalogue)
    basis = _basis(arguments) if is_statement else None
    if arguments.json:
        print(json.dumps({"catalogue": basis, **explanation.document()}))
    else:
        print(f"{explanation.text()}; catalogue {basis}" if basis else explanation.text())
    return DONE


def _imagined(arguments: argparse.Namespace, where: Located | None) -> tuple[Target, ImaginedTable]:
    """Where something would be attempted, and what; each says what the other leaves out."""
    sections = where.config.target if where else []
    section = next((section for section in sections if section.name == arguments.target), None)
    written = arguments.kind or ("command" if arguments.login and not section else "")
    meant = next((kind for kind, kinds in KINDS_ON.items() if written in kinds), "postgres")
    target = Target(
        arguments.target,
        section.kind if section else meant,
        {**(section.labels if section else {}), **dict(arguments.label)},
    )
    text = {written or KINDS_ON[target.kind][0]: " ".join(arguments.text)}
    body = _body(arguments.body) if arguments.body else ""
    belongs = {"login": arguments.login, "body": body, "content_type": arguments.content_type}
    return target, ImaginedTable(**text, **belongs)


def _body(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", "Give another file.") from None


def _configuration(arguments: argparse.Namespace) -> Located | None:
    """The configuration, or None where there is none and nothing in it is needed."""
    config: Path = arguments.config
    is_no_statement = arguments.login or arguments.kind not in (None, "statement")
    spared = arguments.policies and (arguments.assume or arguments.catalogue or is_no_statement)
    return None if spared and not config.exists() else located(arguments)


def _required(where: Located | None, arguments: argparse.Namespace) -> Located:
    if where is None:
        raise CommandError(f"there is no {arguments.config}", "Give --config FILE.")
    return where


def _catalogue(arguments: argparse.Namespace, where: Located | None, policy: Policy, text: str) -> Catalogue:
    if arguments.assume:
        return assumed_catalogue(policy, text)
    if arguments.catalogue:
        return read_catalogue(arguments.catalogue)
    there = _required(where, arguments)
    return Catalogue.from_rows(ask_catalogue(there, section_of(there, arguments.target)))


def _basis(arguments: argparse.Namespace) -> str:
    """Where what is known of the target's database comes from."""
    return "assumed" if arguments.assume else "saved" if arguments.catalogue else "asked"


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise ValueError(text)
    return name, value
