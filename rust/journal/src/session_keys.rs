//! Where sessions' wrapped keys are kept: `keys/NNNNNNNNNN.keys`, a file for each hour in which sessions
//! opened, so that a key is found without reading those of other days.
//!
//! A file is a sequence of records of 80 bytes: session, id of the wrapping key, wrapped key, and a
//! CRC-32C of all that. Erasing a session overwrites its wrapped key with zeros: what was encrypted with
//! it is gone, while everything that was hashed is still there.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::{Buf, BufMut};

use crate::SessionId;
use crate::disk::{self, Disk, DiskFile};
use crate::keys::{ContentKey, KeyId, KeyRing, SessionKey, WRAPPED_BYTES, WrappedKey};

/// The directory within the journal's.
pub(crate) const DIRECTORY: &str = "keys";
const RECORD_BYTES: usize = 80;
const WRAPPED_AT: usize = 8 + size_of::<KeyId>();
const HOUR_MS: u64 = 3_600_000;
const ERASED: [u8; WRAPPED_BYTES] = [0; WRAPPED_BYTES];

/// A session's key as found.
#[derive(Debug)]
pub(crate) enum Found {
    /// It opens the session's payloads.
    Key(SessionKey),
    /// It was destroyed.
    Erased,
    /// It is there, and no key that wraps it was given.
    Locked,
}

/// Makes and keeps the keys of new sessions.
#[derive(Debug)]
pub(crate) struct SessionKeys {
    ring: KeyRing,
    open: Mutex<Option<(String, Arc<dyn DiskFile>)>>,
}

impl SessionKeys {
    pub(crate) fn new(ring: KeyRing) -> SessionKeys {
        SessionKeys { ring, open: Mutex::default() }
    }

    /// Makes a key and writes it down; it has to be synced along with the session's first frame.
    pub(crate) fn make(
        &self,
        disk: &dyn Disk,
        session: SessionId,
    ) -> io::Result<(SessionKey, Arc<dyn DiskFile>)> {
        let (key, wrapped) = self.ring.make(session)?;
        let mut open = self.open.lock().map_err(|_| io::Error::other("the writer of keys panicked"))?;
        let name = file_name(session);
        let file = match open.take().filter(|(current, _)| *current == name) {
            Some((_, file)) => file,
            None => disk.append_to(&name)?,
        };
        disk::write_all(file.as_ref(), &record(session, &wrapped))?;
        *open = Some((name, Arc::clone(&file)));
        Ok((key, file))
    }
}

/// Looks for the key of a session in the journal in `directory`.
///
/// # Errors
/// Its file cannot be read, or has no whole record of the session.
pub(crate) fn find(directory: &Path, ring: Option<&KeyRing>, session: SessionId) -> io::Result<Found> {
    let Some(wrapped) = wrapped_key(directory, session)? else {
        return Ok(Found::Erased);
    };
    Ok(ring.and_then(|ring| ring.unwrap(session, &wrapped)).map_or(Found::Locked, Found::Key))
}

/// The key of a session in the journal in `directory`, for whoever may read that session elsewhere.
///
/// # Errors
/// The session has no key, since its journal does not encrypt; it was destroyed; none of the keys wrapped it; or
/// the file cannot be read.
pub fn content_key(directory: &Path, ring: &KeyRing, session: SessionId) -> io::Result<ContentKey> {
    let failed = |what: &str| io::Error::other(format!("the key of session {session} {what}"));
    let wrapped = wrapped_key(directory, session)?.ok_or_else(|| failed("was destroyed"))?;
    ring.unwrap_bytes(session, &wrapped).ok_or_else(|| failed("was wrapped by none of the keys given"))
}

fn wrapped_key(directory: &Path, session: SessionId) -> io::Result<Option<WrappedKey>> {
    let (_, wrapped) = locate(directory, session)?;
    Ok((wrapped.bytes != ERASED).then_some(wrapped))
}

/// Destroys the key of a session: its payloads can never be read again, and everything still verifies.
/// Copies of the file, such as backups, have to be destroyed as well.
///
/// # Errors
/// The session has no key, since its journal does not encrypt, or the file cannot be written.
pub fn erase(directory: &Path, session: SessionId) -> io::Result<()> {
    let (at, wrapped) = locate(directory, session)?;
    let file = OpenOptions::new().write(true).open(path(directory, session))?;
    file.write_all_at(&record(session, &WrappedKey { bytes: ERASED, ..wrapped }), at)?;
    file.sync_all()
}

fn locate(directory: &Path, session: SessionId) -> io::Result<(u64, WrappedKey)> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, format!("session {session} has no key"));
    let bytes = std::fs::read(path(directory, session)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(),
        _ => error,
    })?;
    // A kill may leave the front of a record, behind which the next one starts at once.
    let mut at = 0;
    while let Some(record) = bytes.get(at..at + RECORD_BYTES) {
        match decode(record) {
            Some((found, wrapped)) if found == session => return Ok((at as u64, wrapped)),
            Some(_) => at += RECORD_BYTES,
            None => at += 1,
        }
    }
    Err(missing())
}

fn record(session: SessionId, wrapped: &WrappedKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD_BYTES);
    bytes.put_u64(session.0);
    bytes.put_slice(&wrapped.by);
    bytes.put_slice(&wrapped.bytes);
    bytes.put_u32(crc32c::crc32c(&bytes));
    bytes
}

fn decode(record: &[u8]) -> Option<(SessionId, WrappedKey)> {
    let (mut fields, crc) = record.split_last_chunk::<4>()?;
    if crc32c::crc32c(fields) != u32::from_be_bytes(*crc) {
        return None;
    }
    let bytes = fields.get(WRAPPED_AT..)?.try_into().ok()?;
    let session = SessionId(fields.get_u64());
    let mut by = KeyId::default();
    fields.copy_to_slice(&mut by);
    Some((session, WrappedKey { by, bytes }))
}

fn file_name(session: SessionId) -> String {
    format!("{DIRECTORY}/{:010}.keys", session.time_ms() / HOUR_MS)
}

fn path(directory: &Path, session: SessionId) -> PathBuf {
    directory.join(file_name(session))
}
