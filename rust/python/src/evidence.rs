//! What proves a recording: verification, bundles, the log's key; and what ends one.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use narrows_journal::{ContentKey, KEY_BYTES, KeyRing, PublicKey, SessionId, Signer, Trust};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

use crate::journal::{Frame, reading_failed};

/// Checks framing, CRC, numbering, hash chains and the log; returns (sessions, frames, problems). With `key`
/// also that the log is what was signed, and that it continues the checkpoint `since`.
#[pyfunction]
#[pyo3(signature = (directory, *, key = None, since = None))]
pub(crate) fn verify_journal(
    py: Python<'_>,
    directory: &str,
    key: Option<&str>,
    since: Option<String>,
) -> PyResult<(u64, u64, Vec<String>)> {
    let trust = key.map(|key| trust(key, since)).transpose()?;
    let report = py.detach(|| narrows_journal::verify_trusting(Path::new(directory), trust.as_ref()))?;
    let problems = report.problems.iter().map(ToString::to_string).collect();
    Ok((report.sessions, report.frames, problems))
}

/// Sessions with their number of frames and whether they ended; segments under the checkpoint, if it is good;
/// frames; problems.
type BundleReport = (Vec<(u64, u64, bool)>, Option<u64>, u64, Vec<String>);

/// Verifies a bundle with nothing but the log's key.
#[pyfunction]
#[pyo3(signature = (bundle, *, key, since = None))]
pub(crate) fn verify_bundle(
    py: Python<'_>,
    bundle: &str,
    key: &str,
    since: Option<String>,
) -> PyResult<BundleReport> {
    let trust = trust(key, since)?;
    let report =
        py.detach(|| narrows_journal::verify_bundle(BufReader::new(std::fs::File::open(bundle)?), &trust))?;
    let sessions =
        report.sessions.iter().map(|shown| (shown.session.0, shown.frames, shown.closed)).collect();
    let problems = report.problems.iter().map(ToString::to_string).collect();
    Ok((sessions, report.signed, report.frames, problems))
}

/// What a bundle shows, frame by frame, opened with the keys of its sessions.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct BundleFrames(Mutex<narrows_journal::BundleFrames<BufReader<File>>>);

#[pymethods]
impl BundleFrames {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "taken from Python")]
    fn new(bundle: &str, keys: Vec<(u64, Vec<u8>)>) -> PyResult<BundleFrames> {
        let keys = keys.iter().map(|(session, bytes)| Ok((SessionId(*session), key(bytes)?)));
        let keys = keys.collect::<PyResult<Vec<_>>>()?;
        let input = BufReader::new(File::open(bundle)?);
        let frames = narrows_journal::BundleFrames::open(input, &keys).map_err(reading_failed)?;
        Ok(BundleFrames(Mutex::new(frames)))
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self) -> PyResult<Option<Frame>> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        Ok(next.transpose().map_err(reading_failed)?.map(|frame| Frame(frame, (0, 0))))
    }
}

/// Writes a bundle of the sessions to a file that must not exist.
#[pyfunction]
pub(crate) fn write_bundle(
    py: Python<'_>,
    directory: &str,
    sessions: Vec<u64>,
    bundle: &str,
) -> PyResult<()> {
    let sessions: Vec<_> = sessions.into_iter().map(SessionId).collect();
    Ok(py.detach(|| {
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(bundle)?;
        let written = write(Path::new(directory), &sessions, file);
        written.inspect_err(|_| drop(std::fs::remove_file(bundle)))
    })?)
}

fn write(directory: &Path, sessions: &[SessionId], file: std::fs::File) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    narrows_journal::bundle(directory, sessions, &mut out)?;
    out.flush()
}

/// The key of one session, unwrapped with the keys in the files `keys`. `OSError` where it cannot be had.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "taken from Python")]
pub(crate) fn content_key<'py>(
    py: Python<'py>,
    directory: &str,
    session: u64,
    keys: Vec<String>,
) -> PyResult<Bound<'py, PyBytes>> {
    let ring = KeyRing::read(&keys)?;
    let key = narrows_journal::content_key(Path::new(directory), &ring, SessionId(session))?;
    Ok(PyBytes::new(py, key.as_slice()))
}

fn key(bytes: &[u8]) -> PyResult<ContentKey> {
    let key: [u8; KEY_BYTES] =
        bytes.try_into().map_err(|_| PyValueError::new_err(format!("a key has {KEY_BYTES} bytes")))?;
    Ok(key.into())
}

/// Destroys a session's key, and so its content. Everything still verifies.
#[pyfunction]
pub(crate) fn erase_session(py: Python<'_>, directory: &str, session: u64) -> PyResult<()> {
    Ok(py.detach(|| narrows_journal::erase(Path::new(directory), SessionId(session)))?)
}

/// The verifier key of the node's log; its private half is made in `signing_key` if missing.
#[pyfunction]
#[pyo3(signature = (signing_key, origin = None))]
pub(crate) fn journal_public_key(signing_key: &str, origin: Option<&str>) -> PyResult<String> {
    Ok(Signer::open(Path::new(signing_key), origin)?.public().to_string())
}

fn trust(key: &str, since: Option<String>) -> PyResult<Trust> {
    let key = key.parse::<PublicKey>().map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(Trust { key, since })
}
