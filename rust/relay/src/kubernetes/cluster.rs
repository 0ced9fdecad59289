//! How an API server is reached, and what is presented there.

use std::{io, time::Duration};

use bytes::BytesMut;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue};
use tokio::time::timeout;

use crate::{
    address::Address,
    tls::{self, TlsDialer},
    transport::Transport,
};

/// How to reach a cluster and what to present there. Its `Debug` shows no secret.
pub struct ClusterUpstream {
    address: Address,
    tls: TlsDialer,
    /// Host, Authorization and Impersonate-*: all that says where and as whom.
    headers: HeaderMap,
    /// Names everything above: two that share it may share connections.
    identity: Identity,
    deadline: Duration,
    answer_deadline: Duration,
}

/// Under which connections are kept.
pub(crate) type Identity = [u8; blake3::OUT_LEN];

/// What a [`ClusterUpstream`] is made of.
#[derive(Default)]
pub struct ClusterUpstreamConfig<'a> {
    /// `host:port` or `[v6]:port`.
    pub address: &'a str,
    /// The name that the certificate must bear; otherwise the address's host.
    pub server_name: Option<&'a str>,
    /// The CA that the certificate must lead to; otherwise the operating system's roots.
    pub ca_pem: Option<&'a [u8]>,
    /// A bearer token.
    pub token: Option<&'a [u8]>,
    /// A client certificate and its key.
    pub identity: Option<(&'a [u8], &'a [u8])>,
    /// As whom the cluster is to see the calls.
    pub impersonate: Option<Impersonation>,
    /// How long dialling and TLS may take together.
    pub deadline: Duration,
    /// How long it may take to begin an answer, or to go on with one that has an end.
    pub answer_deadline: Duration,
}

/// As whom a cluster is to see calls ("User impersonation" in Kubernetes' documentation).
#[derive(Clone, Debug, Default)]
pub struct Impersonation {
    /// The user's name.
    pub user: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// Its uid; may be empty.
    pub uid: String,
    /// Anything else that authorizers may look at, by key.
    pub extra: Vec<(String, Vec<String>)>,
}

/// Why an API server cannot be used. None of its words is a secret.
#[derive(Debug)]
pub(crate) enum DialError {
    /// No connection, or it broke.
    Unreachable(io::Error),
    /// TLS failed, or the certificate is not to be trusted.
    Untrusted(String),
    /// It took too long.
    Deadline(Duration),
}

impl ClusterUpstream {
    /// Checks and prepares everything that needs no connection.
    ///
    /// # Errors
    /// One sentence that names the field that is wrong.
    pub fn new(config: &ClusterUpstreamConfig<'_>) -> Result<ClusterUpstream, String> {
        let address = Address::parse(config.address)?;
        let Address::Tcp { host, .. } = &address else {
            return Err(format!("address: {:?} is not host:port", config.address));
        };
        let name = config.server_name.unwrap_or(host);
        let tls = TlsDialer::new(name, config.ca_pem, config.identity, tls::HTTP)?;
        let headers = headers(config)?;
        let identity = identity(config, &headers);
        let ClusterUpstreamConfig { deadline, answer_deadline, .. } = *config;
        Ok(ClusterUpstream { address, tls, headers, identity, deadline, answer_deadline })
    }

    /// What every request to it bears.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How long it may take to begin an answer, or to go on with one that has an end.
    pub(crate) fn answer_deadline(&self) -> Duration {
        self.answer_deadline
    }

    /// Under which its connections are kept.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Dials and verifies.
    pub(crate) async fn dial(&self) -> Result<Transport, DialError> {
        timeout(self.deadline, self.connect()).await.unwrap_or(Err(DialError::Deadline(self.deadline)))
    }

    async fn connect(&self) -> Result<Transport, DialError> {
        let mut transport = Transport::new(self.address.connect().await.map_err(DialError::Unreachable)?);
        let untrusted = |error: &dyn std::fmt::Display| DialError::Untrusted(error.to_string());
        let records = self.tls.connect().map_err(|error| untrusted(&error))?;
        let mut early = BytesMut::new();
        transport.handshake(records, &mut early).await.map_err(|error| untrusted(&error))?;
        if !early.is_empty() {
            return Err(DialError::Untrusted("it spoke before it was asked".to_owned()));
        }
        Ok(transport)
    }
}

fn headers(config: &ClusterUpstreamConfig<'_>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, value("address", config.address.as_bytes())?);
    if let Some(token) = config.token {
        let mut bearer = value("token", &[b"Bearer ", token].concat())?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    let Some(Impersonation { user, groups, uid, extra }) = &config.impersonate else { return Ok(headers) };
    if user.is_empty() {
        return Err("impersonate: it names no user".to_owned());
    }
    headers.insert(HeaderName::from_static("impersonate-user"), value("impersonate", user.as_bytes())?);
    for group in groups {
        let group = value("impersonate", group.as_bytes())?;
        headers.append(HeaderName::from_static("impersonate-group"), group);
    }
    if !uid.is_empty() {
        headers.insert(HeaderName::from_static("impersonate-uid"), value("impersonate", uid.as_bytes())?);
    }
    for (key, values) in extra {
        let name = HeaderName::try_from(format!("impersonate-extra-{}", escaped(key)))
            .map_err(|_| format!("impersonate: {key:?} cannot be the key of an extra"))?;
        for text in values {
            headers.append(name.clone(), value("impersonate", text.as_bytes())?);
        }
    }
    Ok(headers)
}

fn value(field: &str, text: &[u8]) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(text).map_err(|_| format!("{field}: it holds bytes that no HTTP header can"))
}

/// A key of an extra as a header's name can hold it: percent-encoded, which the API server undoes.
fn escaped(key: &str) -> String {
    key.bytes().fold(String::new(), |name, byte| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => format!("{name}{}", byte as char),
        _ => format!("{name}%{byte:02x}"),
    })
}

fn identity(config: &ClusterUpstreamConfig<'_>, headers: &HeaderMap) -> Identity {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(config.server_name.unwrap_or_default().as_bytes());
    field(config.ca_pem.unwrap_or_default());
    let (certificate, key) = config.identity.unwrap_or_default();
    field(certificate);
    field(key);
    for (name, value) in headers {
        field(name.as_str().as_bytes());
        field(value.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

impl DialError {
    /// The sentence that an agent is told. The rest is the operator's business.
    pub(crate) fn for_agent(&self) -> &'static str {
        match self {
            DialError::Unreachable(_) | DialError::Deadline(_) => "Narrows cannot reach the API server",
            DialError::Untrusted(_) => "Narrows does not trust the API server's TLS certificate",
        }
    }
}

impl std::fmt::Display for DialError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DialError::Unreachable(error) => write!(f, "the API server cannot be reached: {error}"),
            DialError::Untrusted(what) => write!(f, "the API server is not to be trusted: {what}"),
            DialError::Deadline(limit) => {
                write!(f, "the API server was not ready within connect_deadline_ms = {}", limit.as_millis())
            }
        }
    }
}

impl std::fmt::Debug for ClusterUpstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClusterUpstream").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(address: &str) -> ClusterUpstreamConfig<'_> {
        ClusterUpstreamConfig { address, ..ClusterUpstreamConfig::default() }
    }

    fn identity_of(config: &ClusterUpstreamConfig<'_>) -> Identity {
        *ClusterUpstream::new(config).unwrap().identity()
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        for (config, field) in [
            (config("prod"), "address:"),
            (config("/run/api.sock"), "address:"),
            (ClusterUpstreamConfig { token: Some(b"a\r\nb"), ..config("prod:6443") }, "token:"),
            (
                ClusterUpstreamConfig {
                    impersonate: Some(Impersonation { groups: vec!["g".into()], ..Impersonation::default() }),
                    ..config("prod:6443")
                },
                "impersonate:",
            ),
        ] {
            let error = ClusterUpstream::new(&config).unwrap_err();
            assert!(error.starts_with(field), "{error}");
        }
    }

    #[test]
    fn shows_no_secret() {
        let config = ClusterUpstreamConfig { token: Some(b"hunter2"), ..config("prod:6443") };
        assert!(!format!("{:?}", ClusterUpstream::new(&config).unwrap()).contains("hunter2"));
    }

    #[test]
    fn says_as_whom_it_calls() {
        let extra = vec![("example.org/Team".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
        let groups = vec!["one".to_owned(), "two".to_owned()];
        let impersonate = Some(Impersonation { user: "agent".into(), groups, uid: "7".into(), extra });
        let cluster =
            ClusterUpstream::new(&ClusterUpstreamConfig { impersonate, ..config("prod:6443") }).unwrap();
        let all = |name: &str| -> Vec<_> {
            cluster.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
        };
        assert_eq!(all("impersonate-user"), ["agent"]);
        assert_eq!(all("impersonate-group"), ["one", "two"]);
        assert_eq!(all("impersonate-uid"), ["7"]);
        assert_eq!(all("impersonate-extra-example.org%2f%54eam"), ["a", "b"]);
    }

    #[test]
    fn connections_are_shared_only_by_those_who_are_the_same() {
        let mut seen = vec![identity_of(&config("prod:6443")), identity_of(&config("test:6443"))];
        seen.push(identity_of(&ClusterUpstreamConfig { token: Some(b"a"), ..config("prod:6443") }));
        seen.push(identity_of(&ClusterUpstreamConfig { token: Some(b"b"), ..config("prod:6443") }));
        seen.push(identity_of(&ClusterUpstreamConfig { server_name: Some("a"), ..config("prod:6443") }));
        for user in ["a", "b"] {
            let impersonate = Some(Impersonation { user: user.into(), ..Impersonation::default() });
            seen.push(identity_of(&ClusterUpstreamConfig { impersonate, ..config("prod:6443") }));
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
        assert_eq!(identity_of(&config("prod:6443")), identity_of(&config("prod:6443")));
    }
}
