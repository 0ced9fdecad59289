"""The commands' way to a gateway's console."""

from __future__ import annotations

import json
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError
from narrows.cli.options import located, token

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    import httpx

    from narrows.config import Located

DEADLINE_S = 30.0
SILENCE_MAX_S = 45.0
"""A stream that is silent for longer is taken for dead: the gateway says something every 15 s."""
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
    with _console(arguments, DEADLINE_S, bearer=form is None) as client:
        answer = client.request(method, path, json=body, data=form, params=query)
        return _answer(answer, str(client.base_url))


def events(arguments: argparse.Namespace, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields what a stream of server-sent events says, each with its kind, until the stream ends.

    Raises:
        CommandError: It cannot be reached, answers with an error, or falls silent.
    """
    with _console(arguments, SILENCE_MAX_S) as client, client.stream("GET", path) as answer:
        if not answer.is_success:
            answer.read()
            _answer(answer, str(client.base_url))
        kind = ""
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


@contextmanager
def _console(
    arguments: argparse.Namespace, deadline_s: float, *, bearer: bool = True
) -> Iterator[httpx.Client]:
    """A client of the console's API; what goes wrong on the way becomes a CommandError."""
    import httpx  # here, because it takes a while and help needs none

    where = located(arguments)
    url = arguments.url or _url(where)
    headers = {"Authorization": f"Bearer {token(arguments)}"} if bearer else {}
    trust = _trust(arguments, where)
    try:
        with httpx.Client(base_url=url, verify=trust, timeout=deadline_s, headers=headers) as client:
            yield client
    except httpx.HTTPError as error:
        raise CommandError(
            f"the console at {url} cannot be reached: {error}", "Is `narrows serve` running?"
        ) from None


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
    address = listening(where).get("console") or where.config.listen.console
    if not address:
        raise CommandError(
            "the configuration has no console to talk to", "Give --url, or set [listen] console."
        )
    return f"https://{address}"


def listening(where: Located) -> dict[str, str]:
    """What the gateway on this node listens on, by protocol; empty while none runs."""
    try:
        found: dict[str, str] = json.loads((where.state / LISTENERS_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found


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
