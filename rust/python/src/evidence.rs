//! What proves a recording: verification, bundles, the log's key; and what ends one.

use std::fs::OpenOptions;
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use narrows_journal::{PublicKey, SessionId, Signer, Trust};
use pyo3::{exceptions::PyValueError, prelude::*};

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
