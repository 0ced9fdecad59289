//! What the tests of the journal share.

#![allow(clippy::expect_used, dead_code, reason = "each test file uses some of it, and may panic")]

use std::os::unix::fs::PermissionsExt;
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

/// Bytes in which there is no pattern to be found.
pub(crate) fn incompressible(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Makes a file for its owner alone.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) {
    std::fs::write(file, bytes).expect("written");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("made private");
}
