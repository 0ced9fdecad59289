//! `ClusterUpstream`, `ClusterOpenAsked`, `ApiCallAsked`: what Python sees of API calls.

use std::{sync::Arc, time::Duration};

use narrows_relay::{ClusterUpstreamConfig, Impersonation, event};
use narrows_wire::kubernetes::Upgrade;
use pyo3::{
    exceptions::{PyKeyError, PyValueError},
    prelude::*,
    types::{PyBytes, PyMapping, PyTuple},
};
use zeroize::Zeroizing;

/// How to reach a cluster's API server and what to present there. Its repr shows no secret.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct ClusterUpstream(pub(crate) Arc<narrows_relay::ClusterUpstream>);

/// A connection's first API call on a target: its bearer token wants a session.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct ClusterOpenAsked(pub(crate) event::ClusterOpenAsked);

/// A session wants to make an API call for which no cached verdict holds.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct ApiCallAsked(pub(crate) event::ApiCallAsked);

#[pymethods]
impl ClusterUpstream {
    #[new]
    #[pyo3(signature = (address, *, server_name = None, ca_pem = None, token = None, certificate_pem = None,
        key_pem = None, impersonate = None, connect_deadline_ms = 10_000, answer_deadline_ms = 120_000))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn new(
        py: Python<'_>,
        address: &str,
        server_name: Option<&str>,
        ca_pem: Option<&[u8]>,
        token: Option<&[u8]>,
        certificate_pem: Option<&[u8]>,
        key_pem: Option<&[u8]>,
        impersonate: Option<&Bound<'_, PyMapping>>,
        connect_deadline_ms: u64,
        answer_deadline_ms: u64,
    ) -> PyResult<ClusterUpstream> {
        let identity = match (certificate_pem, key_pem) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(PyValueError::new_err("certificate_pem and key_pem: both or neither")),
        };
        let token = token.map(|token| Zeroizing::new(token.to_vec()));
        let config = ClusterUpstreamConfig {
            address,
            server_name,
            ca_pem,
            token: token.as_ref().map(|token| token.as_slice()),
            identity,
            impersonate: impersonate.map(impersonation).transpose()?,
            deadline: Duration::from_millis(connect_deadline_ms),
            answer_deadline: Duration::from_millis(answer_deadline_ms),
        };
        // Reading the operating system's roots takes a while.
        let upstream =
            py.detach(|| narrows_relay::ClusterUpstream::new(&config)).map_err(PyValueError::new_err)?;
        Ok(ClusterUpstream(Arc::new(upstream)))
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// As whom to call, from a mapping of `user`, `groups`, `uid` and `extra`.
fn impersonation(wanted: &Bound<'_, PyMapping>) -> PyResult<Impersonation> {
    let field = |name: &str| match wanted.get_item(name) {
        Err(error) if error.is_instance_of::<PyKeyError>(wanted.py()) => Ok(None),
        found => found.map(Some),
    };
    let mut extra = Vec::new();
    if let Some(values) = field("extra")? {
        for item in values.cast::<PyMapping>()?.items()? {
            extra.push(item.extract()?);
        }
    }
    Ok(Impersonation {
        user: wanted.get_item("user")?.extract()?,
        groups: field("groups")?.map_or(Ok(Vec::new()), |groups| groups.extract())?,
        uid: field("uid")?.map_or(Ok(String::new()), |uid| uid.extract())?,
        extra,
    })
}

#[pymethods]
impl ClusterOpenAsked {
    #[getter]
    fn ask(&self) -> u64 {
        self.0.ask
    }

    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn listener(&self) -> &str {
        &self.0.listener
    }

    #[getter]
    fn peer(&self) -> &str {
        &self.0.peer
    }

    #[getter]
    fn target(&self) -> &str {
        &self.0.target
    }

    #[getter]
    fn server_name(&self) -> Option<&str> {
        self.0.server_name.as_deref()
    }

    #[getter]
    fn tls_version(&self) -> &'static str {
        self.0.tls_version
    }

    #[getter]
    fn user_agent(&self) -> &str {
        &self.0.user_agent
    }

    /// The bearer token; empty from the second call on. Not part of the repr.
    fn take_evidence<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.evidence.take())
    }

    fn __repr__(&self) -> String {
        let event::ClusterOpenAsked { ask, session, peer, target, .. } = &self.0;
        format!("ClusterOpenAsked(ask={ask}, session={session}, peer={peer:?}, target={target:?})")
    }
}

#[pymethods]
impl ApiCallAsked {
    #[getter]
    fn ask(&self) -> u64 {
        self.0.ask
    }

    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn method(&self) -> &str {
        self.0.call.method.as_str()
    }

    #[getter]
    fn verb(&self) -> &str {
        self.0.call.verb.as_str()
    }

    #[getter]
    fn path(&self) -> &str {
        &self.0.call.path
    }

    #[getter]
    fn resource_request(&self) -> bool {
        self.0.call.resource_request
    }

    #[getter]
    fn group(&self) -> &str {
        &self.0.call.group
    }

    #[getter]
    fn version(&self) -> &str {
        &self.0.call.version
    }

    #[getter]
    fn resource(&self) -> &str {
        &self.0.call.resource
    }

    #[getter]
    fn subresource(&self) -> &str {
        &self.0.call.subresource
    }

    #[getter]
    fn namespace(&self) -> &str {
        &self.0.call.namespace
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.call.name
    }

    #[getter]
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.call.parts)
    }

    #[getter]
    fn query<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let pairs = self.0.call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        PyTuple::new(py, pairs.collect::<Vec<_>>())
    }

    #[getter]
    fn content_type(&self) -> &str {
        &self.0.call.content_type
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.call.body)
    }

    #[getter]
    fn upgrade(&self) -> &'static str {
        self.0.call.upgrade.map_or("", Upgrade::as_str)
    }

    #[getter]
    fn policy_epoch(&self) -> u64 {
        self.0.policy_epoch
    }

    /// Without the query and the body, which may hold what is not for a log.
    fn __repr__(&self) -> String {
        let event::ApiCallAsked { ask, session, call, .. } = &self.0;
        let route = call.path.split('?').next().unwrap_or_default();
        format!("ApiCallAsked(ask={ask}, session={session}, verb={:?}, path={route:?})", call.verb.as_str())
    }
}
