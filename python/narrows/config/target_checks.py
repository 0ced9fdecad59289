"""What the types of a target cannot say: what each kind needs, and what only another kind has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from narrows.config.addresses import is_address
from narrows.operation import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.config.targets import CredentialSection, TargetSection

Where = tuple[str | int, ...]
Contradiction = tuple[Where, str]
"""The path of the setting that a contradiction is best mended at, and what it is."""

CLUSTER_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
"""What can stand in a path as it is: clients reach a cluster at `/clusters/NAME`."""
CREDENTIALS = {
    "postgres": ("password", "certificate"),
    "ssh": ("key", "password"),
    "kubernetes": ("token", "certificate", "exec", "service-account"),
}
"""What each kind of target takes."""


def of_target(target: TargetSection) -> Iterator[Contradiction]:
    """Yields every contradiction within a target."""
    if "/" in target.name or not target.name:
        yield ("name",), "a target's name must not be empty or hold a slash"
    if target.credential.kind not in CREDENTIALS[target.kind]:
        kinds = ", ".join(CREDENTIALS[target.kind])
        yield ("credential", "kind"), f"the credential of a {target.kind} target is one of {kinds}"
        return
    if (target.logins or target.host_keys) and target.kind != "ssh":
        yield ("kind",), "logins and host-keys are an ssh target's"
    if target.impersonate and target.kind != "kubernetes":
        yield ("impersonate",), "only a kubernetes target can be told whom it serves"
    yield from {"postgres": _database, "ssh": _host, "kubernetes": _cluster}[target.kind](target)


def _host(target: TargetSection) -> Iterator[Contradiction]:
    if not is_address(target.address):
        yield ("address",), f"`{target.address}` is no address; write host:port"
    if not target.logins:
        yield ("kind",), "an ssh target needs logins, the accounts on it that agents may use"
    for index, login in enumerate(target.logins):
        if not LOGIN.fullmatch(login):
            yield ("logins", index), f"`{login}` is no login name"
    if not target.host_keys:
        yield ("kind",), "an ssh target needs host-keys: a host is never trusted unseen"
    if not target.credential.secret:
        yield ("credential",), 'the credential needs secret, such as "file:keys/web"'


def _database(target: TargetSection) -> Iterator[Contradiction]:
    if not target.address.startswith("unix:/") and not is_address(target.address):
        yield ("address",), f"`{target.address}` is no address; write host:port or unix:/path/of/the/socket"
    if not target.database:
        yield ("kind",), "a postgres target needs database"
    yield from _within("credential", _login(target.credential))


def _cluster(target: TargetSection) -> Iterator[Contradiction]:
    if not CLUSTER_NAME.fullmatch(target.name):
        yield ("name",), "a cluster's name has letters, digits, dots, dashes and underscores only"
    if not is_address(target.address):
        yield ("address",), f"`{target.address}` is no address; write host:port"
    if target.tls == "off":
        yield ("tls",), "an API server is spoken to over TLS only"
    if target.database:
        yield ("database",), "a database is a postgres target's"
    yield from _within("credential", _cluster_credential(target.credential))


def _login(credential: CredentialSection) -> Iterator[Contradiction]:
    if not credential.user:
        yield ("user",), "a postgres credential needs user"
    if credential.kind == "password" and not credential.secret:
        yield ("secret",), 'a password credential needs secret, such as "env:ORDERS_DB_PASSWORD"'
    yield from _pair(credential)


def _cluster_credential(credential: CredentialSection) -> Iterator[Contradiction]:
    if credential.user:
        yield ("user",), "a user is a postgres credential's; a cluster sees who it is from the credential"
    if credential.kind == "token" and not credential.secret:
        yield ("secret",), 'a token credential needs secret, such as "file:keys/prod.token"'
    if credential.kind == "exec" and not credential.command:
        yield ("command",), 'an exec credential needs command, such as ["kubelogin", "get-token"]'
    yield from _pair(credential)


def _pair(credential: CredentialSection) -> Iterator[Contradiction]:
    if credential.kind == "certificate" and not (credential.certificate and credential.key):
        yield ("certificate",), "a certificate credential needs certificate and key"


def _within(setting: str, contradictions: Iterator[Contradiction]) -> Iterator[Contradiction]:
    """The same, with the path of a setting before that of the setting within it."""
    return (((setting, *where), message) for where, message in contradictions)
