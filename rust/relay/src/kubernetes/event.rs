//! What is asked of the control plane about API calls.

use std::sync::Arc;

use narrows_journal::SessionId;
use narrows_wire::kubernetes::ApiCall;

use crate::event::Evidence;

/// A connection's first call on a target: its bearer token wants a session.
#[derive(Debug)]
pub struct ClusterOpenAsked {
    /// To be named in the answer.
    pub ask: u64,
    /// The session it would become.
    pub session: SessionId,
    /// The listener's address.
    pub listener: Arc<str>,
    /// The agent's address.
    pub peer: Arc<str>,
    /// The target that the path names.
    pub target: String,
    /// The name that TLS asked for (SNI).
    pub server_name: Option<Arc<str>>,
    /// `TLSv1.3` or `TLSv1.2`.
    pub tls_version: &'static str,
    /// What the client calls itself; empty where it does not.
    pub user_agent: String,
    /// The bearer token.
    pub evidence: Evidence,
}

/// A session wants to make a call for which no cached verdict holds.
#[derive(Debug)]
pub struct ApiCallAsked {
    /// To be named in the answer.
    pub ask: u64,
    /// Whose it is.
    pub session: SessionId,
    /// What is attempted.
    pub call: Arc<ApiCall>,
    /// The policy epoch in which it was asked.
    pub policy_epoch: u64,
}
