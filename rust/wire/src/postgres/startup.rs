//! The downstream leg from the first byte to the evidence.
#![allow(clippy::todo, unused_variables, clippy::missing_errors_doc, reason = "signatures come first")]

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::{Error, Limits};

/// What the relay has to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Write `out`, read more.
    ExpectMore,
    /// Write `out`, then do the TLS handshake and go on with its plaintext.
    StartTls,
    /// A CancelRequest: look the key up, close without an answer.
    Cancel {
        /// The process id that the agent was told.
        process_id: i32,
        /// The secret that goes with it.
        secret: Bytes,
    },
    /// Everything there is to derive a principal from.
    Evidence(Evidence),
    /// Write `out`, which says why, and close.
    Close,
}

/// What the agent presented.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// `user` of the StartupMessage.
    pub user: String,
    /// `database`; as `user` when the agent named none.
    pub database: String,
    /// The other startup parameters, all of them from the allow-list.
    pub parameters: Vec<(String, String)>,
    /// The PasswordMessage's content.
    pub password: Vec<u8>,
    /// 0 for protocol 3.0, 2 for 3.2.
    pub protocol_minor: u16,
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence")
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// The downstream leg before there is a session.
#[derive(Debug)]
pub struct Startup {}

impl Startup {
    /// A connection of which nothing has been read.
    #[must_use]
    pub fn new(limits: Arc<Limits>) -> Startup {
        todo!()
    }

    /// Takes what can be taken from the front of `input`. `secure` says that it came through TLS.
    pub fn feed(&mut self, input: &mut BytesMut, secure: bool, out: &mut BytesMut) -> Result<Step, Error> {
        todo!()
    }
}

/// The length of the cancel secret to mint for a protocol version: 4 for 3.0, 32 for 3.2.
#[must_use]
pub fn cancel_secret_bytes(protocol_minor: u16) -> usize {
    todo!()
}

/// AuthenticationOk, the target's parameters, the cancel key and ReadyForQuery.
pub fn welcome(parameters: &[(String, String)], process_id: i32, secret: &[u8], out: &mut BytesMut) {
    todo!()
}

/// A FATAL ErrorResponse. An empty `detail` or `hint` is left out.
pub fn fatal(sqlstate: [u8; 5], message: &str, detail: &str, hint: &str, out: &mut BytesMut) {
    todo!()
}
