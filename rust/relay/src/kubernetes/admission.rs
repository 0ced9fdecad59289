//! The answers to a bearer token that wants a session.

use std::sync::Arc;

use super::cluster::ClusterUpstream;

/// The session is opened.
#[derive(Debug)]
pub struct ClusterAdmission {
    /// How to reach the API server.
    pub upstream: Arc<ClusterUpstream>,
    /// The principal's key.
    pub principal: String,
    /// The target's name.
    pub target: String,
    /// Number of the set of object masks; 0 for none.
    pub mask_set: u64,
    /// Milliseconds since 1970 at which the evidence runs out.
    pub expires_ms: u64,
    /// JSON; the recording's first frame.
    pub document: String,
}

/// What a client is answered in place of what it asked for.
#[derive(Clone, Debug)]
pub struct StatusRefusal {
    /// HTTP's code, 400 to 599.
    pub code: u16,
    /// What and why.
    pub message: String,
    /// What to do next; may be empty.
    pub hint: String,
}
