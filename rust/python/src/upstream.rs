//! `Upstream`.

use std::{sync::Arc, time::Duration};

use narrows_relay::UpstreamConfig;
use pyo3::{exceptions::PyValueError, prelude::*};
use zeroize::Zeroizing;

/// How to reach a target and what to present there. Its repr shows no secret.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Upstream(pub(crate) Arc<narrows_relay::Upstream>);

#[pymethods]
impl Upstream {
    #[new]
    #[pyo3(signature = (*, address, database, user, secret = None, tls = "verify-full", ca_pem = None,
        server_name = None, certificate_pem = None, key_pem = None, connect_deadline_ms = 10_000))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn new(
        py: Python<'_>,
        address: &str,
        database: &str,
        user: &str,
        secret: Option<&[u8]>,
        tls: &str,
        ca_pem: Option<&[u8]>,
        server_name: Option<&str>,
        certificate_pem: Option<&[u8]>,
        key_pem: Option<&[u8]>,
        connect_deadline_ms: u64,
    ) -> PyResult<Upstream> {
        let tls = match tls {
            "verify-full" => true,
            "off" => false,
            _ => return Err(PyValueError::new_err("tls: it is \"verify-full\" or \"off\"")),
        };
        let identity = match (certificate_pem, key_pem) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(PyValueError::new_err("certificate_pem and key_pem: both or neither")),
        };
        let secret = secret.map(|secret| Zeroizing::new(secret.to_vec()));
        let config = UpstreamConfig {
            address,
            database,
            user,
            secret: secret.as_ref().map(|secret| secret.as_slice()),
            tls,
            ca_pem,
            server_name,
            identity,
            deadline: Duration::from_millis(connect_deadline_ms),
        };
        // Reading the operating system's roots takes a while.
        let upstream = py.detach(|| narrows_relay::Upstream::new(&config)).map_err(PyValueError::new_err)?;
        Ok(Upstream(Arc::new(upstream)))
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}
