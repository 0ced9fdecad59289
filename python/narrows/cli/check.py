"""`narrows check`: whether a gateway could start with this configuration, without starting it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from narrows.cli.options import add_config, located
from narrows.errors import FileError, NarrowsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from narrows.config import Located, TargetSection


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("check")
    add_config(parser)
    parser.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> int:
    try:
        where = located(arguments)
    except FileError as error:
        return _report([str(problem) for problem in error.problems])
    problems = _problems("policy", partial(_policy, where)) + _problems("issuer", partial(_issuers, where))
    for target in where.config.target:
        problems += _problems(f"target {target.name}", partial(_credential, where, target))
    if where.config.tls is not None:
        problems += _problems("tls", partial(_certificate, where))
    return _report(problems)


def _problems(what: str, check: Callable[[], object]) -> list[str]:
    try:
        check()
    except FileError as error:
        return [str(problem) for problem in error.problems]
    except NarrowsError as error:
        return [str(error) if str(error).startswith(what) else f"{what}: {error}"]
    return []


def _policy(where: Located) -> None:
    from narrows.policy import language

    language.load(where.policies)


def _issuers(where: Located) -> None:
    from narrows.identity.authenticate import issuers_of
    from narrows.identity.issuer import check_section

    for issuer in issuers_of(where.config, where.base):
        check_section(issuer.section)


def _credential(where: Located, target: TargetSection) -> None:
    if target.kind == "ssh":
        from narrows.credentials.host import present_host
        from narrows.ssh.connecting import known_hosts_of

        known_hosts_of(present_host(target, where.base))
        return
    if target.kind == "kubernetes":
        import trio

        from narrows.credentials.cluster import ClusterCredentials
        from narrows.gateway.clusters.api_server import check_terms

        check_terms(trio.run(ClusterCredentials(where.base).present, target))
        return
    from narrows.credentials.present import present

    present(target, where.base)


def _certificate(where: Located) -> None:
    from narrows.gateway.secrets import listener_certificate

    listener_certificate(where)


def _report(problems: list[str]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    print("configuration, policy, issuers and credentials are in order")
    return 0
