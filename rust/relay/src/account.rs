//! Bytes by count and hash: what a recording says of bytes, whether it has a copy of them or not.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Some bytes in a row. Whoever has the same bytes has the same account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// How many there are.
    pub(crate) bytes: u64,
    hash: Sha256,
}

impl Account {
    /// Takes further bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    /// Count and hash, as JSON.
    pub(crate) fn json(&self) -> Value {
        json!({ "bytes": self.bytes, "sha256": self.sha256() })
    }

    /// SHA-256 of the bytes so far, in hex.
    pub(crate) fn sha256(&self) -> String {
        let digest = self.hash.clone().finalize();
        digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }
}
