//! The downstream leg from the first byte to the evidence.
//!
//! Nothing secret is asked for before TLS is up, and nothing that the agent says here reaches the target
//! unless it is on the list of [`super::parameters`].

use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::fields::Report;
use super::frame::{Header, body_of, put, put_string};
use super::message::Reader;
use super::parameters::{Parameters, Refusal};
use crate::{Error, Limits, Side};

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;
const PROTOCOL_MAJOR: u32 = 3;
const PROTOCOL_MINOR_NEWEST: u16 = 2;
/// Length and code.
const STARTUP_BYTES_MIN: usize = 8;
/// libpq refuses keys outside these bounds, and so does the server.
const CANCEL_SECRET_BYTES: std::ops::RangeInclusive<usize> = 4..=256;

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
pub struct Startup {
    limits: Arc<Limits>,
    state: State,
    asked_for_tls: bool,
    asked_for_gss: bool,
}

#[derive(Debug)]
enum State {
    ExpectStartup,
    ExpectPassword { parameters: Parameters, protocol_minor: u16 },
    ExpectNothing,
}

impl Startup {
    /// A connection of which nothing has been read.
    #[must_use]
    pub fn new(limits: Arc<Limits>) -> Startup {
        Startup { limits, state: State::ExpectStartup, asked_for_tls: false, asked_for_gss: false }
    }

    /// Takes what can be taken from the front of `input`. `secure` says that it came through TLS.
    ///
    /// # Errors
    /// When the agent broke the protocol or a limit; `out` then says so, and the connection is to be closed.
    pub fn feed(&mut self, input: &mut BytesMut, secure: bool, out: &mut BytesMut) -> Result<Step, Error> {
        let step = match self.state {
            State::ExpectStartup => self.take_startup(input, secure, out),
            State::ExpectPassword { .. } => self.take_password(input),
            State::ExpectNothing => Ok(Step::Close),
        };
        step.inspect_err(|error| fatal(*b"08P01", &format!("Narrows: {error}"), "", "", out))
    }

    fn take_startup(
        &mut self,
        input: &mut BytesMut,
        secure: bool,
        out: &mut BytesMut,
    ) -> Result<Step, Error> {
        let Some(length) = input.first_chunk::<4>() else { return Ok(Step::ExpectMore) };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > self.limits.startup_bytes_max {
            return Err(Error::LimitExceeded { side: Side::Downstream, limit: "startup_bytes_max" });
        }
        if length < STARTUP_BYTES_MIN {
            return Err(malformed("a startup packet that is too short"));
        }
        if input.len() < length {
            return Ok(Step::ExpectMore);
        }
        let mut packet = input.split_to(length).freeze();
        packet.advance(4);
        match packet.get_u32() {
            SSL_REQUEST => self.take_ssl_request(input, secure, out),
            GSSENC_REQUEST => self.take_gssenc_request(input, secure, out),
            CANCEL_REQUEST => take_cancel_request(packet),
            version if version >> 16 == PROTOCOL_MAJOR => {
                let minor = u16::try_from(version & 0xffff).unwrap_or(u16::MAX);
                self.take_startup_message(&packet, minor, secure, out)
            }
            _ => {
                let hint = "Connect with protocol version 3.0 or 3.2.";
                fatal(*b"0A000", "Narrows: unsupported frontend protocol", "", hint, out);
                Ok(Step::Close)
            }
        }
    }

    fn take_ssl_request(&mut self, rest: &BytesMut, secure: bool, out: &mut BytesMut) -> Result<Step, Error> {
        if secure || std::mem::replace(&mut self.asked_for_tls, true) {
            return Err(malformed("a second SSLRequest"));
        }
        no_plaintext_behind(rest)?;
        out.put_u8(b'S');
        Ok(Step::StartTls)
    }

    fn take_gssenc_request(
        &mut self,
        rest: &BytesMut,
        secure: bool,
        out: &mut BytesMut,
    ) -> Result<Step, Error> {
        if secure || std::mem::replace(&mut self.asked_for_gss, true) {
            return Err(malformed("a second GSSENCRequest"));
        }
        no_plaintext_behind(rest)?;
        out.put_u8(b'N');
        Ok(Step::ExpectMore)
    }

    fn take_startup_message(
        &mut self,
        body: &[u8],
        minor: u16,
        secure: bool,
        out: &mut BytesMut,
    ) -> Result<Step, Error> {
        if !secure {
            let message = "Narrows: connections are accepted over TLS only";
            fatal(*b"28000", message, "", "Connect with sslmode=require or stricter.", out);
            self.state = State::ExpectNothing;
            return Ok(Step::Close);
        }
        let parameters = match Parameters::read(body)? {
            Ok(parameters) => parameters,
            Err(Refusal { sqlstate, message, hint }) => {
                fatal(sqlstate, &message, "", hint, out);
                self.state = State::ExpectNothing;
                return Ok(Step::Close);
            }
        };
        let protocol_minor = minor.min(PROTOCOL_MINOR_NEWEST);
        if minor > PROTOCOL_MINOR_NEWEST || !parameters.unknown_options.is_empty() {
            put_negotiation(protocol_minor, &parameters.unknown_options, out);
        }
        put(out, b'R', |out| out.put_u32(3));
        self.state = State::ExpectPassword { parameters, protocol_minor };
        Ok(Step::ExpectMore)
    }

    fn take_password(&mut self, input: &mut BytesMut) -> Result<Step, Error> {
        let Some(header) = Header::peek(Side::Downstream, input)? else { return Ok(Step::ExpectMore) };
        match header.tag {
            b'p' => {}
            b'X' => return Ok(Step::Close),
            got => {
                return Err(Error::Violation { side: Side::Downstream, expected: "a PasswordMessage", got });
            }
        }
        if header.body_bytes() > self.limits.password_bytes_max {
            return Err(Error::LimitExceeded { side: Side::Downstream, limit: "password_bytes_max" });
        }
        if input.len() < header.total {
            return Ok(Step::ExpectMore);
        }
        let frame = input.split_to(header.total);
        let mut reader = Reader::new(Side::Downstream, body_of(&frame));
        let password = reader.string()?.to_vec();
        reader.end()?;
        match std::mem::replace(&mut self.state, State::ExpectNothing) {
            State::ExpectPassword { parameters, protocol_minor } => Ok(Step::Evidence(Evidence {
                user: parameters.user,
                database: parameters.database,
                parameters: parameters.settings,
                password,
                protocol_minor,
            })),
            State::ExpectStartup | State::ExpectNothing => Ok(Step::Close),
        }
    }
}

/// The length of the cancel secret to mint for a protocol version: 4 for 3.0, 32 for 3.2.
#[must_use]
pub fn cancel_secret_bytes(protocol_minor: u16) -> usize {
    if protocol_minor >= 2 { 32 } else { 4 }
}

/// AuthenticationOk, the target's parameters, the cancel key and ReadyForQuery.
pub fn welcome(parameters: &[(String, String)], process_id: i32, secret: &[u8], out: &mut BytesMut) {
    put(out, b'R', |out| out.put_u32(0));
    for (name, value) in parameters {
        put(out, b'S', |out| {
            put_string(out, name.as_bytes());
            put_string(out, value.as_bytes());
        });
    }
    put(out, b'K', |out| {
        out.put_i32(process_id);
        out.extend_from_slice(secret);
    });
    put(out, b'Z', |out| out.put_u8(b'I'));
}

/// A FATAL ErrorResponse. An empty `detail` or `hint` is left out.
pub fn fatal(sqlstate: [u8; 5], message: &str, detail: &str, hint: &str, out: &mut BytesMut) {
    Report { severity: b"FATAL", sqlstate, message, detail, hint }.put(b'E', out);
}

/// NegotiateProtocolVersion: the version that goes on, and the options that are not known.
fn put_negotiation(protocol_minor: u16, unknown_options: &[String], out: &mut BytesMut) {
    put(out, b'v', |out| {
        out.put_u32(PROTOCOL_MAJOR << 16 | u32::from(protocol_minor));
        out.put_u32(u32::try_from(unknown_options.len()).unwrap_or(u32::MAX));
        for option in unknown_options {
            put_string(out, option.as_bytes());
        }
    });
}

fn take_cancel_request(mut body: Bytes) -> Result<Step, Error> {
    if body.len() < 4 || !CANCEL_SECRET_BYTES.contains(&(body.len() - 4)) {
        return Err(malformed("a CancelRequest with an impossible key"));
    }
    Ok(Step::Cancel { process_id: body.get_i32(), secret: body })
}

/// Bytes behind a request for encryption were sent by someone who does not wait for the answer: somebody
/// in between (CVE-2021-23214).
fn no_plaintext_behind(rest: &BytesMut) -> Result<(), Error> {
    if rest.is_empty() { Ok(()) } else { Err(malformed("plaintext behind a request for encryption")) }
}

fn malformed(what: &'static str) -> Error {
    Error::Malformed { side: Side::Downstream, what }
}
