//! What TLS is offered to agents and demanded of targets.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::UnbufferedClientConnection,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache, UnbufferedServerConnection},
    sign::CertifiedKey,
};

use crate::bounds::TLS_SESSIONS_MAX;

/// The ALPN protocol of Postgres, as IANA registers it.
pub(crate) const POSTGRES: &[u8] = b"postgresql";

/// The ALPN protocol of API calls: upgrades are made on HTTP/1.1 alone, so it is spoken for all.
pub(crate) const HTTP: &[u8] = b"http/1.1";

/// TLS as offered to agents: versions 1.2 and 1.3, resumption, one ALPN protocol.
#[derive(Debug)]
pub(crate) struct TlsAcceptor {
    config: ServerConfig,
    key: Arc<CertifiedKey>,
}

/// TLS as demanded of a target: its certificate must lead to a trusted root and bear its name.
#[derive(Clone, Debug)]
pub(crate) struct TlsDialer {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

/// The name that one `ClientHello` asked for; rustls tells it to the certificate resolver alone.
#[derive(Debug)]
pub(crate) struct AskedName {
    key: Arc<CertifiedKey>,
    name: OnceLock<String>,
}

impl TlsAcceptor {
    /// Reads a certificate chain and its key.
    ///
    /// # Errors
    /// One sentence on what is wrong with the PEM text.
    pub(crate) fn from_pem(
        certificate: &[u8],
        key: &[u8],
        protocol: &'static [u8],
    ) -> Result<TlsAcceptor, String> {
        let provider = provider();
        let chain = certificates(certificate)?;
        let key = CertifiedKey::from_der(chain, private_key(key)?, &provider)
            .map_err(|error| format!("the certificate does not go with the key: {error}"))?;
        let key = Arc::new(key);
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_cert_resolver(AskedName::resolver(&key));
        config.alpn_protocols = vec![protocol.to_vec()];
        config.session_storage = ServerSessionMemoryCache::new(TLS_SESSIONS_MAX);
        config.ticketer = rustls::crypto::ring::Ticketer::new().map_err(|error| error.to_string())?;
        Ok(TlsAcceptor { config, key })
    }

    /// The server side of one connection, and where the name that it asks for will be found.
    pub(crate) fn accept(&self) -> Result<(UnbufferedServerConnection, Arc<AskedName>), rustls::Error> {
        let asked = AskedName::resolver(&self.key);
        let mut config = self.config.clone();
        config.cert_resolver = Arc::<AskedName>::clone(&asked);
        Ok((UnbufferedServerConnection::new(Arc::new(config))?, asked))
    }
}

impl TlsDialer {
    /// Verify-full against the roots in `ca`, or the operating system's; with a client certificate if
    /// one is given.
    ///
    /// # Errors
    /// One sentence on what is wrong with the PEM text or the name.
    pub(crate) fn new(
        name: &str,
        ca: Option<&[u8]>,
        identity: Option<(&[u8], &[u8])>,
        protocol: &'static [u8],
    ) -> Result<TlsDialer, String> {
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| format!("{name:?} is neither a host name nor an IP address"))?;
        let roots = match ca {
            Some(pem) => Arc::new(roots(pem)?),
            None => system_roots(),
        };
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        let mut config = match identity {
            Some((certificate, key)) => builder
                .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
                .map_err(|error| format!("the certificate does not go with the key: {error}"))?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(TlsDialer { config: Arc::new(config), name })
    }

    /// The client side of one connection.
    pub(crate) fn connect(&self) -> Result<UnbufferedClientConnection, rustls::Error> {
        UnbufferedClientConnection::new(Arc::clone(&self.config), self.name.clone())
    }
}

impl AskedName {
    fn resolver(key: &Arc<CertifiedKey>) -> Arc<AskedName> {
        Arc::new(AskedName { key: Arc::clone(key), name: OnceLock::new() })
    }

    /// The name, if the `ClientHello` had one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        self.name.get().map(String::as_str)
    }
}

impl ResolvesServerCert for AskedName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if let Some(name) = hello.server_name() {
            self.name.get_or_init(|| name.to_owned());
        }
        Some(Arc::clone(&self.key))
    }
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the certificate is not readable PEM: {error}"))?;
    if chain.is_empty() { Err("there is no certificate in the PEM text".to_owned()) } else { Ok(chain) }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|error| format!("the private key is not readable PEM: {error}"))
}

fn roots(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|error| format!("a CA certificate cannot be used: {error}"))?;
    }
    Ok(roots)
}

/// The operating system's roots, read once: there are some 150 of them.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    Arc::clone(ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    }))
}
