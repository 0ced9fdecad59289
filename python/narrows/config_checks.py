"""What the types of the configuration cannot say: settings that need, exclude or contradict each other."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from narrows.operation import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.config import Config, CredentialSection, IssuerSection, NotifierSection, TargetSection

Where = tuple[str | int, ...]
Contradiction = tuple[Where, str]

NOT_SERVED = "is not served by this version of Narrows"
PORT_MAX = 65_535
UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104, addresses that no browser can dial


def contradictions(config: Config) -> Iterator[Contradiction]:
    """Yields every contradiction with the path of the setting that it is best mended at."""
    yield from _listeners(config)
    if not config.issuer:
        yield (), "there is no [[issuer]], so nobody could authenticate"
    yield from _repeated("issuer", [issuer.name for issuer in config.issuer])
    for index, issuer in enumerate(config.issuer):
        yield from ((("issuer", index, *where), message) for where, message in _issuer(issuer))
    yield from _repeated("target", [target.name for target in config.target])
    for index, target in enumerate(config.target):
        yield from ((("target", index, *where), message) for where, message in _target(target))
    yield from _console(config)
    yield from _repeated("notifier", [notifier.name for notifier in config.notifier])
    for index, notifier in enumerate(config.notifier):
        yield from ((("notifier", index, *where), message) for where, message in _notifier(notifier))
        known = {issuer.name for issuer in config.issuer}
        for number, person in enumerate(notifier.person):
            if person.issuer not in known:
                where = ("notifier", index, "person", number, "issuer")
                yield where, f"there is no issuer named `{person.issuer}`"
    yield from _journal(config)
    yield from _bounds(config)


def is_address(text: str) -> bool:
    """Whether a text is `host:port` with a port that exists; port 0 lets the system choose."""
    host, colon, port = text.rpartition(":")
    return bool(host and colon) and port.isascii() and port.isdigit() and int(port) <= PORT_MAX


def _listeners(config: Config) -> Iterator[Contradiction]:
    for name in ("postgres", "ssh", "kubernetes", "console"):
        address = getattr(config.listen, name)
        if address is None:
            continue
        if name == "kubernetes":
            yield ("listen", name), f"{name} {NOT_SERVED}"
        elif not is_address(address):
            yield ("listen", name), f"`{address}` is no address; write host:port"
    if (config.listen.postgres, config.listen.ssh, config.listen.console) == (None, None, None):
        yield ("listen",), "nothing is listened on; set postgres, ssh or console"


def _issuer(issuer: IssuerSection) -> Iterator[Contradiction]:
    if not issuer.audiences:
        yield ("audiences",), "name at least one audience; without one a token for anybody would do"
    if issuer.kind == "entra" and not issuer.tenant:
        yield ("kind",), "an entra issuer needs tenant, the id of the directory"
    if issuer.kind == "oidc" and not issuer.issuer:
        yield ("kind",), "an oidc issuer needs issuer, the exact iss of its tokens"
    if issuer.jwks_uri and issuer.jwks_file:
        yield ("jwks-file",), "give jwks-uri or jwks-file, not both"


def _target(target: TargetSection) -> Iterator[Contradiction]:
    if target.kind == "kubernetes":
        yield ("kind",), f"{target.kind} {NOT_SERVED}"
        return
    if "/" in target.name or not target.name:
        yield ("name",), "a target's name must not be empty or hold a slash"
    yield from _host(target) if target.kind == "ssh" else _database(target)


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
    if target.credential.kind == "certificate":
        yield ("credential", "kind"), "an ssh target takes a key or a password"
    elif not target.credential.secret:
        yield ("credential",), 'the credential needs secret, such as "file:keys/web"'


def _database(target: TargetSection) -> Iterator[Contradiction]:
    if not target.address.startswith("unix:/") and not is_address(target.address):
        yield ("address",), f"`{target.address}` is no address; write host:port or unix:/path/of/the/socket"
    if not target.database:
        yield ("kind",), "a postgres target needs database"
    if target.logins or target.host_keys:
        yield ("kind",), "logins and host-keys are an ssh target's"
    yield from ((("credential", *where), message) for where, message in _credential(target.credential))


def _credential(credential: CredentialSection) -> Iterator[Contradiction]:
    if credential.kind == "key":
        yield ("kind",), "a key is an ssh target's credential"
    elif not credential.user:
        yield ("user",), "a postgres credential needs user"
    if credential.kind == "password" and not credential.secret:
        yield ("secret",), 'a password credential needs secret, such as "env:ORDERS_DB_PASSWORD"'
    if credential.kind == "certificate" and not (credential.certificate and credential.key):
        yield ("certificate",), "a certificate credential needs certificate and key"


def _console(config: Config) -> Iterator[Contradiction]:
    public_url, console = config.gateway.public_url, config.console
    parts = urlsplit(public_url)
    if public_url and (parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query):
        yield ("gateway", "public-url"), "must be https://host or https://host:port"
    if not console.client_id:
        if console.client_secret or console.issuer:
            yield ("console",), "client-secret and issuer are of no use without client-id"
        return
    if config.listen.console is None:
        yield (
            ("console", "client-id"),
            "there is no console to sign in to; set console in [listen]",
        )
    elif not public_url and config.listen.console.rpartition(":")[0].strip("[]") in UNSPECIFIED:
        yield (
            ("console", "client-id"),
            "set public-url in [gateway]: browsers need a way back",
        )
    names = [issuer.name for issuer in config.issuer]
    if console.issuer and console.issuer not in names:
        yield ("console", "issuer"), f"there is no issuer named `{console.issuer}`"
    if not console.issuer and len(names) > 1:
        yield ("console", "client-id"), "there is more than one issuer; name the console's with issuer"


def _notifier(notifier: NotifierSection) -> Iterator[Contradiction]:
    if notifier.kind == "email":
        if not is_address(notifier.server):
            yield ("kind",), "an email notifier needs server, as host:port"
        if not (notifier.sender and notifier.to):
            yield ("kind",), "an email notifier needs sender and to"
        if notifier.tls == "off" and not is_loopback(notifier.server):
            yield ("tls",), "mail goes unencrypted to a loopback address only"
        return
    if notifier.token and not (notifier.kind == "slack" and notifier.channel):
        yield ("token",), "a token is for a slack notifier that names its channel"
    if not (notifier.url or notifier.token):
        yield ("kind",), f"a {notifier.kind} notifier needs url, a reference such as env:DBA_CHANNEL_URL"
    if notifier.kind == "webhook" and not notifier.secret:
        yield ("kind",), "a webhook notifier needs secret, a reference to its signing key"
    if notifier.person and not (notifier.kind == "slack" and notifier.secret):
        yield ("person",), "only a slack notifier with a signing secret lets people decide"


def _journal(config: Config) -> Iterator[Contradiction]:
    webhooks = [notifier.name for notifier in config.notifier if notifier.kind == "webhook"]
    for index, name in enumerate(config.journal.checkpoint_notifiers):
        if name not in webhooks:
            yield ("journal", "checkpoint-notifiers", index), f"there is no webhook notifier named `{name}`"
    if any(letter.isspace() or letter == "+" for letter in config.journal.origin):
        yield ("journal", "origin"), "must have neither spaces nor a plus"


def is_loopback(address: str) -> bool:
    """Whether `host:port` is on this machine, without asking anyone for names."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bounds(config: Config) -> Iterator[Contradiction]:
    for section in ("sessions", "journal", "tickets", "approvals"):
        settings = getattr(config, section)
        for name in settings.__struct_fields__:
            value = getattr(settings, name)
            if isinstance(value, int) and value < 1:
                yield (section, name.replace("_", "-")), "must be at least 1"


def _repeated(kind: str, names: list[str]) -> Iterator[Contradiction]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (kind, index, "name"), f"there is another {kind} named `{name}`"
