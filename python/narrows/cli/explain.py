"""`narrows policy explain`: how a statement, command or API call would be decided for somebody, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.catalogue import add_catalogue, ask_catalogue, read_catalogue, section_of
from narrows.cli.claims import add_claims, principal_of
from narrows.cli.errors import CommandError
from narrows.cli.options import add_config, add_json, located
from narrows.model import Command, Statement, Target
from narrows.policy.kubernetes.explain import explain_call
from narrows.policy.kubernetes.reading import CallNotUnderstood, read_call_text
from narrows.policy.language import load as load_policy
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.policy.postgres.catalogue import Catalogue
from narrows.policy.postgres.evaluate import Question
from narrows.policy.postgres.explain import explain
from narrows.policy.ssh.evaluate import CommandQuestion
from narrows.policy.ssh.explain import explain_command

if TYPE_CHECKING:
    import argparse

    from narrows.config import Located
    from narrows.model import Principal
    from narrows.policy.kubernetes.explain import CallExplanation
    from narrows.policy.rules import Policy

DONE = 0


def add_explain(commands: Any) -> None:
    """Adds `explain` to the commands of `policy`."""
    parser = commands.add_parser(
        "explain",
        help="show how a statement, a command or an API call would be decided, and why",
        description="Shows the decision with its rules, and for every column of the result what it derives "
        "from, which masks hide it and what comes out. It goes by what the target's database holds now, "
        "unless told otherwise.",
    )
    parser.add_argument("text", metavar="SQL|COMMAND|CALL", nargs="+", help="a command goes after `--`")
    parser.add_argument("--target", required=True, metavar="NAME", help="the target's name")
    add_claims(parser)
    parser.add_argument("--login", metavar="ACCOUNT", help="the text is a command, as this account")
    parser.add_argument(
        "--call", action="store_true", help="the text is an API call, such as `GET /api/v1/namespaces/a/pods`"
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
    text = " ".join(arguments.text)
    if arguments.login is not None:
        target = _target(arguments, where, "ssh")
        command = explain_command(policy, CommandQuestion(principal, target, Command(text, arguments.login)))
        print(json.dumps(command.document()) if arguments.json else command.text())
        return DONE
    if arguments.call:
        call = _explain_call(arguments, policy, principal, _target(arguments, where, "kubernetes"))
        print(json.dumps(call.document()) if arguments.json else call.text())
        return DONE
    catalogue = _catalogue(arguments, where, policy, text)
    question = Question(principal, _target(arguments, where, "postgres"), Statement(text), catalogue)
    explanation = explain(policy, question)
    basis = "assumed" if arguments.assume else "saved" if arguments.catalogue else "asked"
    if arguments.json:
        print(json.dumps({"catalogue": basis, **explanation.document()}))
    else:
        print(f"{explanation.text()}; catalogue {basis}")
    return DONE


def _explain_call(
    arguments: argparse.Namespace, policy: Policy, principal: Principal, target: Target
) -> CallExplanation:
    try:
        body = arguments.body.read_bytes() if arguments.body else b""
        call = read_call_text(" ".join(arguments.text), body, arguments.content_type)
    except OSError as error:
        raise CommandError(
            f"{arguments.body} cannot be read: {error.strerror}", "Give another file."
        ) from None
    except CallNotUnderstood as error:
        raise CommandError(str(error), "Write a method and a path.") from None
    return explain_call(policy, principal, target, call)


def _configuration(arguments: argparse.Namespace) -> Located | None:
    """The configuration, or None where there is none and nothing in it is needed."""
    config: Path = arguments.config
    asks_nobody = arguments.assume or arguments.catalogue or arguments.call or arguments.login is not None
    spared = arguments.policies and asks_nobody
    return None if spared and not config.exists() else located(arguments)


def _required(where: Located | None, arguments: argparse.Namespace) -> Located:
    if where is None:
        raise CommandError(f"there is no {arguments.config}", "Give --config FILE.")
    return where


def _target(arguments: argparse.Namespace, where: Located | None, kind: str) -> Target:
    sections = where.config.target if where else []
    configured = next((section.labels for section in sections if section.name == arguments.target), {})
    return Target(arguments.target, kind, {**configured, **dict(arguments.label)})


def _catalogue(arguments: argparse.Namespace, where: Located | None, policy: Policy, text: str) -> Catalogue:
    if arguments.assume:
        return assumed_catalogue(policy, text)
    if arguments.catalogue:
        return read_catalogue(arguments.catalogue)
    there = _required(where, arguments)
    return Catalogue.from_rows(ask_catalogue(there, section_of(there, arguments.target)))


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise ValueError(text)
    return name, value
