"""The tables of the configuration as types; what they cannot say is in `checks`."""

from __future__ import annotations

from typing import Literal

import msgspec

from narrows.config.section import Section
from narrows.config.targets import TargetSection  # noqa: TC001, read at run time to decode


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
    checkpoint_store: str = ""
    """An object store where they are published too, as `[storage]` has it: its url, such as s3://bucket/prefix.
    Empty: none."""
    checkpoint_store_options: dict[str, str] = msgspec.field(default_factory=dict)
    checkpoint_store_secrets: dict[str, str] = msgspec.field(default_factory=dict)
    """References, by obstore's names. Left out: the machine's identity."""
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
    metrics_token: str = ""
    """A reference to the bearer token that reads `/metrics`, and nothing else. Empty: no such page."""


class RecordingsSection(Section, frozen=True, kw_only=True):
    """`[recordings]`: who may read what was recorded. With neither set: operators."""

    reader_groups: list[str] = msgspec.field(default_factory=list)
    reader_roles: list[str] = msgspec.field(default_factory=list)


class RetentionSection(Section, frozen=True, kw_only=True):
    """`[[retention]]`: how long recordings are kept. The first section that fits a session decides."""

    name: str
    keep_days: int
    """After the session's end."""
    targets: list[str] = msgspec.field(default_factory=list)
    """Empty: every target."""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    """That the target must have. Empty: any."""


class StorageSection(Section, frozen=True, kw_only=True):
    """`[storage]`: where sealed segments of the journal go. Absent: they stay on this node."""

    url: str
    """`s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix` or `file:///directory`; the
    prefix is for this node alone."""
    options: dict[str, str] = msgspec.field(default_factory=dict)
    """Settings of the object store, such as `region` and `endpoint`, by obstore's names."""
    secrets: dict[str, str] = msgspec.field(default_factory=dict)
    """The same for secrets: references. Empty: what the machine's own identity gives."""
    keep_local_s: int = 604_800
    """How long a segment stays on this node too."""


class ExportSection(Section, frozen=True, kw_only=True):
    """`[[export]]`: a system that is sent what was recorded, as it happens."""

    name: str
    kind: Literal["syslog", "http", "otlp"]
    format: Literal["ocsf", "jsonl"] = "ocsf"
    address: str = ""
    """syslog: `host:port` of the receiver, which must speak TLS."""
    url: str = ""
    """http, otlp: a reference to the address, which may be a secret: `env:NAME` or `file:PATH`."""
    token: str = ""
    """http, otlp: a reference to a bearer token."""
    ca: str = ""
    """PEM file of the CA that its certificate must chain to; empty: the system's."""


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
    recordings: RecordingsSection = msgspec.field(default_factory=RecordingsSection)
    retention: list[RetentionSection] = msgspec.field(default_factory=list)
    storage: StorageSection | None = None
    export: list[ExportSection] = msgspec.field(default_factory=list)
    approvals: ApprovalsSection = msgspec.field(default_factory=ApprovalsSection)
    notifier: list[NotifierSection] = msgspec.field(default_factory=list)
    owner: list[OwnerSection] = msgspec.field(default_factory=list)
