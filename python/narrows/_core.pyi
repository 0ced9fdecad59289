"""The data plane as the control plane sees it. Times are milliseconds since 1970 unless named otherwise.

An *ask* goes up as an event; exactly one of `admit`, `refuse`, `allow`, `deny` answers it. Every answering
method returns False, and does nothing, when the ask is no longer open (answered, withdrawn, timed out).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, final

__all__ = [
    "Actions",
    "ApiCallAsked",
    "ApiCallRead",
    "AskWithdrawn",
    "BundleFrames",
    "CatalogueMoved",
    "ClusterOpenAsked",
    "ClusterUpstream",
    "Detectors",
    "Event",
    "Frame",
    "JournalAlarmed",
    "JournalFailed",
    "ObjectScanner",
    "OpenAsked",
    "ParsedCommand",
    "Plane",
    "PostgresInspector",
    "QueryAnswered",
    "Recording",
    "SessionClosed",
    "SessionOpened",
    "SftpActions",
    "SftpInspector",
    "SimpleCommand",
    "StatementAsked",
    "StreamMasker",
    "StreamMasks",
    "TransferAsked",
    "Upstream",
    "content_key",
    "erase_session",
    "has_placeholder",
    "journal_public_key",
    "parse_command",
    "read_api_call",
    "read_frames",
    "read_journal",
    "session_id",
    "session_name",
    "verify_bundle",
    "verify_journal",
    "write_bundle",
]

_ColumnFields = tuple[Literal["clear", "masked", "whole"], str, int, int, int, int, str]
"""Of one output column: exposure, transform, type OID and modifier, relation OID, attribute number, name."""

_NameFields = tuple[Literal["statements", "portals"], str]
"""A space of names, and a name in it."""

_CopyFields = tuple[Literal["text", "csv", "binary"], str, str, str, str, bool, bool]
"""How COPY data is written: format, delimiter, null, quote, escape, header, force_quote."""

class _Impersonation(TypedDict):
    user: str
    groups: list[str]
    uid: str
    extra: dict[str, list[str]]

@final
class StreamMasks:
    """What is looked for in the streams of one session: known values take milliseconds to compile."""
    def __new__(cls, detectors: Mapping[str, str], exact_values: Sequence[bytes], key: bytes) -> StreamMasks:
        """Args:
            detectors: What is looked for, with its transform. `null` redacts.
            exact_values: Secrets that are known. They are also found in hexadecimal, base64 and
                percent-encoded, each line of them by itself. Those under six bytes are left out.
            key: 32 bytes, for pseudonyms.

        Raises:
            ValueError: A detector or transform is unknown, or the key is not 32 bytes.
        """
    def open(self, *, ansi: bool = False) -> StreamMasker:
        """What masks one stream.

        Args:
            ansi: The stream is a terminal's: finds are seen without control sequences, which stay.
        """

@final
class StreamMasker:
    """One direction of one stream of text (a terminal's output, a log), masked as it passes.

    What comes out depends on the bytes alone and not on where they were cut. Nothing is held back but what
    could still become a find. Safe to call from any thread; one call at a time.
    """
    def feed(self, data: bytes) -> bytes:
        """Takes the next piece and returns what may go on, masked."""
    def finish(self) -> bytes:
        """The stream has ended; returns the rest of it, masked."""
    def held(self) -> int:
        """How many bytes are held back; 16 KiB of text at most."""
    def masked(self) -> dict[str, int]:
        """How many finds have been masked, by detector; known values count as `known`."""

@final
class Upstream:
    """How to reach a target and what to present there. Its repr shows no secret."""
    def __new__(
        cls,
        *,
        address: str,
        database: str,
        user: str,
        secret: bytes | None = None,
        tls: Literal["verify-full", "off"] = "verify-full",
        ca_pem: bytes | None = None,
        server_name: str | None = None,
        certificate_pem: bytes | None = None,
        key_pem: bytes | None = None,
        connect_deadline_ms: int = 10_000,
    ) -> Upstream: ...

@final
class OpenAsked:
    """Someone presents evidence and wants a session."""
    @property
    def ask(self) -> int: ...
    @property
    def session(self) -> int: ...
    @property
    def listener(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def database(self) -> str: ...
    @property
    def parameters(self) -> dict[str, str]: ...
    @property
    def server_name(self) -> str | None: ...
    @property
    def tls_version(self) -> str: ...
    def take_evidence(self) -> bytes:
        """The password that was sent; empty from the second call on. Not part of the repr."""

@final
class StatementAsked:
    """A session wants to run a statement for which no cached verdict holds."""
    @property
    def ask(self) -> int: ...
    @property
    def session(self) -> int: ...
    @property
    def phase(self) -> Literal["query", "parse", "bind", "execute"]: ...
    @property
    def text(self) -> str: ...
    @property
    def parameter_types(self) -> tuple[int, ...]: ...
    @property
    def parameters(self) -> tuple[tuple[int, bytes | None], ...] | None: ...
    @property
    def transaction(self) -> Literal["idle", "open", "failed"]: ...
    @property
    def settings_epoch(self) -> int: ...
    @property
    def policy_epoch(self) -> int: ...
    @property
    def catalogue_epoch(self) -> int: ...

@final
class ClusterUpstream:
    """How to reach a cluster's API server and what to present there. Its repr shows no secret."""
    def __new__(
        cls,
        address: str,
        *,
        server_name: str | None = None,
        ca_pem: bytes | None = None,
        token: bytes | None = None,
        certificate_pem: bytes | None = None,
        key_pem: bytes | None = None,
        impersonate: _Impersonation | None = None,
        connect_deadline_ms: int = 10_000,
        answer_deadline_ms: int = 120_000,
    ) -> ClusterUpstream:
        """Args:
            address: `host:port`.
            server_name: The name that the certificate must bear, where that is not the host.
            ca_pem: What the certificate must lead to; the operating system's roots where it is None.
            token: A bearer token.
            certificate_pem: A client certificate, with `key_pem`.
            impersonate: As whom the cluster is to see the calls.
            connect_deadline_ms: Bound on dialling and TLS together.
            answer_deadline_ms: How long the API server may take to begin an answer, or to go on with one
                that has an end; its own limit is a minute.

        Raises:
            ValueError: It names the field that is wrong.
        """

@final
class ClusterOpenAsked:
    """A connection's first API call on a target: its bearer token wants a session."""
    @property
    def ask(self) -> int: ...
    @property
    def session(self) -> int: ...
    @property
    def listener(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def target(self) -> str:
        """As the path names it."""
    @property
    def server_name(self) -> str | None: ...
    @property
    def tls_version(self) -> str: ...
    @property
    def user_agent(self) -> str:
        """What the client calls itself; empty where it does not."""
    def take_evidence(self) -> bytes:
        """The bearer token; empty from the second call on. Not part of the repr."""

@final
class ApiCallAsked:
    """A session wants to make an API call for which no cached verdict holds.

    The attributes are those of the API server's RequestInfo, with verbs of their own for exec, attach,
    portforward and proxy.
    """
    @property
    def ask(self) -> int: ...
    @property
    def session(self) -> int: ...
    @property
    def method(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def path(self) -> str:
        """Canonical, with the query, as it goes up."""
    @property
    def resource_request(self) -> bool:
        """Whether it is about resources; otherwise only `path` and `verb` mean anything."""
    @property
    def group(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def resource(self) -> str: ...
    @property
    def subresource(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parts(self) -> tuple[str, ...]:
        """The path from the resource on."""
    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """Decoded, in order."""
    @property
    def content_type(self) -> str:
        """Of the body."""
    @property
    def body(self) -> bytes: ...
    @property
    def upgrade(self) -> Literal["", "websocket", "spdy"]: ...
    @property
    def policy_epoch(self) -> int: ...

@final
class AskWithdrawn:
    """An ask needs no answer any more."""
    @property
    def ask(self) -> int: ...
    @property
    def session(self) -> int: ...
    @property
    def reason(self) -> Literal["hang-up", "cancelled", "deadline", "session-closed"]: ...

@final
class SessionOpened:
    """The upstream login succeeded and the agent has been told so."""
    @property
    def session(self) -> int: ...
    @property
    def server_version(self) -> str: ...

@final
class SessionClosed:
    """A connection is over, whether or not a session was ever admitted on it."""
    @property
    def session(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def admitted(self) -> bool: ...
    @property
    def peer(self) -> str: ...
    @property
    def operations(self) -> int: ...
    @property
    def denials(self) -> int: ...
    @property
    def masked_values(self) -> int: ...
    @property
    def bytes_to_agent(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def head(self) -> bytes:
        """The last link of the session's hash chain: 32 bytes."""

@final
class QueryAnswered:
    """A query of the gateway's own has an answer."""
    @property
    def query(self) -> int: ...
    @property
    def rows(self) -> list[tuple[str | None, ...]] | None: ...
    @property
    def error(self) -> str | None: ...

@final
class CatalogueMoved:
    """DDL was seen on a target, or a result named a relation that its masks do not know."""
    @property
    def target(self) -> str: ...
    @property
    def epoch(self) -> int: ...

@final
class JournalFailed:
    """The journal cannot be written: every session is being stopped."""
    @property
    def reason(self) -> str: ...

@final
class JournalAlarmed:
    """Damage was found in the journal, or it cannot be sealed for now. Sessions go on."""
    @property
    def kind(self) -> Literal["damaged", "missing", "unsealed", "torn"]: ...
    @property
    def what(self) -> str: ...

Event = (
    OpenAsked
    | StatementAsked
    | ClusterOpenAsked
    | ApiCallAsked
    | AskWithdrawn
    | SessionOpened
    | SessionClosed
    | QueryAnswered
    | CatalogueMoved
    | JournalFailed
    | JournalAlarmed
)

@final
class Recording:
    """One session's place in the journal, for an engine that moves bytes itself."""
    @property
    def session(self) -> int: ...
    @property
    def frames(self) -> int:
        """Frames written."""
    @property
    def head(self) -> bytes:
        """The last link of the chain."""
    def append(self, kind: str, head: bytes, data: bytes) -> None:
        """Writes one frame of `head` and `data` together, without the interpreter's lock.

        OSError when it cannot: nothing may be done any more, and `JournalFailed` says so to everybody.
        """

@final
class Plane:
    """The data plane: its threads live from construction to `shutdown`."""
    def __new__(
        cls,
        journal: str,
        *,
        workers: int = 2,
        queue_max: int = 65_536,
        segment_bytes_max: int = 268_435_456,
        segment_age_max_ms: int = 60_000,
        durability: Literal["write", "fsync"] = "write",
        encryption_keys: Sequence[str] = (),
        signing_key: str | None = None,
        origin: str | None = None,
        ask_deadline_ms: int = 5_000,
        statement_bytes_max: int = 1_048_576,
    ) -> Plane:
        """Opens the journal. Keys are files; `signing_key` is made if missing. Without it, no checkpoints."""
    def fileno(self) -> int:
        """An eventfd that is readable while events wait."""
    def drain(self, events_max: int) -> list[Event]:
        """Takes up to `events_max` events; never blocks. The fd stays readable when more wait."""
    def listen_postgres(
        self,
        address: str,
        *,
        certificate_pem: bytes,
        key_pem: bytes,
        connections_max: int = 10_000,
        handshake_deadline_ms: int = 10_000,
    ) -> str:
        """Starts a listener; returns the address it is bound to. OSError when it cannot."""
    def listen_kubernetes(
        self,
        address: str,
        *,
        certificate_pem: bytes,
        key_pem: bytes,
        connections_max: int = 10_000,
        handshake_deadline_ms: int = 10_000,
        body_bytes_max: int = 3_145_728,
    ) -> str:
        """Starts a listener for API calls; returns the address it is bound to. OSError when it cannot.

        `body_bytes_max` bounds the body of a call: it is judged whole.
        """
    def start_recording(self) -> Recording:
        """The recording of a session whose bytes another engine moves."""
    def admit(
        self,
        ask: int,
        *,
        upstream: Upstream,
        principal: str,
        target: str,
        mask_set: int,
        expires_ms: int,
        document: str,
    ) -> bool:
        """Opens the session. `document` is JSON and becomes the recording's first frame.

        `mask_set` 0: nothing is masked for this principal on this target.
        """
    def refuse(self, ask: int, *, sqlstate: str, message: str, hint: str = "") -> bool:
        """Answers an OpenAsked with a FATAL error."""
    def allow(
        self,
        ask: int,
        *,
        rule: str,
        approval: str | None = None,
        reusable: bool,
        exposure: Literal["clear", "tainted", "inherit"],
        columns: Sequence[_ColumnFields] | None = None,
        copy: _CopyFields | None = None,
        effects: Sequence[Literal["copy-in", "copy-out", "settings", "catalogue", "names"]] = (),
        gives: Sequence[_NameFields] = (),
        reads: Sequence[_NameFields] = (),
        ask_at_bind: bool = False,
        rows_max: int | None = None,
        record: Literal["full", "none-of-the-rows", "statements"] = "full",
        policy_epoch: int,
        catalogue_epoch: int,
    ) -> bool:
        """Answers a StatementAsked. If an epoch has moved past the ones given, the data plane asks again.

        `columns` speaks of the one result of a statement: those without an origin pass where they are
        `clear`. COPY data that is to be masked or looked into passes only where `copy` says how it is
        written; the columns' types, origins and names are for that. Transforms use the key of the masks that
        were published last. `gives` are the names of DECLARE and PREPARE, `reads` those of FETCH and
        EXECUTE, which show what the verdict on the former said. Without: any may be meant.
        """
    def deny(
        self,
        ask: int,
        *,
        rule: str,
        reason: str,
        hint: str = "",
        sqlstate: str = "42501",
        reusable: bool = False,
    ) -> bool: ...
    def admit_cluster(
        self,
        ask: int,
        *,
        upstream: ClusterUpstream,
        principal: str,
        target: str,
        mask_set: int,
        expires_ms: int,
        document: str,
    ) -> bool:
        """Opens the session. `document` is JSON and becomes the recording's first frame.

        `mask_set` 0: nothing is masked for this principal on this target. A number whose masks have not been
        published lets no answer through.
        """
    def refuse_cluster(self, ask: int, *, code: int, message: str, hint: str = "") -> bool:
        """Answers a ClusterOpenAsked with a Status: 401, 403, 404 or 429."""
    def allow_call(
        self,
        ask: int,
        *,
        rule: str,
        approval: str | None = None,
        reusable: bool,
        warning: str = "",
        ports: Sequence[tuple[int, int]] | None = None,
        restored: bytes | None = None,
        record: str = "full",
        policy_epoch: int,
    ) -> bool:
        """Answers an ApiCallAsked. If policy has moved past the epoch given, the data plane asks again.

        `warning` is shown to whoever called; `ports` are the only ones to be forwarded, first and last;
        `restored` goes up in the place of the body, unrecorded; `record` is what is kept of the answer.
        """
    def deny_call(
        self,
        ask: int,
        *,
        rule: str,
        reason: str,
        hint: str = "",
        code: int = 403,
        reusable: bool = False,
    ) -> bool:
        """Answers an ApiCallAsked with a Status of that HTTP code, 400 to 499."""
    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool:
        """Keeps an ask open past its deadline and tells the agent by a notice, where its protocol has one."""
    def record(self, session: int, document: str) -> bool:
        """Adds an event (JSON) to a live session's recording."""
    def note(self, document: str) -> None:
        """Adds an event (JSON) to the node's own recording, session 0. Blocks until it is acknowledged.

        OSError when the journal cannot be written: every session is stopped then.
        """
    def policy_epoch(self) -> int: ...
    def move_policy(self) -> int:
        """Drops every cached verdict; returns the new epoch."""
    def catalogue_epoch(self, target: str) -> int: ...
    def move_catalogue(self, target: str) -> int: ...
    def publish_masks(
        self,
        mask_set: int,
        relations: Mapping[int, Mapping[int, str]],
        *,
        pseudonym_key: bytes,
        detectors: Mapping[str, str] = ...,
        own_detectors: Mapping[int, Mapping[int, Mapping[str, str]]] = ...,
        types: Sequence[tuple[int, str, int, int, int, str, list[tuple[int, int, int]]]] = ...,
    ) -> None:
        """Publishes a mask set: for every relation OID known, its masked attributes with their transforms;
        the detectors that look into every other value, with theirs; and by relation OID and attribute the
        columns into which others look than these, or none. `types` says what the types are that PostgreSQL
        did not bring: see `narrows.plane.TypeFields`; values of others become NULL.

        Transforms are `redact`, `null`, `last4`, `first:N`, `pseudonym`, `ff1`, `date:year`, `date:month`,
        `bucket:N` and, for parts of JSON, `paths:` with lines of a path, a blank and one of those. A relation
        that is absent counts as masked whole.
        """
    def publish_object_masks(self, mask_set: int, masks: str, *, pseudonym_key: bytes) -> None:
        """Publishes the masks of a cluster's objects: a JSON document, see docs/kubernetes.md.

        ValueError: it is not one, or a transform or detector in it is unknown.
        """
    def close_session(self, session: int, *, reason: str, hint: str = "") -> bool:
        """Ends a session at once with a FATAL error, or what its protocol has in its place."""
    def query(self, upstream: Upstream, sql: str, *, deadline_ms: int = 10_000) -> int:
        """Runs SQL over a connection of the gateway's own; the answer comes as QueryAnswered."""
    def stats(self) -> dict[str, int]:
        """Counters: sessions, asks, cache_hits, cache_misses, events_queued, journal_bytes…"""
    def shutdown(self, deadline_ms: int) -> None:
        """Stops listening, ends every session with a FATAL error, joins the threads."""
    def flood(self, asks: int, *, threads: int = 4, seed: int = 1) -> tuple[int, int, int]:
        """For tests of the seam: opens `asks` asks from `threads` threads and withdraws some at random.

        Blocks until all are closed; returns how many were answered, how many withdrawn, and how many
        answers came to asks that were not open.
        """

@final
class Detectors:
    """Detectors to find with, by their names in policy. ValueError: one is not known."""
    def __new__(cls, names: Sequence[str]) -> Detectors: ...
    def find(self, text: str, *, column: str = "") -> list[tuple[str, int, int]]:
        """What is found in a text of that column: detector, start and end in bytes of UTF-8."""

@final
class Actions:
    """What follows from what a `PostgresInspector` was fed."""
    @property
    def upstream(self) -> bytes:
        """Bytes for the target."""
    @property
    def downstream(self) -> bytes:
        """Bytes for the agent."""
    @property
    def asks(self) -> list[StatementAsked]:
        """What is put to policy; `session` is 0."""
    @property
    def records(self) -> list[bytes | int]:
        """What is recorded of the agent's side: bytes of its messages, and numbers of verdicts."""
    @property
    def close(self) -> str | None:
        """Why the session must end, if it must."""
    @property
    def error(self) -> str | None:
        """What a side did that the session cannot survive, if it did."""

@final
class PostgresInspector:
    """The inspector of one Postgres session over bytes: its properties can be tested without sockets."""
    def __new__(
        cls,
        *,
        nonce: str,
        masks: Mapping[int, Mapping[int, str]] | None = None,
        detectors: Mapping[str, str] = ...,
        pseudonym_key: bytes | None = None,
        policy_epoch: int = 1,
        catalogue_epoch: int = 1,
        statement_bytes_max: int = 1_048_576,
    ) -> PostgresInspector: ...
    def feed(self, side: Literal["downstream", "upstream"], data: bytes) -> Actions:
        """Adds `data` to what `side` has sent and takes what can be taken."""
    def allow(
        self,
        ask: int,
        *,
        exposure: Literal["clear", "tainted", "inherit"] = "clear",
        columns: Sequence[_ColumnFields] | None = None,
        copy: _CopyFields | None = None,
        effects: Sequence[Literal["copy-in", "copy-out", "settings", "catalogue", "names"]] = (),
        gives: Sequence[_NameFields] = (),
        reads: Sequence[_NameFields] = (),
        ask_at_bind: bool = False,
        rows_max: int | None = None,
    ) -> Actions:
        """Allows an ask in the current epoch, then takes what it had held."""
    def deny(self, ask: int, *, reason: str = "denied", sqlstate: str = "42501") -> Actions:
        """Denies an ask, then takes what it had held."""
    def set_epoch(self, policy_epoch: int, catalogue_epoch: int) -> None:
        """Policy, catalogue or both have moved."""
    def wants_input(self, side: Literal["downstream", "upstream"]) -> bool: ...
    def held(self) -> int | None:
        """The ask that holds the session, if one does."""
    def cancel_held(self) -> Actions:
        """The agent cancelled what it waits for."""
    def hang_up(self) -> None:
        """The agent is gone: nothing held is forwarded any more."""
    def unread(self, side: Literal["downstream", "upstream"]) -> int:
        """Bytes of `side` that were fed and have not been taken."""

@final
class SftpInspector:
    """Inspects the SFTP subsystem's bytes on one channel, version 3 with OpenSSH's extensions."""
    def __new__(cls, *, policy_epoch: int = 1) -> SftpInspector: ...
    def feed(self, side: Literal["downstream", "upstream"], data: bytes) -> SftpActions:
        """Adds `data` to what `side` has sent and takes what can be taken of either side."""
    def allow(self, ask: int, *, rule: str, reusable: bool = False) -> SftpActions:
        """Lets an operation go, by policy as it is now."""
    def deny(
        self, ask: int, *, rule: str, reason: str, hint: str = "", reusable: bool = False
    ) -> SftpActions:
        """Refuses an operation, by policy as it is now: SSH_FX_PERMISSION_DENIED for that one request."""
    def set_policy_epoch(self, policy_epoch: int) -> SftpActions:
        """Policy has moved: what is open is judged again, and nothing that was decided stands."""
    def hang_up(self) -> SftpActions:
        """The channel is at its end: nothing is forwarded any more."""
    def wants_input(self, side: Literal["downstream", "upstream"]) -> bool:
        """Whether `side` may be read; what is fed all the same waits."""

@final
class TransferAsked:
    """An operation on files that waits for its verdict."""
    @property
    def ask(self) -> int: ...
    @property
    def action(
        self,
    ) -> Literal[
        "read", "write", "read-write", "list", "look", "set-attributes", "make-directory", "remove",
        "remove-directory", "rename", "symlink", "hardlink",
    ]: ...  # fmt: skip
    @property
    def path(self) -> str:
        """Absolute, in normal form, through no link."""
    @property
    def other(self) -> str | None:
        """The other path of a `rename`, `symlink` or `hardlink`; that of a `symlink` is text alone."""
    @property
    def directory(self) -> bool:
        """For a `rename`: a directory moves, and everything below it."""
    @property
    def resolved(self) -> bool:
        """False: the target knows no such path, and an allow only lets its own error be told."""

@final
class SftpActions:
    """What follows from what was fed."""
    @property
    def upstream(self) -> bytes: ...
    @property
    def downstream(self) -> bytes: ...
    @property
    def asks(self) -> list[TransferAsked]: ...
    @property
    def records(self) -> list[dict[str, Any]]:
        """Events for the recording, to be written before the bytes: `transfer-decided`,
        `transfer-refused`, `transfer-answered` and `file-closed`."""
    @property
    def close(self) -> str | None:
        """Why the channel must end, if it must."""

@final
class Frame:
    """One frame of the journal as read back."""
    @property
    def session(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def time_us(self) -> int: ...
    @property
    def kind(
        self,
    ) -> Literal[
        "open", "request", "verdict", "applied", "reply", "event", "close", "recovered", "damaged"
    ]: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def position(self) -> tuple[int, int]:
        """Where reading can start to begin with this frame; frames before it may come too."""
    @property
    def withheld(self) -> Literal["erased", "locked"] | None:
        """Why the payload is empty: its session's key was destroyed, or is not opened by the given ones."""

def read_frames(
    directory: str,
    position: tuple[int, int],
    *,
    session: int | None = None,
    frames_max: int,
    bytes_max: int,
    keys: Sequence[str] = (),
) -> tuple[list[Frame], tuple[int, int]]:
    """Frames from a place on, and the place to read on from; (0, 0) is the journal's start. They are
    decrypted with the keys in the files `keys`.

    Reading ends behind the frame that reaches a bound. What is being written at the very end is not
    there yet.
    Raises ValueError, naming segment and offset, on damage.
    """

def read_journal(directory: str, session: int | None = None, *, keys: Sequence[str] = ()) -> list[Frame]:
    """Frames in order, decrypted with the keys in the files `keys`. Raises ValueError, naming segment and
    offset, on damage."""

def verify_journal(
    directory: str, *, key: str | None = None, since: str | None = None
) -> tuple[int, int, list[str]]:
    """Checks framing, CRC, numbering, hash chains and the log; returns (sessions, frames, problems). With
    `key` also that the log is what was signed, and that it continues the checkpoint `since`."""

def verify_bundle(
    bundle: str, *, key: str, since: str | None = None
) -> tuple[list[tuple[int, int, bool]], int | None, int, list[str]]:
    """Verifies a bundle with nothing but the log's key. Returns its sessions with their number of frames and
    whether they ended; the segments under the checkpoint, if that is good; all frames; problems."""

def write_bundle(directory: str, sessions: Sequence[int], bundle: str) -> None:
    """Writes a bundle of the sessions to a file that must not exist. OSError or ValueError when it cannot."""

@final
class BundleFrames:
    """The frames whose payloads a bundle has, in its order, opened with the keys of their sessions. OSError
    or ValueError, also while it goes on, where the bundle cannot be read any further."""
    def __new__(cls, bundle: str, keys: Sequence[tuple[int, bytes]]) -> BundleFrames: ...
    def __iter__(self) -> BundleFrames: ...
    def __next__(self) -> Frame: ...

def content_key(directory: str, session: int, keys: Sequence[str]) -> bytes:
    """The key of one session, unwrapped with the keys in the files `keys`. OSError where it cannot be had."""

def erase_session(directory: str, session: int) -> None:
    """Destroys a session's key, and so its content. Everything still verifies."""

def journal_public_key(signing_key: str, origin: str | None = None) -> str:
    """The verifier key of the node's log; its private half is made in the file if missing."""

def session_name(session: int) -> str:
    """A session id as people see it: 13 characters of Crockford base32."""

def session_id(name: str) -> int:
    """The inverse of `session_name`; ValueError when it is none."""

@final
class SimpleCommand:
    """One program that a command string starts; wrappers and scripts within words are taken off."""
    @property
    def through(self) -> list[str]:
        """What carries it to another account or place: `["sudo", "-u", "postgres"]`."""
    @property
    def argv(self) -> list[str]:
        """The program and its words; empty where there are only assignments and redirects."""
    @property
    def patterns(self) -> list[int]:
        """Which words of `argv` file names on the target decide; `*` and `?` in them are patterns."""
    @property
    def open_ended(self) -> bool:
        """More words follow that nobody knows yet, from input or from a search for files."""
    @property
    def opaque(self) -> str | None:
        """Why its words do not say what it does; None where they do."""
    @property
    def assignments(self) -> list[tuple[str, str]]:
        """Variables set for it, in order."""
    @property
    def touches(self) -> list[tuple[Literal["read", "write"], str]]:
        """Files that are opened for it by name."""
    @property
    def connector(self) -> Literal["", ";", "&&", "||"]:
        """When its pipeline runs, given the one before; empty for the first of a list."""
    @property
    def position(self) -> int:
        """Its place in its pipeline, from zero."""
    @property
    def pipeline(self) -> int:
        """How many commands its pipeline has."""

@final
class ApiCallRead:
    """A request to a Kubernetes cluster, read as the data plane reads it."""
    @property
    def target(self) -> str:
        """The target that the path names."""
    @property
    def method(self) -> Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]: ...
    @property
    def verb(self) -> str:
        """The API server's verb, or `exec`, `attach`, `portforward`, `proxy`."""
    @property
    def server_verb(self) -> str:
        """The API server's own verb, as its audit log has it."""
    @property
    def path(self) -> str:
        """The canonical path and query, without `/clusters/<target>`."""
    @property
    def resource_request(self) -> bool:
        """False for paths such as `/version`."""
    @property
    def group(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def resource(self) -> str: ...
    @property
    def subresource(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parts(self) -> list[str]:
        """The decoded path from the resource on."""
    @property
    def query(self) -> list[tuple[str, str]]: ...
    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters; empty where there is none."""
    @property
    def upgrade(self) -> Literal["", "websocket", "spdy"]: ...

def read_api_call(method: str, uri: str, headers: Sequence[tuple[str, str]] = ...) -> ApiCallRead:
    """Reads a request from its method, its path below `/clusters/<target>` with its query, and its headers.

    Raises ValueError with the refusal's code and message for what the data plane would refuse.
    """

@final
class ParsedCommand:
    """A command string, read."""
    @property
    def outcome(self) -> Literal["understood", "opaque", "malformed", "unfinished", "oversized"]: ...
    @property
    def reason(self) -> str:
        """Why it was not understood; empty where it was."""
    @property
    def commands(self) -> list[SimpleCommand]:
        """What it starts, in the order written; empty where it was not understood."""
    @property
    def released(self) -> str:
        """The same, written so that every shell reads it in one way; empty where it was not understood."""

def parse_command(text: str) -> ParsedCommand:
    """Reads a shell command. Bounds: 64 KiB, 16 groups within each other, 256 commands, 8 wrappers."""

@final
class ObjectScanner:
    """One JSON answer of a Kubernetes API server, masked as it passes.

    What comes out depends on the bytes alone and not on where they were cut. What is not masked is as it was,
    byte for byte.
    """
    def __new__(
        cls,
        masks: str,
        *,
        key: bytes,
        group: str = "",
        resource: str = "",
        subresource: str = "",
        namespace: str = "",
        name: str = "",
        watch: bool = False,
    ) -> ObjectScanner:
        """Args:
            masks: Object masks as JSON (docs/masking.md).
            key: 32 bytes, for pseudonyms and placeholders.
            group: API group; empty for the core group.
            resource: Resource in the plural; empty for what is no resource.
            subresource: Subresource; empty for none.
            namespace: Namespace that was asked for; empty for none.
            name: Name that was asked for; empty for a list.
            watch: Many documents may follow each other.

        Raises:
            ValueError: The masks mean nothing, or the key is not 32 bytes.
        """
    def feed(self, data: bytes) -> bytes:
        """Takes the next piece and returns what may go on.

        Raises:
            ValueError: The answer cannot be masked for sure; nothing more may go on.
        """
    def finish(self) -> bytes:
        """The answer has ended; returns the rest of it.

        Raises:
            ValueError: It ended within a document.
        """
    def masked(self) -> dict[str, int]:
        """How many values have been masked, by the mask's id or the detector's name."""

def has_placeholder(body: bytes) -> bool:
    """Whether a body holds a masked value's placeholder, as it is or in base64 at any alignment."""
