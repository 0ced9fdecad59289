//! Bundles: what an auditor is given, to be verified without the gateway and without trust in anybody
//! who had it in their hands.
//!
//! A bundle has the newest checkpoint, all leaves of the log, and those segments in which its sessions
//! have frames. Of other sessions it has the frames' headers, which the log's leaves are made of, and not
//! the payloads. All numbers are big-endian:
//!
//! | bytes | |
//! |---|---|
//! | 8 | `NARROWB` and the version 1 |
//! | 4 + n | length and text of the checkpoint, a signed note |
//! | 8 + 32 n | how many leaves, and they |
//! | 8 | how many segments; then of each: |
//! | 80 | its header |
//! | 1 + 72 + n | a frame: 1 if its payload is here or 2 if not, its header, its payload |
//! | 1 | 0: there are no more frames |
//! | 4 | plain CRC-32C of everything before: damage on the way shows, whatever else is checked |

mod frames;
mod make;
mod read;

pub use frames::BundleFrames;
pub use make::bundle;
pub use read::{BundleReport, ShownSession, verify_bundle};

const MAGIC: [u8; 8] = *b"NARROWB\x01";
const END: u8 = 0;
const SHOWN: u8 = 1;
const LEFT_OUT: u8 = 2;
/// A checkpoint is three lines and a few signatures.
const CHECKPOINT_BYTES_MAX: u32 = 64 * 1024;
