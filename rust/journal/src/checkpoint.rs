//! Checkpoints: what the node says its log is, signed.
//!
//! Source: <https://c2sp.org/tlog-checkpoint>. Whoever has kept one can tell later whether anything
//! that was in the log then has been changed or taken out.

use std::fmt::Write;

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::merkle::{Hash, Tree};
use crate::note::{PublicKey, Signer};

/// Size and hash of a log at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl From<&Tree> for Checkpoint {
    fn from(tree: &Tree) -> Checkpoint {
        Checkpoint { size: tree.size(), root: tree.root() }
    }
}

impl Checkpoint {
    /// As a signed note.
    pub(crate) fn sign(&self, signer: &Signer) -> String {
        let Checkpoint { size, root } = self;
        signer.sign(&format!("{}\n{size}\n{}\n", signer.public().name(), BASE64_STANDARD.encode(root)))
    }

    /// The size that a note speaks of, whoever signed it.
    pub(crate) fn claimed_size(note: &str) -> Option<u64> {
        note.lines().nth(1).and_then(decimal)
    }

    /// Reads a signed note of the log that `key` belongs to.
    pub(crate) fn open(note: &str, key: &PublicKey) -> Result<Checkpoint, &'static str> {
        let text = key.open(note)?;
        let mut lines = text.lines();
        if lines.next() != Some(key.name()) {
            return Err("it is of another log");
        }
        let size = lines.next().and_then(decimal).ok_or("it has no size")?;
        let root = lines.next().and_then(|line| BASE64_STANDARD.decode(line).ok());
        let root = root.and_then(|root| root.try_into().ok()).ok_or("it has no root")?;
        Ok(Checkpoint { size, root })
    }
}

/// A number as the specification wants it: without leading zeros.
fn decimal(line: &str) -> Option<u64> {
    let number = line.parse::<u64>().ok()?;
    let mut plain = String::new();
    write!(plain, "{number}").ok()?;
    (plain == line).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let signer = Signer::open(&directory.path().join("key"), Some("gateway.example/journal")).unwrap();
        let mut tree = Tree::default();
        tree.push([7; 32]);
        let checkpoint = Checkpoint::from(&tree);
        let note = checkpoint.sign(&signer);
        assert!(note.starts_with("gateway.example/journal\n1\nBwcH"), "{note}");
        assert_eq!(Checkpoint::open(&note, signer.public()), Ok(checkpoint));
        for wrong in
            ["other\n1\nBwcH\n", "gateway.example/journal\n01\nBwcH\n", "gateway.example/journal\n1\n"]
        {
            assert!(Checkpoint::open(&signer.sign(wrong), signer.public()).is_err(), "{wrong:?}");
        }
    }
}
