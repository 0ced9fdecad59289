"""What the types of the configuration cannot say: settings that need, exclude or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from narrows.config.addresses import is_address, is_loopback
from narrows.config.target_checks import of_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.config.sections import (
        Config,
        ExportSection,
        IssuerSection,
        NotifierSection,
        StorageSection,
    )
    from narrows.config.target_checks import Contradiction

LISTENERS = ("postgres", "ssh", "kubernetes", "console")
STORAGE_SCHEMES = ("s3", "az", "gs", "file")
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
        yield from ((("target", index, *where), message) for where, message in of_target(target))
    yield from _console(config)
    yield from _repeated("notifier", [notifier.name for notifier in config.notifier])
    for index, notifier in enumerate(config.notifier):
        yield from ((("notifier", index, *where), message) for where, message in _notifier(notifier))
        known = {issuer.name for issuer in config.issuer}
        for number, person in enumerate(notifier.person):
            if person.issuer not in known:
                where = ("notifier", index, "person", number, "issuer")
                yield where, f"there is no issuer named `{person.issuer}`"
    yield from _retention(config)
    if config.storage is not None:
        yield from _storage(config.storage)
    yield from _repeated("export", [export.name for export in config.export])
    for index, export in enumerate(config.export):
        yield from ((("export", index, *where), message) for where, message in _export(export))
    yield from _journal(config)
    yield from _bounds(config)


def _listeners(config: Config) -> Iterator[Contradiction]:
    for name in LISTENERS:
        address = getattr(config.listen, name)
        if address is None:
            continue
        if not is_address(address):
            yield ("listen", name), f"`{address}` is no address; write host:port"
    if not any(getattr(config.listen, name) for name in LISTENERS):
        yield ("listen",), "nothing is listened on; set postgres, ssh, kubernetes or console"


def _issuer(issuer: IssuerSection) -> Iterator[Contradiction]:
    if not issuer.audiences:
        yield ("audiences",), "name at least one audience; without one a token for anybody would do"
    if issuer.kind == "entra" and not issuer.tenant:
        yield ("kind",), "an entra issuer needs tenant, the id of the directory"
    if issuer.kind == "oidc" and not issuer.issuer:
        yield ("kind",), "an oidc issuer needs issuer, the exact iss of its tokens"
    if issuer.jwks_uri and issuer.jwks_file:
        yield ("jwks-file",), "give jwks-uri or jwks-file, not both"


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


def _retention(config: Config) -> Iterator[Contradiction]:
    yield from _repeated("retention", [rule.name for rule in config.retention])
    names = [target.name for target in config.target]
    for index, rule in enumerate(config.retention):
        if rule.keep_days < 1:
            yield ("retention", index, "keep-days"), "must be at least 1"
        for number, target in enumerate(rule.targets):
            if target not in names:
                yield ("retention", index, "targets", number), f"there is no target named `{target}`"
    if config.retention and not config.journal.encryption_keys:
        yield (
            ("retention", 0),
            "set encryption-keys in [journal]: what is deleted of a recording is its key",
        )


def _storage(storage: StorageSection) -> Iterator[Contradiction]:
    if storage.url.partition("://")[0] not in STORAGE_SCHEMES:
        yield ("storage", "url"), f"must start with {', '.join(f'{each}://' for each in STORAGE_SCHEMES)}"
    if both := set(storage.options) & set(storage.secrets):
        yield ("storage", "options"), f"{min(both)} is in options and in secrets"
    if storage.keep_local_s < 0:
        yield ("storage", "keep-local-s"), "must be at least 0"


def _export(export: ExportSection) -> Iterator[Contradiction]:
    if not export.name:
        yield ("name",), "an export needs a name"
    if export.kind == "syslog":
        if not is_address(export.address):
            yield ("kind",), "a syslog export needs address, as host:port"
        if export.url or export.token:
            yield ("kind",), "a syslog export has neither url nor token"
    elif not export.url:
        yield ("kind",), f"an {export.kind} export needs url, a reference such as env:SIEM_URL"


def _journal(config: Config) -> Iterator[Contradiction]:
    webhooks = [notifier.name for notifier in config.notifier if notifier.kind == "webhook"]
    for index, name in enumerate(config.journal.checkpoint_notifiers):
        if name not in webhooks:
            yield ("journal", "checkpoint-notifiers", index), f"there is no webhook notifier named `{name}`"
    if any(letter.isspace() or letter == "+" for letter in config.journal.origin):
        yield ("journal", "origin"), "must have neither spaces nor a plus"


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
