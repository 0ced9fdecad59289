"""`narrows policy check | test | explain`: what an author of policy runs before the gateway does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from narrows.config import load as load_config
from narrows.errors import FileError
from narrows.model import Command, Principal, Statement, Target
from narrows.policy.assumed import assumed_catalogue
from narrows.policy.evaluate import Question
from narrows.policy.expectations import check_expectations
from narrows.policy.explain import explain
from narrows.policy.language import load as load_policy
from narrows.policy.ssh.evaluate import CommandQuestion
from narrows.policy.ssh.explain import explain_command

if TYPE_CHECKING:
    import argparse

    from narrows.policy.expectations import Outcome
    from narrows.policy.explain import Explanation
    from narrows.policy.rules import Policy
    from narrows.policy.ssh.explain import CommandExplanation

DONE = 0
FAILED = 1
DEFAULT_CONFIG = "narrows.toml"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `policy` and its commands to the main parser; each sets `run`."""
    policy = subparsers.add_parser("policy")
    commands = policy.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="read a policy and report every problem, with file and line")
    check.set_defaults(run=check_policies)
    test = commands.add_parser("test", help="check that every [[expect]] gets the decision it names")
    test.set_defaults(run=test_policies)
    for parser in (check, test):
        parser.add_argument(
            "directories", nargs="*", type=Path, metavar="DIRECTORY", help="policy directories"
        )
    explained = commands.add_parser(
        "explain",
        help="show how a statement or a command would be decided, and why",
    )
    explained.set_defaults(run=explain_operation)
    explained.add_argument("text", metavar="SQL|COMMAND", nargs="+", help="a command goes after `--`")
    explained.add_argument(
        "--as", dest="login", metavar="LOGIN", help="the text is a command, as this account"
    )
    explained.add_argument("--policies", dest="directories", action="append", type=Path, metavar="DIRECTORY")
    _add_question(explained)
    for parser in (check, test, explained):
        parser.add_argument(
            "--config", type=Path, default=Path(DEFAULT_CONFIG), help="where `policies` is looked up"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")


def check_policies(arguments: argparse.Namespace) -> int:
    """Loads each policy; the exit code is 1 when one cannot be used."""
    good = True
    for directory in _directories(arguments):
        policy = _load(directory, as_json=arguments.json)
        good = good and policy is not None
        if policy and arguments.json:
            print(json.dumps({"directory": str(directory), **_counts(policy)}))
        elif policy:
            counts = ", ".join(
                f"{count} {name}" for name, count in _counts(policy).items() if name != "version"
            )
            print(f"{directory}: policy {policy.version}: {counts}")
    return DONE if good else FAILED


def test_policies(arguments: argparse.Namespace) -> int:
    """Puts each policy's expectations to it; the exit code is 1 when one is not met."""
    good = True
    for directory in _directories(arguments):
        policy = _load(directory, as_json=arguments.json)
        outcomes = check_expectations(policy) if policy else ()
        good = good and policy is not None and all(outcome.met for outcome in outcomes)
        for outcome in outcomes:
            if arguments.json:
                print(json.dumps(_outcome_document(outcome)))
            elif not outcome.met:
                place = outcome.expectation.place
                print(f"{place.file}:{place.line}: {outcome.difference}", file=sys.stderr)
        if policy and not arguments.json:
            print(
                f"{directory}: {sum(outcome.met for outcome in outcomes)} of {len(outcomes)} expectations met"
            )
    return DONE if good else FAILED


def explain_operation(arguments: argparse.Namespace) -> int:
    """Explains one statement or command; the exit code is 1 only when the policy cannot be used."""
    for directory in _directories(arguments):
        policy = _load(directory, as_json=arguments.json)
        if policy is None:
            return FAILED
        explanation = _explanation(arguments, policy)
        print(json.dumps(explanation.document()) if arguments.json else explanation.text())
    return DONE


def _explanation(arguments: argparse.Namespace, policy: Policy) -> Explanation | CommandExplanation:
    principal = _principal(arguments, policy)
    labels = dict(arguments.label)
    text = " ".join(arguments.text)
    if arguments.login is not None:
        target = Target(arguments.target, "ssh", labels)
        return explain_command(policy, CommandQuestion(principal, target, Command(text, arguments.login)))
    target = Target(arguments.target, "postgres", labels)
    catalogue = assumed_catalogue(policy, text)
    return explain(policy, Question(principal, target, Statement(text), catalogue))


def _add_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", required=True, help="the target's name")
    parser.add_argument("--label", action="append", default=[], type=_label, metavar="NAME=VALUE")
    parser.add_argument("--issuer", default="", help="needed only where the policy speaks of several")
    parser.add_argument("--tenant", default="")
    parser.add_argument("--object", default="", help="the principal's object id")
    parser.add_argument("--app", default="", help="the client application's id")
    parser.add_argument("--kind", choices=("app", "user"), default="app")
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--role", action="append", default=[])


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise ValueError(text)
    return name, value


def _principal(arguments: argparse.Namespace, policy: Policy) -> Principal:
    issuers = {principals.issuer for principals in policy.principals.values()}
    return Principal(
        issuer=arguments.issuer or min(issuers, default=""),
        tenant=arguments.tenant,
        object_id=arguments.object,
        kind=arguments.kind,
        app=arguments.app,
        groups=frozenset(arguments.group),
        roles=frozenset(arguments.role),
    )


def _directories(arguments: argparse.Namespace) -> list[Path]:
    """The directories named, or else the one that the configuration names."""
    if arguments.directories:
        return list(arguments.directories)
    config: Path = arguments.config
    try:
        return [config.parent / load_config(config).gateway.policies]
    except FileError as error:
        print(error, file=sys.stderr)
        raise SystemExit(FAILED) from error


def _load(directory: Path, *, as_json: bool) -> Policy | None:
    try:
        return load_policy(directory)
    except FileError as error:
        if as_json:
            problems = [{"file": str(p.file), "line": p.line, "message": p.message} for p in error.problems]
            print(json.dumps({"directory": str(directory), "problems": problems}))
        else:
            print(error, file=sys.stderr)
        return None


def _counts(policy: Policy) -> dict[str, int | str]:
    return {
        "version": policy.version,
        "rules": len(policy.rules),
        "masks": len(policy.masks),
        "expectations": len(policy.expectations),
    }


def _outcome_document(outcome: Outcome) -> dict[str, object]:
    expectation = outcome.expectation
    return {
        "file": str(expectation.place.file),
        "line": expectation.place.line,
        expectation.operation.kind: expectation.operation.text,
        "target": expectation.target.name,
        "expected": expectation.effect.value,
        "effect": outcome.decision.effect.value,
        "rule": outcome.decision.rule,
        "reason": outcome.decision.reason,
        "met": outcome.met,
    }
