//! The leg to the target: dialled, verified and logged in as the gateway's own user.

use std::{io, sync::Arc, time::Duration};

use bytes::{BufMut, BytesMut};
use narrows_wire::postgres::{LoggedIn, Login, LoginError, LoginRequest, Password};
use tokio::time::timeout;

use crate::{
    address::Address,
    bounds::LOGIN_BYTES_MAX,
    end_point, random,
    tls::{self, TlsDialer},
    transport::Transport,
};

/// `SSLRequest`, and `CancelRequest`'s code (`PostgreSQL` documentation, "Message Formats").
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const CANCEL_REQUEST: u32 = 80_877_102;

/// How to reach a target and what to present there. Its `Debug` shows no secret.
pub struct Upstream {
    address: Address,
    database: String,
    user: String,
    password: Option<Arc<Password>>,
    tls: Option<TlsDialer>,
    deadline: Duration,
}

/// What an [`Upstream`] is made of.
#[derive(Default)]
pub struct UpstreamConfig<'a> {
    /// `host:port`, `[v6]:port`, or the path of a Unix socket or of the directory that holds it.
    pub address: &'a str,
    /// The database there.
    pub database: &'a str,
    /// The role there.
    pub user: &'a str,
    /// The role's password.
    pub secret: Option<&'a [u8]>,
    /// False only where the address does not leave this machine.
    pub tls: bool,
    /// The CA that the target's certificate must lead to; otherwise the operating system's roots.
    pub ca_pem: Option<&'a [u8]>,
    /// The name that the certificate must bear; otherwise the address's host.
    pub server_name: Option<&'a str>,
    /// A client certificate and its key.
    pub identity: Option<(&'a [u8], &'a [u8])>,
    /// How long dialling, TLS and login may take together.
    pub deadline: Duration,
}

/// Why a target cannot be used. None of its words is a secret.
#[derive(Debug)]
pub(crate) enum DialError {
    /// No connection, or it broke.
    Unreachable(io::Error),
    /// TLS failed, or the certificate is not to be trusted.
    Untrusted(String),
    /// The target did not accept the gateway's login.
    Login(LoginError),
    /// It took too long.
    Deadline(Duration),
}

/// A target that is ready for queries.
pub(crate) struct Ready {
    pub(crate) transport: Transport,
    pub(crate) login: LoggedIn,
    /// What the target sent behind its first `ReadyForQuery`.
    pub(crate) unread: BytesMut,
}

impl Upstream {
    /// Checks and prepares everything that needs no connection.
    ///
    /// # Errors
    /// One sentence that names the field that is wrong.
    pub fn new(config: &UpstreamConfig<'_>) -> Result<Upstream, String> {
        let address = Address::parse(config.address)?;
        let tls = if config.tls {
            let name = match (config.server_name, &address) {
                (Some(name), _) => name,
                (None, Address::Tcp { host, .. }) => host,
                (None, Address::Unix(_)) => {
                    return Err("server_name: TLS over a Unix socket needs one, or tls = \"off\"".to_owned());
                }
            };
            Some(TlsDialer::new(name, config.ca_pem, config.identity, tls::POSTGRES)?)
        } else if address.stays_on_this_machine() {
            None
        } else {
            return Err("tls: \"off\" is accepted only for a loopback address or a Unix socket".to_owned());
        };
        Ok(Upstream {
            address,
            database: config.database.to_owned(),
            user: config.user.to_owned(),
            password: config.secret.map(|secret| Arc::new(Password::new(secret))),
            tls,
            deadline: config.deadline,
        })
    }

    /// The database that sessions use.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Dials, verifies and logs in, with startup parameters to pass on.
    pub(crate) async fn connect(&self, parameters: Vec<(String, String)>) -> Result<Ready, DialError> {
        timeout(self.deadline, async { self.login(self.dial().await?, parameters).await })
            .await
            .unwrap_or(Err(DialError::Deadline(self.deadline)))
    }

    /// Asks the target to cancel what a backend runs. Returns when the target has taken note.
    pub(crate) async fn cancel(&self, process_id: i32, key: &[u8]) -> Result<(), DialError> {
        let mut transport = self.dial().await?;
        let mut request = BytesMut::new();
        // The code, the process id and the length itself take twelve bytes.
        request.put_u32(u32::try_from(12 + key.len()).unwrap_or(u32::MAX));
        request.put_u32(CANCEL_REQUEST);
        request.put_i32(process_id);
        request.put_slice(key);
        transport.send(&mut request).await.map_err(DialError::Unreachable)?;
        transport.read(&mut request).await.map_err(DialError::Unreachable)?;
        Ok(())
    }

    async fn dial(&self) -> Result<Transport, DialError> {
        let mut transport = Transport::new(self.address.connect().await.map_err(DialError::Unreachable)?);
        let Some(tls) = &self.tls else { return Ok(transport) };
        let mut answer = BytesMut::new();
        transport.send(&mut BytesMut::from(&SSL_REQUEST[..])).await.map_err(DialError::Unreachable)?;
        transport.read(&mut answer).await.map_err(DialError::Unreachable)?;
        match *answer {
            [b'S'] => {}
            // Bytes behind the answer would be taken for the TLS peer's (CVE-2021-23222).
            [b'S', ..] => return Err(DialError::Untrusted("it sent plaintext behind its TLS answer".into())),
            [b'N'] => return Err(DialError::Untrusted("it does not offer TLS".into())),
            [] => return Err(DialError::Unreachable(io::ErrorKind::UnexpectedEof.into())),
            _ => return Err(DialError::Untrusted("it did not answer SSLRequest as PostgreSQL does".into())),
        }
        answer.clear();
        let records = tls.connect().map_err(|error| DialError::Untrusted(error.to_string()))?;
        let shaken = transport.handshake(records, &mut answer).await;
        shaken.map_err(|error| DialError::Untrusted(error.to_string()))?;
        Ok(transport)
    }

    async fn login(
        &self,
        mut transport: Transport,
        parameters: Vec<(String, String)>,
    ) -> Result<Ready, DialError> {
        let certificate = transport.tls().and_then(|tls| tls.peer_certificates()?.first());
        let nonce = random::bytes().map_err(DialError::Unreachable)?;
        let mut login = Login::new(LoginRequest {
            user: self.user.clone(),
            database: self.database.clone(),
            parameters,
            password: self.password.clone(),
            nonce,
            channel_binding: certificate.and_then(|certificate| end_point::binding(certificate)),
        });
        let (mut unread, mut out) = (BytesMut::new(), BytesMut::new());
        login.start(&mut out);
        loop {
            transport.send(&mut out).await.map_err(DialError::Unreachable)?;
            if transport.read(&mut unread).await.map_err(DialError::Unreachable)? == 0 {
                return Err(DialError::Unreachable(io::ErrorKind::UnexpectedEof.into()));
            }
            if let Some(login) = login.feed(&mut unread, &mut out).map_err(DialError::Login)? {
                return Ok(Ready { transport, login, unread });
            }
            if unread.len() > LOGIN_BYTES_MAX {
                return Err(DialError::Untrusted("its login went over the limit login_bytes_max".into()));
            }
        }
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream")
            .field("address", &self.address)
            .field("database", &self.database)
            .field("user", &self.user)
            .field("tls", &if self.tls.is_some() { "verify-full" } else { "off" })
            .finish_non_exhaustive()
    }
}

impl DialError {
    /// The SQLSTATE and the sentence that an agent is told. What the target says of the gateway's own
    /// login is the operator's business and stays out of it.
    pub(crate) fn for_agent(&self) -> ([u8; 5], String) {
        match self {
            DialError::Unreachable(_) | DialError::Deadline(_) => {
                (*b"08001", "Narrows cannot reach the target".to_owned())
            }
            DialError::Untrusted(_) => {
                (*b"08001", "Narrows does not trust the target's TLS certificate or its answer".to_owned())
            }
            DialError::Login(_) => (*b"08004", "Narrows could not log in at the target".to_owned()),
        }
    }
}

impl std::fmt::Display for DialError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DialError::Unreachable(error) => write!(f, "the target cannot be reached: {error}"),
            DialError::Untrusted(what) => write!(f, "the target is not to be trusted: {what}"),
            DialError::Login(LoginError::Protocol(error)) => {
                write!(f, "the target broke the protocol during login: {error}")
            }
            DialError::Login(LoginError::Refused { sqlstate, message }) => {
                write!(f, "the target refused the gateway's login: {message} ({sqlstate})")
            }
            DialError::Login(LoginError::Unacceptable(what)) => {
                write!(f, "the login at the target is not acceptable: {what}")
            }
            DialError::Deadline(limit) => {
                write!(f, "the target was not ready within connect_deadline_ms = {}", limit.as_millis())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(address: &str) -> UpstreamConfig<'_> {
        UpstreamConfig { address, database: "d", user: "u", ..UpstreamConfig::default() }
    }

    #[test]
    fn plaintext_never_leaves_this_machine() {
        for address in ["127.0.0.1:5432", "[::1]:5432", "/run/postgresql"] {
            assert!(Upstream::new(&config(address)).is_ok(), "{address}");
        }
        for address in ["10.0.0.5:5432", "db.example:5432", "localhost:5432", "[2001:db8::1]:5432"] {
            assert!(Upstream::new(&config(address)).unwrap_err().starts_with("tls:"), "{address}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_named() {
        for address in ["", "db.example", ":5432", "db.example:port", "db.example:99999"] {
            assert!(Upstream::new(&config(address)).unwrap_err().starts_with("address:"), "{address}");
        }
    }

    #[test]
    fn shows_no_secret() {
        let config = UpstreamConfig { secret: Some(b"hunter2"), ..config("127.0.0.1:5432") };
        assert!(!format!("{:?}", Upstream::new(&config).unwrap()).contains("hunter2"));
    }
}
