//! Keys at rest: one for each session's payloads, wrapped by one that is kept elsewhere.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::SessionId;

/// Bytes of every key here.
pub const KEY_BYTES: usize = 32;
/// Bytes that authenticate an encrypted payload.
pub(crate) const TAG_BYTES: usize = 16;
/// Bytes of a wrapped session key: nonce, key, tag.
pub(crate) const WRAPPED_BYTES: usize = NONCE_LEN + KEY_BYTES + TAG_BYTES;
const KEY_ID_BYTES: usize = 8;
/// Bits of a file's mode that let others have it.
const OTHERS: u32 = 0o077;

/// Says which key-encryption key wrapped a session's, without telling anything of it.
pub(crate) type KeyId = [u8; KEY_ID_BYTES];

/// What one session's payloads are encrypted with: AES-256-GCM (NIST SP 800-38D), the frame's number being
/// the nonce. No number is used twice, since after a failed write nothing is written any more.
#[derive(Clone)]
pub(crate) struct SessionKey(Arc<LessSafeKey>);

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey")
    }
}

/// A session's key as bytes, for whoever may read that session elsewhere.
pub type ContentKey = Zeroizing<[u8; KEY_BYTES]>;

impl SessionKey {
    pub(crate) fn new(bytes: &[u8]) -> Option<SessionKey> {
        Some(SessionKey(Arc::new(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).ok()?))))
    }

    /// Encrypts in place; `None` if that cannot be done, and then `payload` may not be written.
    pub(crate) fn seal(&self, sequence: u64, fields: &[u8], payload: &mut [u8]) -> Option<[u8; TAG_BYTES]> {
        let tag = self.0.seal_in_place_separate_tag(nonce(sequence), Aad::from(fields), payload).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Decrypts in place and drops the tag; `None` if it is not what was encrypted.
    pub(crate) fn open(&self, sequence: u64, fields: &[u8], payload: &mut Vec<u8>) -> Option<()> {
        let plain = self.0.open_in_place(nonce(sequence), Aad::from(fields), payload).ok()?.len();
        payload.truncate(plain);
        Some(())
    }
}

fn nonce(sequence: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    if let Some(place) = bytes.last_chunk_mut::<8>() {
        *place = sequence.to_be_bytes();
    }
    Nonce::assume_unique_for_key(bytes)
}

/// The key-encryption keys: the first wraps the keys of new sessions, all of them unwrap. So a key is
/// replaced by putting another in front of it.
#[derive(Clone)]
pub struct KeyRing(Arc<[KeyEncryptionKey]>);

struct KeyEncryptionKey {
    id: KeyId,
    key: LessSafeKey,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing of {}", self.0.len())
    }
}

impl KeyRing {
    /// Reads each key from a file of exactly 32 random bytes.
    ///
    /// # Errors
    /// There is no file, one cannot be read, others may read it, or it has another length.
    pub fn read(files: &[impl AsRef<Path>]) -> io::Result<KeyRing> {
        let keys = files.iter().map(|file| read_key(file.as_ref())).collect::<io::Result<Vec<_>>>()?;
        if keys.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no key-encryption key is given"));
        }
        Ok(KeyRing(keys.into()))
    }

    /// A session's key, as bytes; `None` if none of the keys here wrapped it.
    pub(crate) fn unwrap_bytes(&self, session: SessionId, wrapped: &WrappedKey) -> Option<ContentKey> {
        let WrappedKey { by, bytes } = wrapped;
        self.0.iter().filter(|key| key.id == *by).find_map(|key| key.unwrap(session, bytes))
    }

    /// A new key for a session, and how it is kept.
    pub(crate) fn make(&self, session: SessionId) -> io::Result<(SessionKey, WrappedKey)> {
        let no_key = || io::Error::other("no key can be made for the session");
        let random = SystemRandom::new();
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random.fill(bytes.as_mut_slice()).map_err(|_| no_key())?;
        let key = SessionKey::new(bytes.as_slice()).ok_or_else(no_key)?;
        let first = self.0.first().ok_or_else(no_key)?;
        let wrapped = first.wrap(&random, session, &mut bytes).ok_or_else(no_key)?;
        Ok((key, WrappedKey { by: first.id, bytes: wrapped }))
    }

    /// The session's key again; `None` if none of the keys here wrapped it.
    pub(crate) fn unwrap(&self, session: SessionId, wrapped: &WrappedKey) -> Option<SessionKey> {
        SessionKey::new(self.unwrap_bytes(session, wrapped)?.as_slice())
    }
}

/// A session's key as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrappedKey {
    /// The key that wrapped it.
    pub by: KeyId,
    /// Nonce, wrapped key and tag.
    pub bytes: [u8; WRAPPED_BYTES],
}

impl KeyEncryptionKey {
    fn wrap(
        &self,
        random: &SystemRandom,
        session: SessionId,
        bytes: &mut [u8; KEY_BYTES],
    ) -> Option<[u8; WRAPPED_BYTES]> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce).ok()?;
        let aad = Aad::from(session.0.to_be_bytes());
        let unique = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(unique, aad, bytes).ok()?;
        [&nonce, bytes.as_slice(), tag.as_ref()].concat().try_into().ok()
    }

    fn unwrap(&self, session: SessionId, wrapped: &[u8; WRAPPED_BYTES]) -> Option<ContentKey> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(session.0.to_be_bytes());
        let plain = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut sealed).ok()?;
        (&*plain).try_into().ok().map(Zeroizing::new)
    }
}

/// The 32 bytes of a key's file, which its owner alone may read.
///
/// # Errors
/// It cannot be read, others may read it, or it has another length; the message names it.
pub(crate) fn read_key_file(file: &Path) -> io::Result<Zeroizing<[u8; KEY_BYTES]>> {
    let failed = |kind, why: String| io::Error::new(kind, format!("the key in {}: {why}", file.display()));
    let mut open = File::open(file).map_err(|error| failed(error.kind(), error.to_string()))?;
    if open.metadata()?.permissions().mode() & OTHERS != 0 {
        let what = format!("it is open to others; do: chmod 600 {}", file.display());
        return Err(failed(io::ErrorKind::PermissionDenied, what));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    open.read_to_end(&mut bytes)?;
    let key = bytes.as_slice().try_into().map_err(|_| {
        failed(io::ErrorKind::InvalidData, format!("it has {} bytes and needs {KEY_BYTES}", bytes.len()))
    })?;
    Ok(Zeroizing::new(key))
}

fn read_key(file: &Path) -> io::Result<KeyEncryptionKey> {
    let bytes = read_key_file(file)?;
    let key = UnboundKey::new(&AES_256_GCM, bytes.as_slice())
        .map_err(|_| io::Error::other("no key for AES-256-GCM"))?;
    let digest =
        Sha256::new().chain_update(b"narrows key-encryption key").chain_update(bytes.as_slice()).finalize();
    let mut id = KeyId::default();
    id.copy_from_slice(digest.get(..KEY_ID_BYTES).unwrap_or_default());
    Ok(KeyEncryptionKey { id, key: LessSafeKey::new(key) })
}
