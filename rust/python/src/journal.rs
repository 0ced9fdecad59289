//! Reading the journal back.

use std::path::Path;

use narrows_journal::{KeyRing, Kind, Reader, SessionId, Withheld};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

/// One frame of the journal as read back.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Frame(narrows_journal::Frame);

#[pymethods]
impl Frame {
    #[getter]
    fn session(&self) -> u64 {
        self.0.session.0
    }

    #[getter]
    fn sequence(&self) -> u64 {
        self.0.sequence
    }

    #[getter]
    fn time_us(&self) -> u64 {
        self.0.time_us
    }

    #[getter]
    fn kind(&self) -> &'static str {
        match self.0.kind {
            Kind::Open => "open",
            Kind::Request => "request",
            Kind::Verdict => "verdict",
            Kind::Applied => "applied",
            Kind::Reply => "reply",
            Kind::Event => "event",
            Kind::Close => "close",
            Kind::Recovered => "recovered",
            Kind::Damaged => "damaged",
        }
    }

    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.payload)
    }

    /// Why the payload is empty: `erased`, or `locked` for want of the key.
    #[getter]
    fn withheld(&self) -> Option<&'static str> {
        self.0.withheld.map(|withheld| match withheld {
            Withheld::Erased => "erased",
            Withheld::Locked => "locked",
        })
    }

    fn __repr__(&self) -> String {
        format!("Frame(session={}, sequence={}, kind={:?})", self.0.session, self.0.sequence, self.kind())
    }
}

/// Frames in order, decrypted with the keys in the files `keys`. Raises `ValueError`, naming segment and
/// offset, on damage that may concern them.
#[pyfunction]
#[pyo3(signature = (directory, session = None, *, keys = Vec::new()),
    text_signature = "(directory, session=None, *, keys=())")]
#[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
pub(crate) fn read_journal(
    py: Python<'_>,
    directory: &str,
    session: Option<u64>,
    keys: Vec<String>,
) -> PyResult<Vec<Frame>> {
    let read = py.detach(|| narrows_journal::collect(open_reader(directory, &keys)?, session.map(SessionId)));
    let frames = read.map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => PyValueError::new_err(error.to_string()),
        _ => error.into(),
    })?;
    Ok(frames.into_iter().map(Frame).collect())
}

fn open_reader(directory: &str, keys: &[String]) -> std::io::Result<Reader> {
    let reader = Reader::open(Path::new(directory))?;
    if keys.is_empty() { Ok(reader) } else { Ok(reader.with_keys(KeyRing::read(keys)?)) }
}

/// A session id as people see it: 13 characters of Crockford base32.
#[pyfunction]
pub(crate) fn session_name(session: u64) -> String {
    SessionId(session).to_string()
}

/// The inverse of `session_name`; `ValueError` when it is none.
#[pyfunction]
pub(crate) fn session_id(name: &str) -> PyResult<u64> {
    let id: SessionId = name.parse().map_err(|error| PyValueError::new_err(format!("{error}")))?;
    Ok(id.0)
}
