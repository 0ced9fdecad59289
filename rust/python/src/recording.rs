//! `Recording`.

use narrows_journal::{Entry, Kind};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

/// One session's place in the journal, for an engine that moves bytes itself.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Recording(pub(crate) narrows_relay::Recording);

#[pymethods]
impl Recording {
    #[getter]
    fn session(&self) -> u64 {
        self.0.session().0
    }

    /// Frames written.
    #[getter]
    fn frames(&self) -> u64 {
        self.0.head().0
    }

    /// The last link of the chain.
    #[getter]
    fn head<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.head().1)
    }

    /// Writes one frame of `head` and `data` together, without the interpreter's lock. `OSError` when it
    /// cannot: nothing may be done any more.
    fn append(&self, py: Python<'_>, kind: &str, head: &[u8], data: &[u8]) -> PyResult<()> {
        let kind = match kind {
            "open" => Kind::Open,
            "request" => Kind::Request,
            "verdict" => Kind::Verdict,
            "applied" => Kind::Applied,
            "reply" => Kind::Reply,
            "event" => Kind::Event,
            "close" => Kind::Close,
            _ => return Err(PyValueError::new_err(format!("there are no frames of kind {kind}"))),
        };
        Ok(py.detach(|| self.0.append(&Entry { kind, parts: &[head, data] }))?)
    }
}
