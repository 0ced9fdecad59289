//! What the tests of the journal share.

#![allow(clippy::expect_used, dead_code, reason = "each test file uses some of it, and may panic")]

use std::path::{Path, PathBuf};

use narrows_journal::{Chain, Entry, Journal, Kind};

/// Appends one entry.
pub(crate) fn append(journal: &Journal, chain: &mut Chain, kind: Kind, payload: &[u8]) {
    journal.append(chain, &[Entry { kind, parts: &[payload] }]).expect("appended");
}

/// The segments in order.
pub(crate) fn segments(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = directory
        .read_dir()
        .expect("listed")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "journal"))
        .collect();
    paths.sort();
    paths
}
