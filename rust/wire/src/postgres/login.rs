//! The upstream leg from StartupMessage to ReadyForQuery, as the gateway's own user.
#![allow(clippy::todo, unused_variables, clippy::missing_errors_doc, reason = "signatures come first")]

use bytes::{Bytes, BytesMut};

use crate::Error;

/// Whom to log in as, and how.
#[derive(Clone)]
pub struct LoginRequest {
    /// The role at the target.
    pub user: String,
    /// The database at the target.
    pub database: String,
    /// Startup parameters to pass on.
    pub parameters: Vec<(String, String)>,
    /// The role's password, if it has one.
    pub password: Option<Vec<u8>>,
    /// The `tls-server-end-point` hash of the target's certificate, when the leg is TLS.
    pub channel_binding: Option<Vec<u8>>,
}

/// A login that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// The target's ParameterStatus set.
    pub parameters: Vec<(String, String)>,
    /// The backend's process id.
    pub process_id: i32,
    /// The target's own cancel secret.
    pub cancel_key: Bytes,
}

/// Why a login failed. Never holds the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// The target broke the protocol.
    Protocol(Error),
    /// The target said no.
    Refused {
        /// Its SQLSTATE.
        sqlstate: String,
        /// Its message.
        message: String,
    },
    /// The target wants or reports something that the gateway does not accept.
    Unacceptable(String),
}

/// The gateway's login at a target.
#[derive(Debug)]
pub struct Login {}

impl Login {
    /// A login of which nothing has been sent.
    #[must_use]
    pub fn new(request: LoginRequest) -> Login {
        todo!()
    }

    /// Appends the StartupMessage.
    pub fn start(&mut self, out: &mut BytesMut) {
        todo!()
    }

    /// Takes what can be taken from the front of `input`; `Some` once the target is ready for queries.
    pub fn feed(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Option<LoggedIn>, LoginError> {
        todo!()
    }
}
