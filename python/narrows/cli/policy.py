"""`narrows policy check | test | explain | catalogue`: for authors of policy, before a gateway runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from narrows.cli.catalogue import print_catalogue
from narrows.cli.explain import add_explain
from narrows.cli.options import add_config, add_json, located
from narrows.config import load as load_config
from narrows.errors import FileError
from narrows.policy.expectations import check_expectations
from narrows.policy.language import load as load_policy
from narrows.policy.postgres.trusted import trusted_functions

if TYPE_CHECKING:
    import argparse

    from narrows.policy.expectations import Outcome
    from narrows.policy.rules import Policy

DONE = 0
FAILED = 1


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
        add_config(parser)
        add_json(parser)
    add_explain(commands)
    catalogue = commands.add_parser(
        "catalogue", help="print what a target's database holds, for `explain --catalogue` elsewhere"
    )
    catalogue.add_argument("--target", required=True, metavar="NAME", help="the target's name")
    add_config(catalogue)
    catalogue.set_defaults(run=print_catalogue_of_target)


def check_policies(arguments: argparse.Namespace) -> int:
    """Loads each policy and tells what it trusts; the exit code is 1 when one cannot be used."""
    good = True
    for directory in _directories(arguments):
        policy = _load(directory, as_json=arguments.json)
        good = good and policy is not None
        trusted = trusted_functions(policy) if policy else ()
        if policy and arguments.json:
            warnings = [
                {"file": str(one.place.file), "line": one.place.line, "message": str(one)} for one in trusted
            ]
            print(json.dumps({"directory": str(directory), **_counts(policy), "warnings": warnings}))
        elif policy:
            for one in trusted:
                print(f"{one.place.file}:{one.place.line}: warning: {one}", file=sys.stderr)
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


def print_catalogue_of_target(arguments: argparse.Namespace) -> int:
    """Prints what a target holds."""
    print_catalogue(located(arguments), arguments.target)
    return DONE


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
