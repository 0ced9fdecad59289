//! API calls of Kubernetes as the data plane reads them, for what explains policy without a cluster.

use narrows_wire::kubernetes::{self, Upgrade};
use pyo3::{exceptions::PyValueError, prelude::*};

/// One request to a cluster, read.
#[pyclass(frozen, get_all, module = "narrows._core")]
pub(crate) struct ApiCallRead {
    target: String,
    method: &'static str,
    verb: &'static str,
    server_verb: &'static str,
    path: String,
    resource_request: bool,
    group: String,
    version: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
    parts: Vec<String>,
    query: Vec<(String, String)>,
    content_type: String,
    upgrade: &'static str,
}

/// Reads a request: its method, its path with `/clusters/<target>` and query, and its headers.
#[pyfunction]
#[pyo3(signature = (method, uri, headers = Vec::new()))]
#[allow(clippy::needless_pass_by_value, reason = "as PyO3 extracts it")]
pub(crate) fn read_api_call(
    method: &str,
    uri: &str,
    headers: Vec<(String, String)>,
) -> PyResult<ApiCallRead> {
    let headers: Vec<kubernetes::Header<'_>> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    match kubernetes::ApiCall::read(method, uri, &headers) {
        Ok(call) => Ok(ApiCallRead::from(call)),
        Err(status) => Err(PyValueError::new_err(status.to_string())),
    }
}

impl From<kubernetes::ApiCall> for ApiCallRead {
    fn from(call: kubernetes::ApiCall) -> ApiCallRead {
        ApiCallRead {
            target: call.target,
            method: call.method.as_str(),
            verb: call.verb.as_str(),
            server_verb: call.server_verb.as_str(),
            path: call.path,
            resource_request: call.resource_request,
            group: call.group,
            version: call.version,
            resource: call.resource,
            subresource: call.subresource,
            namespace: call.namespace,
            name: call.name,
            parts: call.parts,
            query: call.query,
            content_type: call.content_type,
            upgrade: call.upgrade.map_or("", Upgrade::as_str),
        }
    }
}
