//! Reading the journal back.

use std::path::Path;

use narrows_journal::{Kind, Position, Reader, SessionId};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

/// One frame of the journal as read back.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Frame(narrows_journal::Frame, Place);

/// Segment and offset of a place in the journal.
type Place = (u64, u64);

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
        }
    }

    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.payload)
    }

    #[getter]
    fn position(&self) -> Place {
        self.1
    }

    fn __repr__(&self) -> String {
        format!("Frame(session={}, sequence={}, kind={:?})", self.0.session, self.0.sequence, self.kind())
    }
}

/// Frames from a place on, of one session or all, until either bound is reached or there are no more; and the
/// place to read on from. Raises `ValueError`, naming segment and offset, on damage.
#[pyfunction]
#[pyo3(signature = (directory, position, *, session = None, frames_max, bytes_max))]
pub(crate) fn read_frames(
    py: Python<'_>,
    directory: &str,
    position: Place,
    session: Option<u64>,
    frames_max: usize,
    bytes_max: usize,
) -> PyResult<(Vec<Frame>, Place)> {
    py.detach(|| collect(directory, position, session.map(SessionId), frames_max, bytes_max))
        .map_err(reading_failed)
}

fn collect(
    directory: &str,
    (segment, offset): Place,
    session: Option<SessionId>,
    frames_max: usize,
    bytes_max: usize,
) -> std::io::Result<(Vec<Frame>, Place)> {
    let mut reader = Reader::open_at(Path::new(directory), Position { segment, offset })?;
    let mut frames = Vec::new();
    let mut bytes = 0;
    while frames.len() < frames_max && bytes < bytes_max {
        let before = place(&reader);
        let Some(frame) = reader.next().transpose()? else {
            break;
        };
        if session.is_none_or(|session| session == frame.session) {
            bytes += frame.payload.len();
            frames.push(Frame(frame, before));
        }
    }
    let end = place(&reader);
    Ok((frames, end))
}

fn place(reader: &Reader) -> Place {
    let Position { segment, offset } = reader.position();
    (segment, offset)
}

/// Frames in order. Raises `ValueError`, naming segment and offset, on damage.
#[pyfunction]
#[pyo3(signature = (directory, session = None))]
pub(crate) fn read_journal(py: Python<'_>, directory: &str, session: Option<u64>) -> PyResult<Vec<Frame>> {
    let read = py.detach(|| collect(directory, (0, 0), session.map(SessionId), usize::MAX, usize::MAX));
    read.map(|(frames, _)| frames).map_err(reading_failed)
}

fn reading_failed(error: std::io::Error) -> PyErr {
    match error.kind() {
        std::io::ErrorKind::InvalidData => PyValueError::new_err(error.to_string()),
        _ => error.into(),
    }
}

/// Checks framing, CRC, numbering and hash chains; returns (sessions, frames, problems).
#[pyfunction]
pub(crate) fn verify_journal(py: Python<'_>, directory: &str) -> PyResult<(u64, u64, Vec<String>)> {
    let report = py.detach(|| narrows_journal::verify(Path::new(directory)))?;
    let problems = report.problems.iter().map(ToString::to_string).collect();
    Ok((report.sessions, report.frames, problems))
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
