"""The commands' way to a gateway's console."""

from __future__ import annotations

import json
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError
from narrows.cli.options import located, token

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    import httpx

    from narrows.config import Located

DEADLINE_S = 30.0
LISTENERS_FILE = "listeners.json"
"""In the state directory: what the running gateway listens on."""


def call(
    arguments: argparse.Namespace,
    method: str,
    path: str,
    *,
    body: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Calls the console's API as whoever `--token-file` or NARROWS_TOKEN stands for.

    Returns:
        The JSON object that it answers with.

    Raises:
        CommandError: It cannot be reached, or answers with an error.
    """
    import httpx  # here, because it takes a while and help needs none

    where = located(arguments)
    url = arguments.url or _url(where)
    headers = {} if form is not None else {"Authorization": f"Bearer {token(arguments)}"}
    with closing(httpx.Client(base_url=url, verify=_trust(arguments, where), timeout=DEADLINE_S)) as client:
        try:
            answer = client.request(method, path, json=body, data=form, params=query, headers=headers)
        except httpx.HTTPError as error:
            raise CommandError(
                f"the console at {url} cannot be reached: {error}", "Is `narrows serve` running?"
            ) from None
    return _answer(answer, url)


def _answer(answer: httpx.Response, url: str) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        raise CommandError(f"{url} answered {answer.status_code} with something other than JSON") from None
    if answer.is_success and isinstance(document, dict):
        return document
    raise CommandError(str(document.get("message", answer.reason_phrase)), str(document.get("hint", "")))


def _url(where: Located) -> str:
    """The configured public address, else what the gateway on this node listens on."""
    if where.config.gateway.public_url:
        return where.config.gateway.public_url
    try:
        listeners = json.loads((where.state / LISTENERS_FILE).read_text())
    except (OSError, ValueError):
        listeners = {}
    address = listeners.get("console") or where.config.listen.console
    if not address:
        raise CommandError(
            "the configuration has no console to talk to", "Give --url, or set [listen] console."
        )
    return f"https://{address}"


def _trust(arguments: argparse.Namespace, where: Located) -> ssl.SSLContext:
    authority = arguments.ca or where.state / "ca.pem"
    if where.config.tls is not None and arguments.ca is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(authority))
    except OSError as error:
        raise CommandError(
            f"{authority} cannot be used as the console's CA: {error.strerror or error}"
        ) from None
