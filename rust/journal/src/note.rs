//! Signed notes: text with signatures under it, and the keys that make and check them.
//!
//! Source: <https://c2sp.org/signed-note>. The algorithm is Ed25519 (RFC 8032); a key's first byte names it,
//! so that another can be added.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::keys::{KEY_BYTES, read_key_file};

const ED25519_ALGORITHM: u8 = 1;
const PUBLIC_KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const SIGNATURE_START: &str = "\u{2014} ";
/// The note's text ends before the last empty line.
const SIGNATURES: &str = "\n\n";

/// Signs notes in the name of this node.
pub struct Signer {
    key: Ed25519KeyPair,
    public: PublicKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer of {}", self.public)
    }
}

impl Signer {
    /// Reads the key in `file`, 32 random bytes, or makes it there.
    ///
    /// # Arguments
    /// `origin` is the log's name, by convention an address without a scheme; without one it is `narrows-`
    /// and eight digits that follow from the key.
    ///
    /// # Errors
    /// The file can neither be read nor made, is open to others, is no key, or `origin` has a space, a plus or a line's end.
    pub fn open(file: &Path, origin: Option<&str>) -> io::Result<Signer> {
        let seed = match read_key_file(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_seed(file)?,
            read => read?,
        };
        let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
        let no_key = || invalid("no Ed25519 key".to_owned());
        let key = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| no_key())?;
        let bytes = key.public_key().as_ref().try_into().map_err(|_| no_key())?;
        let name = origin.map_or_else(|| default_name(&bytes), str::to_owned);
        let public = PublicKey::new(name, bytes).map_err(|error| invalid(error.to_string()))?;
        Ok(Signer { key, public })
    }

    /// What others check the signatures with.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The text, which ends with a line's end, with the signature under it.
    pub(crate) fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes());
        let bytes = [self.public.id().as_slice(), signature.as_ref()].concat();
        format!("{text}\n{SIGNATURE_START}{} {}\n", self.public.name, BASE64_STANDARD.encode(bytes))
    }
}

fn make_seed(file: &Path) -> io::Result<Zeroizing<[u8; KEY_BYTES]>> {
    let mut seed = Zeroizing::new([0; KEY_BYTES]);
    SystemRandom::new()
        .fill(seed.as_mut_slice())
        .map_err(|_| io::Error::other("no random bytes for a key"))?;
    let mut made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(file)?;
    made.write_all(seed.as_slice())?;
    made.sync_all()?;
    Ok(seed)
}

fn default_name(key: &[u8; PUBLIC_KEY_BYTES]) -> String {
    let digest = Sha256::digest(key);
    digest.iter().take(4).fold("narrows-".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

/// A key that checks signatures; as text a verifier key, `name+id+base64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: [u8; PUBLIC_KEY_BYTES],
}

/// The text is not a verifier key of a known algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPublicKey;

impl fmt::Display for InvalidPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a verifier key: NAME+8 hexadecimal digits+base64, for Ed25519")
    }
}

impl std::error::Error for InvalidPublicKey {}

impl PublicKey {
    fn new(name: String, key: [u8; PUBLIC_KEY_BYTES]) -> Result<PublicKey, InvalidPublicKey> {
        let named =
            !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+');
        named.then_some(PublicKey { name, key }).ok_or(InvalidPublicKey)
    }

    /// Whose signatures it checks: the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; KEY_ID_BYTES] {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519_ALGORITHM])
            .chain_update(self.key)
            .finalize();
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// The text of a note that has a good signature of this key; signatures of others are passed over.
    pub(crate) fn open<'a>(&self, note: &'a str) -> Result<&'a str, &'static str> {
        let end = note.rfind(SIGNATURES).ok_or("it is not a signed note")?;
        let (text, signatures) = note.split_at_checked(end + 1).ok_or("it is not a signed note")?;
        let signatures = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let mut of_this_key = false;
        for line in signatures.ok_or("it is not a signed note")?.split('\n') {
            let (name, signature) = signature_of(line).ok_or("a signature's line is damaged")?;
            let Some((id, signature)) = signature.split_first_chunk::<KEY_ID_BYTES>() else {
                return Err("a signature is too short");
            };
            if name == self.name && *id == self.id() {
                let key = UnparsedPublicKey::new(&ED25519, &self.key);
                key.verify(text.as_bytes(), signature).map_err(|_| "its signature is wrong")?;
                of_this_key = true;
            }
        }
        of_this_key.then_some(text).ok_or("it is not signed with the given key")
    }
}

fn signature_of(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(SIGNATURE_START)?.split_once(' ')?;
    Some((name, BASE64_STANDARD.decode(signature).ok()?))
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let key = BASE64_STANDARD.encode([&[ED25519_ALGORITHM], self.key.as_slice()].concat());
        write!(f, "{}+{id:08x}+{key}", self.name)
    }
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(text: &str) -> Result<PublicKey, InvalidPublicKey> {
        let (name, rest) = text.trim_end().split_once('+').ok_or(InvalidPublicKey)?;
        let (id, key) = rest.split_once('+').ok_or(InvalidPublicKey)?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| InvalidPublicKey)?;
        let Some((&ED25519_ALGORITHM, key)) = bytes.split_first() else {
            return Err(InvalidPublicKey);
        };
        let key = PublicKey::new(name.to_owned(), key.try_into().map_err(|_| InvalidPublicKey)?)?;
        (id == format!("{:08x}", u32::from_be_bytes(key.id()))).then_some(key).ok_or(InvalidPublicKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of <https://c2sp.org/signed-note>, made by Go's `sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_specifications_example_is_read_and_its_forgeries_are_not() {
        let key: PublicKey = KEY.parse().unwrap();
        assert_eq!(key.to_string(), KEY);
        assert!(key.open(NOTE).unwrap().ends_with("your problem is.\n"));
        for at in 0..NOTE.len() {
            for bit in 0..8 {
                let mut bytes = NOTE.as_bytes().to_vec();
                bytes[at] ^= 1 << bit;
                let opened = String::from_utf8(bytes).map(|note| key.open(&note).is_ok());
                assert!(!opened.unwrap_or(false), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_made_key_signs_what_its_public_half_reads() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("journal.key");
        let made = Signer::open(&file, None).unwrap();
        let again = Signer::open(&file, None).unwrap();
        assert_eq!(made.public(), again.public());
        assert!(made.public().name().starts_with("narrows-"));
        let note = made.sign("some text\n\nwith an empty line\n");
        let key: PublicKey = made.public().to_string().parse().unwrap();
        assert_eq!(key.open(&note), Ok("some text\n\nwith an empty line\n"));
        let other = Signer::open(&directory.path().join("other.key"), None).unwrap();
        assert_eq!(other.public().open(&note), Err("it is not signed with the given key"));
        // A witness may put its signature under it.
        let cosigned = format!("{note}{}", other.sign("").trim_start_matches('\n'));
        assert!(key.open(&cosigned).is_ok());
    }

    #[test]
    fn keys_are_read_strictly() {
        for wrong in ["", "name", "name+00000000+AAAA", &KEY.replace("c7", "c8"), &KEY.replace("+A", "+B")] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong:?}");
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("journal.key");
        for origin in ["", "two words", "a+b"] {
            assert!(Signer::open(&file, Some(origin)).is_err(), "{origin:?}");
        }
        std::fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&file)
            .unwrap()
            .write_all(b"short")
            .unwrap();
        assert!(Signer::open(&file, None).unwrap_err().to_string().contains("has 5 bytes"));
    }
}
