//! Every bound of the data plane that no configuration names, each with its reason.

use std::time::Duration;

/// One read(2): two full TLS records and then some; more only adds cache misses.
pub(crate) const READ_BYTES: usize = 128 << 10;

/// Unsent bytes towards one side at which the other side is no longer read. TCP then pushes back.
pub(crate) const BACKLOG_BYTES_MAX: usize = 256 << 10;

/// What is read ahead of an agent that is being held, so that its hang-up is seen.
pub(crate) const HELD_READ_AHEAD_BYTES: usize = 64 << 10;

/// How often a held agent that has filled its read-ahead is checked for a hang-up behind it.
pub(crate) const HANG_UP_CHECK: Duration = Duration::from_secs(1);

/// A buffer larger than this is given back once it is empty, so that an idle session is small.
pub(crate) const BUFFER_BYTES_KEPT: usize = 8 << 10;

/// How long the last words of a session may take to leave.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);

/// How long after its last words a session waits for the agent to close: closing a socket with unread
/// input resets it, and a reset would take those words with it.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// Verdicts kept for reuse, if none has columns of which to speak.
pub(crate) const VERDICTS_EXPECTED: usize = 65_536;

/// Bytes of verdicts kept for reuse: those, or 250 that speak of as many columns as a table can have.
pub(crate) const VERDICT_BYTES_MAX: u64 = 20 << 20;

/// A verdict without columns: its texts, its key and its place in the cache.
pub(crate) const VERDICT_BYTES: usize = 300;

/// Verdicts that one session remembers having written down.
pub(crate) const KNOWN_VERDICTS_MAX: usize = 10_000;

/// Rows of text that a query of the gateway's own may bring back, in bytes.
pub(crate) const QUERY_BYTES_MAX: usize = 256 << 20;

/// What the target may send before its login is complete.
pub(crate) const LOGIN_BYTES_MAX: usize = 1 << 20;

/// How long a cancel request may take on its way to the target.
pub(crate) const CANCEL_DEADLINE: Duration = Duration::from_secs(5);

/// How long an accept loop rests after an error such as running out of file descriptors.
pub(crate) const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Connections that the kernel completes before they are accepted.
pub(crate) const BACKLOG: i32 = 1024;

/// Silence after which TCP asks whether the peer is still there.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// TLS sessions that a listener remembers for resumption without tickets.
pub(crate) const TLS_SESSIONS_MAX: usize = 4_096;

/// How long an agent may keep a connection on which it asks for nothing: client-go gives up at 90 seconds.
pub(crate) const IDLE_AGENT_KEPT: Duration = Duration::from_secs(300);

/// How long the body of a call may take to arrive.
pub(crate) const CALL_BODY_DEADLINE: Duration = Duration::from_secs(30);

/// Headers that an answer of an API server may have; it has a dozen.
pub(crate) const ANSWER_HEADERS_MAX: usize = 100;

/// What hyper may have read of one side and not passed on, heads among it: the longest path and all headers.
pub(crate) const HTTP_BUFFER_BYTES_MAX: usize = 256 << 10;

/// How long a connection to an API server waits for its next call: shorter than it would itself.
pub(crate) const IDLE_CONNECTION_KEPT: Duration = Duration::from_secs(30);

/// Connections of one worker to one API server, under the same terms, that wait for a call.
pub(crate) const IDLE_CONNECTIONS_MAX: usize = 32;

/// How long after the first request for a stream the second may come. kubectl sends it at once.
pub(crate) const SECOND_REQUEST_WITHIN: Duration = Duration::from_secs(60);

/// Requests for streams whose second may still come.
pub(crate) const SECOND_REQUESTS_MAX: usize = 4_096;

/// Requests of one connection that are of no session. It is closed behind them: they are written down, and whoever
/// sends them is nobody.
pub(crate) const STRAYS_MAX: u32 = 100;

/// Characters of the path of a request that is no call, as it is written down.
pub(crate) const PATH_RECORDED_MAX: usize = 1_024;
