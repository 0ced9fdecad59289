//! The upstream leg from StartupMessage to ReadyForQuery, as the gateway's own user.
//!
//! SCRAM-SHA-256 proves to the target that Narrows knows the password, and to Narrows that the target
//! does; a weaker method would hand the password, or something as good, to whoever asks. A target that
//! asks for no password at all proves nothing by it: it is believed because the leg is verified TLS, or
//! does not leave the machine, which the relay sees to.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use super::fields::Fields;
use super::frame::{Header, body_of, put, put_string, put_untagged};
use super::message::Reader;
use super::scram::{
    Binding, Fault, ITERATIONS_MAX, NONCE_BYTES, Password, Proven, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, Started,
};
use crate::{Error, Side};

const PROTOCOL_3_0: u32 = 3 << 16;
/// No message of a login is longer.
const LOGIN_BYTES_MAX: usize = 64 << 10;
/// More parameters than any server reports.
const PARAMETERS_MAX: usize = 256;

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
    pub password: Option<Arc<Password>>,
    /// Random bytes, used for nothing else.
    pub nonce: [u8; NONCE_BYTES],
    /// The `tls-server-end-point` hash of the target's certificate, when the leg is TLS.
    pub channel_binding: Option<Vec<u8>>,
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRequest")
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// A login that succeeded.
#[derive(Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// The target's ParameterStatus set.
    pub parameters: Vec<(String, String)>,
    /// The backend's process id.
    pub process_id: i32,
    /// The target's own cancel secret.
    pub cancel_key: Bytes,
}

impl std::fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoggedIn").field("process_id", &self.process_id).finish_non_exhaustive()
    }
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

impl std::fmt::Display for LoginError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoginError::Protocol(error) => error.fmt(f),
            LoginError::Refused { sqlstate, message } => {
                write!(f, "the target refused: {message} ({sqlstate})")
            }
            LoginError::Unacceptable(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for LoginError {}

impl From<Error> for LoginError {
    fn from(error: Error) -> LoginError {
        LoginError::Protocol(error)
    }
}

/// The gateway's login at a target.
#[derive(Debug)]
pub struct Login {
    request: LoginRequest,
    state: State,
    parameters: Vec<(String, String)>,
    cancel_key: Option<(i32, Bytes)>,
}

enum State {
    ExpectAuthentication,
    ExpectScramChallenge(Started),
    ExpectScramSignature(Proven),
    ExpectAuthenticationOk,
    ExpectReady,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl State {
    fn name(&self) -> &'static str {
        match self {
            State::ExpectAuthentication => "a request for authentication",
            State::ExpectScramChallenge(_) => "AuthenticationSASLContinue",
            State::ExpectScramSignature(_) => "AuthenticationSASLFinal",
            State::ExpectAuthenticationOk => "AuthenticationOk",
            State::ExpectReady => "ReadyForQuery",
        }
    }
}

impl Login {
    /// A login of which nothing has been sent.
    #[must_use]
    pub fn new(request: LoginRequest) -> Login {
        Login { request, state: State::ExpectAuthentication, parameters: Vec::new(), cancel_key: None }
    }

    /// Appends the StartupMessage.
    pub fn start(&mut self, out: &mut BytesMut) {
        let LoginRequest { user, database, parameters, .. } = &self.request;
        let passed_on = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let pinned = [("client_encoding", "UTF8"), ("standard_conforming_strings", "on")];
        let named = [("user", user.as_str()), ("database", database.as_str())];
        put_untagged(out, |out| {
            out.put_u32(PROTOCOL_3_0);
            // The server takes the last value of a name, so the pinned ones come last.
            for (name, value) in named.into_iter().chain(passed_on).chain(pinned) {
                put_string(out, name.as_bytes());
                put_string(out, value.as_bytes());
            }
            out.put_u8(0);
        });
    }

    /// Takes what can be taken from the front of `input`; `Some` once the target is ready for queries.
    ///
    /// # Errors
    /// When the target refuses, breaks the protocol, cannot prove that it knows the password, or reports
    /// settings under which SQL cannot be judged.
    pub fn feed(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Option<LoggedIn>, LoginError> {
        while let Some(header) = Header::peek(Side::Upstream, input)? {
            if header.total > LOGIN_BYTES_MAX {
                return Err(Error::LimitExceeded { side: Side::Upstream, limit: "login_bytes_max" }.into());
            }
            if input.len() < header.total {
                break;
            }
            let frame = input.split_to(header.total);
            let body = body_of(&frame);
            match (header.tag, &self.state) {
                (b'E', _) => return Err(refusal(body)?),
                (b'N', _) => {}
                (b'R', _) => self.take_authentication(body, out)?,
                (b'S', State::ExpectReady) => self.take_parameter(body)?,
                (b'K', State::ExpectReady) => self.take_key(body)?,
                (b'Z', State::ExpectReady) => return self.finish().map(Some),
                (got, state) => {
                    return Err(Error::Violation { side: Side::Upstream, expected: state.name(), got }.into());
                }
            }
        }
        Ok(None)
    }

    fn take_authentication(&mut self, body: &[u8], out: &mut BytesMut) -> Result<(), LoginError> {
        let mut reader = Reader::new(Side::Upstream, body);
        let kind = reader.i32()?;
        let state = std::mem::replace(&mut self.state, State::ExpectAuthentication);
        self.state = match (kind, state) {
            (0, State::ExpectAuthentication | State::ExpectAuthenticationOk) => State::ExpectReady,
            (10, State::ExpectAuthentication) => self.start_scram(reader, out)?,
            (11, State::ExpectScramChallenge(scram)) => {
                let (message, proven) = scram.prove(reader.rest()).map_err(fault)?;
                put(out, b'p', |out| out.extend_from_slice(message.as_bytes()));
                State::ExpectScramSignature(proven)
            }
            (12, State::ExpectScramSignature(proven)) => {
                proven.verify(reader.rest()).map_err(fault)?;
                State::ExpectAuthenticationOk
            }
            (3, _) => {
                return Err(unacceptable(
                    "the target asks for the password in cleartext; it must use SCRAM-SHA-256",
                ));
            }
            (5, _) => {
                return Err(unacceptable("the target asks for an md5 password; it must use SCRAM-SHA-256"));
            }
            (0 | 10..=12, state) => {
                return Err(
                    Error::Violation { side: Side::Upstream, expected: state.name(), got: b'R' }.into()
                );
            }
            (other, _) => {
                return Err(LoginError::Unacceptable(format!(
                    "the target asks for authentication of kind {other}; it must use SCRAM-SHA-256"
                )));
            }
        };
        Ok(())
    }

    fn start_scram(&self, mut mechanisms: Reader<'_>, out: &mut BytesMut) -> Result<State, LoginError> {
        let (mut offers_plain, mut offers_plus) = (false, false);
        loop {
            let mechanism = mechanisms.string()?;
            offers_plain |= mechanism == SCRAM_SHA_256.as_bytes();
            offers_plus |= mechanism == SCRAM_SHA_256_PLUS.as_bytes();
            if mechanism.is_empty() {
                break;
            }
        }
        let Some(password) = &self.request.password else {
            return Err(unacceptable("the target asks for a password and its credential has none"));
        };
        let (mechanism, binding) = match &self.request.channel_binding {
            Some(hash) if offers_plus => (SCRAM_SHA_256_PLUS, Binding::EndPoint(hash.clone())),
            Some(_) if offers_plain => (SCRAM_SHA_256, Binding::NotOffered),
            None if offers_plain => (SCRAM_SHA_256, Binding::Unsupported),
            _ => return Err(unacceptable("the target offers no SCRAM-SHA-256")),
        };
        let scram = Started::new(Arc::clone(password), binding, &self.request.nonce);
        let message = scram.first_message();
        put(out, b'p', |out| {
            put_string(out, mechanism.as_bytes());
            out.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
            out.extend_from_slice(message.as_bytes());
        });
        Ok(State::ExpectScramChallenge(scram))
    }

    fn take_parameter(&mut self, body: &[u8]) -> Result<(), LoginError> {
        if self.parameters.len() >= PARAMETERS_MAX {
            return Err(Error::LimitExceeded { side: Side::Upstream, limit: "parameters_max" }.into());
        }
        let mut reader = Reader::new(Side::Upstream, body);
        self.parameters.push((text(reader.string()?), text(reader.string()?)));
        Ok(())
    }

    fn take_key(&mut self, body: &[u8]) -> Result<(), LoginError> {
        let mut reader = Reader::new(Side::Upstream, body);
        self.cancel_key = Some((reader.i32()?, Bytes::copy_from_slice(reader.rest())));
        Ok(())
    }

    fn finish(&mut self) -> Result<LoggedIn, LoginError> {
        let reported = |name: &str| {
            let found = self.parameters.iter().find(|(known, _)| known == name);
            found.map_or("nothing", |(_, value)| value.as_str())
        };
        for (name, wanted) in [("client_encoding", "UTF8"), ("standard_conforming_strings", "on")] {
            if reported(name) != wanted {
                return Err(LoginError::Unacceptable(format!(
                    "the target reports {name} = {}; Narrows can judge SQL only with {wanted}",
                    reported(name)
                )));
            }
        }
        if reported("server_encoding") == "SQL_ASCII" {
            return Err(unacceptable(
                "the database's encoding is SQL_ASCII, which says nothing of what text means",
            ));
        }
        // Some poolers send no key; such a session cannot be cancelled.
        let (process_id, cancel_key) = self.cancel_key.take().unwrap_or_default();
        Ok(LoggedIn { parameters: std::mem::take(&mut self.parameters), process_id, cancel_key })
    }
}

fn fault(fault: Fault) -> LoginError {
    match fault {
        Fault::Challenge => unacceptable("the target sent a SCRAM challenge that does not fit"),
        Fault::Iterations => LoginError::Unacceptable(format!(
            "the target asks for more than {ITERATIONS_MAX} SCRAM iterations, or names none"
        )),
        Fault::Signature => {
            unacceptable("the target could not prove that it knows the password (wrong SCRAM signature)")
        }
    }
}

fn refusal(body: &[u8]) -> Result<LoginError, Error> {
    let error = Fields::read(body)?;
    let field = |kind| text(error.find(kind).unwrap_or_default());
    Ok(LoginError::Refused { sqlstate: field(b'C'), message: field(b'M') })
}

fn unacceptable(what: &str) -> LoginError {
    LoginError::Unacceptable(what.to_owned())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
