//! Reading the journal back.

use std::path::Path;

use narrows_journal::{KeyRing, Kind, Position, Reader, SessionId, Withheld};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

/// One frame of the journal as read back.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Frame(pub(crate) narrows_journal::Frame, pub(crate) Place);

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
            Kind::Damaged => "damaged",
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

/// Frames from a place on, of one session or all, until either bound is reached or there are no more; and the
/// place to read on from. They are decrypted with the keys in the files `keys`. Raises `ValueError`, naming
/// segment and offset, on damage.
#[pyfunction]
#[pyo3(signature = (directory, position, *, session = None, frames_max, bytes_max, keys = Vec::new()),
    text_signature = "(directory, position, *, session=None, frames_max, bytes_max, keys=())")]
#[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
pub(crate) fn read_frames(
    py: Python<'_>,
    directory: &str,
    position: Place,
    session: Option<u64>,
    frames_max: usize,
    bytes_max: usize,
    keys: Vec<String>,
) -> PyResult<(Vec<Frame>, Place)> {
    py.detach(|| {
        let reader = open_reader(directory, position, &keys)?;
        part(reader, session.map(SessionId), frames_max, bytes_max)
    })
    .map_err(reading_failed)
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
    let read = py
        .detach(|| narrows_journal::collect(open_reader(directory, (0, 0), &keys)?, session.map(SessionId)));
    let frames = read.map_err(reading_failed)?;
    Ok(frames.into_iter().map(|frame| Frame(frame, (0, 0))).collect())
}

/// As [`narrows_journal::collect`], damage elsewhere does not matter to a session that is there to its end.
fn part(
    mut reader: Reader,
    session: Option<SessionId>,
    frames_max: usize,
    bytes_max: usize,
) -> std::io::Result<(Vec<Frame>, Place)> {
    let mut frames = Vec::new();
    let mut bytes = 0;
    let mut damage = None;
    while frames.len() < frames_max && bytes < bytes_max {
        let frame = match reader.next() {
            Some(Ok(frame)) => frame,
            Some(Err(error)) if session.is_some() && error.kind() == std::io::ErrorKind::InvalidData => {
                damage = damage.or(Some(error));
                continue;
            }
            Some(Err(error)) => return Err(error),
            None => break,
        };
        if session.is_none_or(|session| session == frame.session) {
            bytes += frame.payload.len();
            frames.push(Frame(frame, place(reader.began())));
        }
    }
    match damage {
        Some(error) if frames.last().is_none_or(|Frame(frame, _)| frame.kind != Kind::Close) => Err(error),
        _ => Ok((frames, place(reader.position()))),
    }
}

fn place(Position { segment, offset }: Position) -> Place {
    (segment, offset)
}

pub(crate) fn reading_failed(error: std::io::Error) -> PyErr {
    match error.kind() {
        std::io::ErrorKind::InvalidData => PyValueError::new_err(error.to_string()),
        _ => error.into(),
    }
}

fn open_reader(directory: &str, (segment, offset): Place, keys: &[String]) -> std::io::Result<Reader> {
    let reader = Reader::open_at(Path::new(directory), Position { segment, offset })?;
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
