"""The one configuration file, parsed once into types; unknown keys are errors with file and line."""

from __future__ import annotations

import socket
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from narrows.config_checks import contradictions
from narrows.errors import ConfigError, Problem
from narrows.toml_lines import Lines, split_message, syntax_line

if TYPE_CHECKING:
    from pathlib import Path


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    """A table of the configuration; what it does not know, it refuses."""


class GatewaySection(Section, frozen=True, kw_only=True):
    """`[gateway]`: where state and policy live. Paths are relative to the configuration file."""

    state: str = "state"
    policies: str = "policies"
    public_url: str = ""
    """The console's address as people and commands reach it. Empty: the listener's own."""
    store: str = ""
    """A reference to the `postgresql://` address of a store for many nodes. Empty: SQLite in `state`."""
    node: str = ""
    """This gateway's name among those that share a store. Empty: the host's name."""


class ListenSection(Section, frozen=True, kw_only=True):
    """`[listen]`: one address per protocol; an absent one is not served."""

    postgres: str | None = None
    ssh: str | None = None
    kubernetes: str | None = None
    console: str | None = None


class TlsSection(Section, frozen=True, kw_only=True):
    """`[tls]`: PEM files for the listeners. Absent: a local CA is made in the state directory."""

    certificate: str
    key: str


class IssuerSection(Section, frozen=True, kw_only=True):
    """`[[issuer]]`: whose tokens are accepted."""

    name: str
    kind: Literal["entra", "oidc"]
    audiences: list[str]
    tenant: str = ""
    """entra: the tenant's id (a GUID)."""
    authority: str = "https://login.microsoftonline.com"
    """entra: the cloud's host; only a sovereign cloud or an emulator differs."""
    accept_v1: bool = False
    """entra: also accept v1.0 access tokens."""
    issuer: str = ""
    """oidc: the exact `iss`."""
    jwks_uri: str = ""
    """oidc: where the keys are; empty: from the issuer's discovery document."""
    jwks_file: str = ""
    """oidc: a file of keys instead, for issuers that cannot be reached."""
    algorithms: list[str] = msgspec.field(default_factory=lambda: ["RS256"])
    types: list[str] = msgspec.field(default_factory=lambda: ["JWT", "at+jwt"])
    """Accepted `typ` headers."""
    subject: str = "sub"
    """oidc: the claim that is the immutable id."""
    groups: str = "groups"
    roles: str = "roles"
    """oidc: the claims that hold groups and roles."""
    required: dict[str, str] = msgspec.field(default_factory=dict)
    """oidc: claims that every token must bear, with their exact values."""
    people: dict[str, str] = msgspec.field(default_factory=dict)
    """oidc: claims, with their exact values, that mark a person. Empty: every principal is a workload."""
    strong_clients: bool = False
    """entra: refuse clients that logged in with a shared secret instead of a certificate or federation."""
    token_age_max_s: int = 86_400
    leeway_s: int = 60
    ca: str = ""
    """PEM file of the CA that the issuer's TLS certificate must chain to; empty: the system's."""


class CredentialSection(Section, frozen=True, kw_only=True):
    """`credential` of a target: what the gateway presents upstream. The agent never sees it."""

    kind: Literal["password", "certificate", "key"]
    user: str = ""
    """postgres: the role."""
    secret: str = ""
    """A reference, never a value: `env:NAME` or `file:PATH`. key: to a private key in OpenSSH's format."""
    certificate: str = ""
    key: str = ""


class TargetSection(Section, frozen=True, kw_only=True):
    """`[[target]]`: a protected database, host or cluster."""

    name: str
    kind: Literal["postgres", "ssh", "kubernetes"]
    address: str
    """`host:port`, or `unix:/path/to/.s.PGSQL.5432` for a local socket."""
    database: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    credential: CredentialSection
    tls: Literal["verify-full", "off"] = "verify-full"
    """`off` is accepted for loopback and unix addresses only."""
    ca: str = ""
    """PEM file of the CA for the target's certificate; empty: the system's."""
    server_name: str = ""
    """The name that the target's certificate must bear; empty: the host of `address`."""
    logins: list[str] = msgspec.field(default_factory=list)
    """ssh: the accounts on it that the credential is for."""
    host_keys: list[str] = msgspec.field(default_factory=list)
    """ssh: its keys, as in a known_hosts file without the names; `@cert-authority` before a CA's."""


class SessionsSection(Section, frozen=True, kw_only=True):
    """`[sessions]`: bounds on connections and time."""

    connections_max: int = 10_000
    handshake_deadline_ms: int = 10_000
    ask_deadline_ms: int = 5_000
    session_max_s: int = 86_400
    drain_deadline_ms: int = 5_000
    """How long running sessions may finish in after a stop is asked for."""


class JournalSection(Section, frozen=True, kw_only=True):
    """`[journal]`: how recordings are kept, and how anybody can tell that they are whole."""

    durability: Literal["write", "fsync"] = "write"
    """When something is recorded: once written (survives kill -9), or once synced (a power cut too)."""
    segment_bytes_max: int = 268_435_456
    segment_age_max_s: int = 60
    """A segment is sealed and a checkpoint made when it has this size or this age."""
    origin: str = ""
    """What the log is called in checkpoints, such as gateway.example.com/journal. Empty: from its key."""
    encryption_keys: list[str] = msgspec.field(default_factory=list)
    """Files of 32 random bytes. The first encrypts new sessions, all decrypt. Empty: no encryption."""
    checkpoint_directories: list[str] = msgspec.field(default_factory=list)
    """Where checkpoints are published, one file each: places that the gateway cannot change afterwards."""
    checkpoint_notifiers: list[str] = msgspec.field(default_factory=list)
    """Names of webhook notifiers that are sent each checkpoint."""


class TicketsSection(Section, frozen=True, kw_only=True):
    """`[tickets]`: short secrets standing for a verified token."""

    lifetime_s: int = 300
    uses_max: int = 1


class ConsoleSection(Section, frozen=True, kw_only=True):
    """`[console]`: who may operate the gateway, and how people sign in to its web pages."""

    client_id: str = ""
    """What the issuer calls the console. Empty: there are no web pages, only the HTTP API."""
    client_secret: str = ""
    """A reference, never a value. Empty: a public client."""
    issuer: str = ""
    """The name of the issuer where people sign in. Empty: the only one."""
    operator_groups: list[str] = msgspec.field(default_factory=list)
    operator_roles: list[str] = msgspec.field(default_factory=list)
    strong_methods: list[str] = msgspec.field(default_factory=list)
    """Of a fresh sign-in, one of these must be in its `amr`, `acr` or `acrs`. Empty: any way will do."""


class ApprovalsSection(Section, frozen=True, kw_only=True):
    """`[approvals]`: how much one principal may ask of people."""

    pending_max: int = 20
    """Requests of one principal that may wait at a time."""
    requests_per_minute_max: int = 30
    open_transaction_wait_max_s: int = 300
    """How long a statement inside a transaction may be held: its locks are held as long."""


class ChatPersonSection(Section, frozen=True, kw_only=True):
    """`[[notifier.person]]`: whom of an issuer's people a member of a chat is.

    The configuration vouches for it, groups and roles included: a chat cannot say what the issuer would.
    """

    team: str
    user: str
    """The chat's own ids of workspace and member, such as T024BE7LD and U2147483697."""
    issuer: str
    tenant: str
    object: str
    name: str = ""
    groups: list[str] = msgspec.field(default_factory=list)
    roles: list[str] = msgspec.field(default_factory=list)


class NotifierSection(Section, frozen=True, kw_only=True):
    """`[[notifier]]`: a channel that tells approvers; a rule's `notify` names it."""

    name: str
    kind: Literal["webhook", "slack", "teams", "email"]
    url: str = ""
    """webhook, slack, teams: a reference to the address, which is a secret: `env:NAME` or `file:PATH`. With a
    `token`, where Slack's API is; empty: where it is."""
    token: str = ""
    """slack: a reference to the app's bot token, in place of `url`: messages change once they are decided."""
    channel: str = ""
    """slack, with `token`: the channel's id."""
    secret: str = ""
    """A reference to webhook: the signing key (whsec_…); slack: the signing secret; email: the password."""
    allow_private: bool = False
    """Whether the address may be inside the network."""
    ca: str = ""
    """PEM file of the CA that the channel's certificate must chain to; empty: the system's."""
    server: str = ""
    """email: `host:port` of the server that takes the mail."""
    tls: Literal["starttls", "tls", "off"] = "starttls"
    """email: `off` is accepted for loopback addresses only."""
    user: str = ""
    """email: the login, where the server wants one."""
    sender: str = ""
    to: list[str] = msgspec.field(default_factory=list)
    person: list[ChatPersonSection] = msgspec.field(default_factory=list)
    """slack: who may decide with buttons, where the rule lets a chat decide."""


class OwnerSection(Section, frozen=True, kw_only=True):
    """`[[owner]]`: people who own or sponsor an agent and so may not approve for it."""

    agent: str
    """The agent's object id."""
    people: list[str]
    """Their object ids."""


class Config(Section, frozen=True, kw_only=True):
    """The whole configuration file."""

    gateway: GatewaySection = msgspec.field(default_factory=GatewaySection)
    listen: ListenSection = msgspec.field(default_factory=ListenSection)
    tls: TlsSection | None = None
    issuer: list[IssuerSection] = msgspec.field(default_factory=list)
    target: list[TargetSection] = msgspec.field(default_factory=list)
    sessions: SessionsSection = msgspec.field(default_factory=SessionsSection)
    journal: JournalSection = msgspec.field(default_factory=JournalSection)
    tickets: TicketsSection = msgspec.field(default_factory=TicketsSection)
    console: ConsoleSection = msgspec.field(default_factory=ConsoleSection)
    approvals: ApprovalsSection = msgspec.field(default_factory=ApprovalsSection)
    notifier: list[NotifierSection] = msgspec.field(default_factory=list)
    owner: list[OwnerSection] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Located:
    """A configuration and the file it came from, against which its relative paths are resolved."""

    config: Config
    path: Path

    @property
    def base(self) -> Path:
        """The directory of the file, absolute."""
        return self.path.resolve().parent

    @property
    def state(self) -> Path:
        """The state directory: store, journal, local CA, keys."""
        return self.base / self.config.gateway.state

    @property
    def policies(self) -> Path:
        """The policy directory."""
        return self.base / self.config.gateway.policies

    @property
    def store(self) -> Path:
        """The SQLite database of a gateway with a store of its own."""
        return self.state / "narrows.db"

    @property
    def node(self) -> str:
        """This gateway's name among those that share a store; empty where it shares none."""
        gateway = self.config.gateway
        return (gateway.node or socket.gethostname()) if gateway.store else ""

    @property
    def journal(self) -> Path:
        """The directory of the journal."""
        return self.state / "journal"

    @property
    def journal_key(self) -> Path:
        """What the journal's checkpoints are signed with."""
        return self.state / "journal.key"

    @property
    def encryption_keys(self) -> list[Path]:
        """What recordings are encrypted and decrypted with."""
        return [self.base / file for file in self.config.journal.encryption_keys]


def locate(path: Path) -> Located:
    """Reads and checks the configuration; see `load`."""
    return Located(load(path), path)


def load(path: Path) -> Config:
    """Reads and checks the configuration.

    Args:
        path: The TOML file.

    Returns:
        The configuration, every path in it still as written.

    Raises:
        ConfigError: It cannot be read, is not TOML, or something in it is not known or not right.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Problem(path, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(path, 0, "is not UTF-8 text")]) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem(path, syntax_line(str(error), text), f"is not TOML: {error}")]) from error
    lines = Lines(text)
    try:
        config = msgspec.convert(document, Config)
    except msgspec.ValidationError as error:
        message, where = split_message(str(error))
        raise ConfigError([Problem(path, lines.of(where), message)]) from error
    problems = [Problem(path, lines.of(where), message) for where, message in contradictions(config)]
    if problems:
        raise ConfigError(problems)
    return config
