//! The events, each a frozen class around the data plane's own type.

use narrows_relay::event;
use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{PyBytes, PyDict, PyList, PyTuple},
};

use crate::{
    calls::{ApiCallAsked, ClusterOpenAsked},
    text,
};

macro_rules! event_class {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[pyclass(frozen, module = "narrows._core")]
        pub(crate) struct $name(pub(crate) event::$name);
    };
}

event_class!(OpenAsked, "Someone presents evidence and wants a session.");
event_class!(StatementAsked, "A session wants to run a statement for which no cached verdict holds.");
event_class!(AskWithdrawn, "An ask needs no answer any more.");
event_class!(SessionOpened, "The upstream login succeeded and the agent has been told so.");
event_class!(SessionClosed, "A connection is over, whether or not a session was ever admitted on it.");
event_class!(QueryAnswered, "A query of the gateway's own has an answer.");
event_class!(JournalFailed, "The journal cannot be written: every session is being stopped.");
event_class!(
    JournalAlarmed,
    "Damage was found in the journal, or it cannot be sealed for now. Sessions go on."
);

/// DDL was seen on a target, or a result named a relation that its masks do not know.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct CatalogueMoved {
    target: String,
    epoch: u64,
}

/// The Python object for an event.
pub(crate) fn to_python(py: Python<'_>, event: event::Event) -> PyResult<Py<PyAny>> {
    use event::Event as E;
    match event {
        E::OpenAsked(event) => OpenAsked(event).into_py_any(py),
        E::StatementAsked(event) => StatementAsked(event).into_py_any(py),
        E::ClusterOpenAsked(event) => ClusterOpenAsked(event).into_py_any(py),
        E::ApiCallAsked(event) => ApiCallAsked(event).into_py_any(py),
        E::AskWithdrawn(event) => AskWithdrawn(event).into_py_any(py),
        E::SessionOpened(event) => SessionOpened(event).into_py_any(py),
        E::SessionClosed(event) => SessionClosed(event).into_py_any(py),
        E::QueryAnswered(event) => QueryAnswered(event).into_py_any(py),
        E::CatalogueMoved(event::CatalogueMoved { target }) => {
            target.announcement_read();
            CatalogueMoved { target: target.name.to_string(), epoch: target.catalogue() }.into_py_any(py)
        }
        E::JournalFailed(event) => JournalFailed(event).into_py_any(py),
        E::JournalAlarmed(event) => JournalAlarmed(event).into_py_any(py),
    }
}

#[pymethods]
impl OpenAsked {
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
    fn user(&self) -> &str {
        &self.0.user
    }

    #[getter]
    fn database(&self) -> &str {
        &self.0.database
    }

    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let parameters = PyDict::new(py);
        for (name, value) in &self.0.parameters {
            parameters.set_item(name, value)?;
        }
        Ok(parameters)
    }

    #[getter]
    fn server_name(&self) -> Option<&str> {
        self.0.server_name.as_deref()
    }

    #[getter]
    fn tls_version(&self) -> &'static str {
        self.0.tls_version
    }

    /// The password that was sent; empty from the second call on. Not part of the repr.
    fn take_evidence<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.evidence.take())
    }

    fn __repr__(&self) -> String {
        let event::OpenAsked { ask, session, peer, user, database, .. } = &self.0;
        format!(
            "OpenAsked(ask={ask}, session={session}, peer={peer:?}, user={user:?}, database={database:?})"
        )
    }
}

#[pymethods]
impl StatementAsked {
    #[getter]
    fn ask(&self) -> u64 {
        self.0.ask
    }

    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn phase(&self) -> &'static str {
        text::phase(self.0.statement.phase)
    }

    #[getter]
    fn text(&self) -> &str {
        &self.0.statement.text
    }

    #[getter]
    fn parameter_types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.statement.parameter_types.iter())
    }

    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let Some(parameters) = &self.0.statement.parameters else { return Ok(None) };
        let pair = |parameter: &narrows_wire::operation::Parameter| {
            (parameter.format, parameter.value.as_ref().map(|value| PyBytes::new(py, value)))
        };
        PyTuple::new(py, parameters.iter().map(pair)).map(Some)
    }

    #[getter]
    fn transaction(&self) -> &'static str {
        text::transaction(self.0.statement.transaction)
    }

    #[getter]
    fn settings_epoch(&self) -> u64 {
        self.0.statement.settings_epoch
    }

    #[getter]
    fn policy_epoch(&self) -> u64 {
        self.0.epoch.policy
    }

    #[getter]
    fn catalogue_epoch(&self) -> u64 {
        self.0.epoch.catalogue
    }

    /// Without the text, which may hold what is not for a log.
    fn __repr__(&self) -> String {
        let event::StatementAsked { ask, session, statement, .. } = &self.0;
        format!("StatementAsked(ask={ask}, session={session}, phase={:?})", text::phase(statement.phase))
    }
}

#[pymethods]
impl AskWithdrawn {
    #[getter]
    fn ask(&self) -> u64 {
        self.0.ask
    }

    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn reason(&self) -> &'static str {
        self.0.reason.as_str()
    }

    fn __repr__(&self) -> String {
        let event::AskWithdrawn { ask, session, reason } = &self.0;
        format!("AskWithdrawn(ask={ask}, session={session}, reason={:?})", reason.as_str())
    }
}

#[pymethods]
impl SessionOpened {
    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn server_version(&self) -> &str {
        &self.0.server_version
    }

    fn __repr__(&self) -> String {
        format!("SessionOpened(session={})", self.0.session)
    }
}

#[pymethods]
impl SessionClosed {
    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn reason(&self) -> &str {
        &self.0.reason
    }

    #[getter]
    fn admitted(&self) -> bool {
        self.0.admitted
    }

    #[getter]
    fn peer(&self) -> &str {
        &self.0.peer
    }

    #[getter]
    fn operations(&self) -> u64 {
        self.0.counts.operations
    }

    #[getter]
    fn denials(&self) -> u64 {
        self.0.counts.denials
    }

    #[getter]
    fn masked_values(&self) -> u64 {
        self.0.counts.masked_values
    }

    #[getter]
    fn bytes_to_agent(&self) -> u64 {
        self.0.counts.bytes_to_agent
    }

    #[getter]
    fn frames(&self) -> u64 {
        self.0.frames
    }

    /// The last link of the session's hash chain: 32 bytes.
    #[getter]
    fn head<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.head)
    }

    fn __repr__(&self) -> String {
        format!("SessionClosed(session={}, reason={:?})", self.0.session, self.0.reason)
    }
}

#[pymethods]
impl QueryAnswered {
    #[getter]
    fn query(&self) -> u64 {
        self.0.query
    }

    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        let Ok(rows) = &self.0.answer else { return Ok(None) };
        let tuples: Vec<_> = rows.iter().map(|row| PyTuple::new(py, row)).collect::<PyResult<_>>()?;
        PyList::new(py, tuples).map(Some)
    }

    #[getter]
    fn error(&self) -> Option<&str> {
        self.0.answer.as_ref().err().map(String::as_str)
    }

    fn __repr__(&self) -> String {
        format!("QueryAnswered(query={}, error={:?})", self.0.query, self.error())
    }
}

#[pymethods]
impl CatalogueMoved {
    #[getter]
    fn target(&self) -> &str {
        &self.target
    }

    #[getter]
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn __repr__(&self) -> String {
        format!("CatalogueMoved(target={:?}, epoch={})", self.target, self.epoch)
    }
}

#[pymethods]
impl JournalFailed {
    #[getter]
    fn reason(&self) -> &str {
        &self.0.reason
    }

    fn __repr__(&self) -> String {
        format!("JournalFailed(reason={:?})", self.0.reason)
    }
}

#[pymethods]
impl JournalAlarmed {
    /// `damaged`, `missing`, `unsealed` or `torn`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.trouble.as_str()
    }

    #[getter]
    fn what(&self) -> &str {
        &self.0.what
    }

    fn __repr__(&self) -> String {
        format!("JournalAlarmed(what={:?})", self.0.what)
    }
}
