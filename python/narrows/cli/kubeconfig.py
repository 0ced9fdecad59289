"""`narrows kubeconfig`: what kubectl and every other client of Kubernetes needs to go through the gateway."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from narrows.cli.client import listening
from narrows.cli.errors import CommandError, UsageError
from narrows.cli.kube_token import API_VERSION, add_source
from narrows.cli.options import add_config, located

if TYPE_CHECKING:
    import argparse

    from narrows.config import Located


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "kubeconfig",
        description="Prints a kubeconfig with a context for each target. Clients get their token from "
        "`narrows kube-token`, so that the file holds no secret.",
        epilog="narrows kubeconfig prod > ~/.kube/narrows; export KUBECONFIG=~/.kube/narrows",
    )
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="clusters of the gateway's (default: all in the configuration)",
    )
    parser.add_argument(
        "--server",
        metavar="URL",
        default="",
        help="the gateway's listener for Kubernetes (default: from the configuration)",
    )
    parser.add_argument(
        "--ca",
        metavar="FILE",
        type=Path,
        help="PEM file of the gateway's CA (default: its local CA, or the system's where [tls] is set)",
    )
    parser.add_argument(
        "--context", metavar="NAME", help="the context of a single target (default: its name)"
    )
    add_source(parser)
    add_config(parser)
    parser.set_defaults(run=_print)


def _print(arguments: argparse.Namespace) -> int:
    import yaml  # here, because it takes a while and help needs none

    where = _configuration(arguments)
    targets = arguments.targets or _clusters(where)
    if arguments.context and len(targets) > 1:
        raise UsageError("--context names one context, and there are several targets")
    server, authority = arguments.server or _server(where), _authority(arguments, where)
    if urlsplit(server).scheme != "https" or not urlsplit(server).hostname:
        raise UsageError(f"--server {server} is no https:// address")
    names = {target: arguments.context or target for target in targets}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": f"{server.rstrip('/')}/clusters/{target}", **authority}}
            for target, name in names.items()
        ],
        "users": [{"name": "narrows", "user": {"exec": _plugin(arguments, where)}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": "narrows"}} for name in names.values()
        ],
        "current-context": names[targets[0]],
    }
    print(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), end="")
    return 0


def _configuration(arguments: argparse.Namespace) -> Located | None:
    """The configuration; agents' own machines need none, where all is given."""
    if arguments.server and arguments.targets and not arguments.config.exists():
        return None
    return located(arguments)


def _clusters(where: Located | None) -> list[str]:
    named = [target.name for target in where.config.target if target.kind == "kubernetes"] if where else []
    if not named:
        raise CommandError("the configuration has no kubernetes target", "Name one, or set [[target]].")
    return named


def _server(where: Located | None) -> str:
    address = where and (listening(where).get("kubernetes") or where.config.listen.kubernetes)
    if not address:
        raise CommandError(
            "the configuration has no listener for Kubernetes", "Give --server, or set [listen] kubernetes."
        )
    return f"https://{address}"


def _authority(arguments: argparse.Namespace, where: Located | None) -> dict[str, str]:
    """The gateway's CA, embedded; nothing where the system's are to be trusted."""
    file: Path | None = arguments.ca
    if file is None and where is not None and where.config.tls is None:
        file = where.state / "ca.pem"
    if file is None:
        return {}
    try:
        return {"certificate-authority-data": base64.b64encode(file.read_bytes()).decode()}
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror or error}", "Give --ca FILE.") from None


def _plugin(arguments: argparse.Namespace, where: Located | None) -> dict[str, Any]:
    """How clients get a token (kubernetes.io, "client-go credential plugins")."""
    return {
        "apiVersion": API_VERSION,
        "command": "narrows",
        "args": ["kube-token", *_source(arguments, where)],
        "interactiveMode": "Never",
        "installHint": "Install Narrows: pip install 'narrows[entra]'",
    }


def _source(arguments: argparse.Namespace, where: Located | None) -> list[str]:
    """Where tokens come from, for whichever directory a client runs in."""
    if arguments.token_command:
        return ["--token-command", arguments.token_command]
    if arguments.token_file:
        return ["--token-file", str(Path(arguments.token_file).resolve())]
    audience = arguments.audience or _audience(where)
    return ["--audience", audience] if audience else []


def _audience(where: Located | None) -> str:
    """What Entra's tokens for the gateway are for, where there is one Entra and it is known."""
    issuers = [issuer for issuer in where.config.issuer if issuer.kind == "entra"] if where else []
    return issuers[0].audiences[0] if len(issuers) == 1 else ""
