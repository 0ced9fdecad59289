//! The answer to a bearer token that wants a session.

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
