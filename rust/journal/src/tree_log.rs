//! The node's Merkle log: one leaf for each sealed segment, in order.
//!
//! The leaf of a segment is the hash of its header and of its frames' headers, one after the other. Each
//! frame's link is in its header and covers its payload, so the leaf fixes every byte of the segment; and it can
//! be computed by somebody who was given the payloads of some sessions only.
//!
//! In the journal's directory, `leaves` holds the hashes, 32 bytes each, and `checkpoint` the newest
//! signed checkpoint.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::checkpoint::Checkpoint;
use crate::disk::{self, Directory, Disk, DiskFile};
use crate::merkle::{Hash, Leaf, Tree};
use crate::note::Signer;
use crate::reader::{Fault, SegmentReader};

pub(crate) const LEAVES: &str = "leaves";
pub(crate) const CHECKPOINT: &str = "checkpoint";
const HASH_BYTES: usize = size_of::<Hash>();

/// The log, to be added to.
#[derive(Debug)]
pub(crate) struct TreeLog {
    tree: Tree,
    leaves: Arc<dyn DiskFile>,
    /// Size under the checkpoint on the disk.
    signed: u64,
}

impl TreeLog {
    /// Opens the log, whose last leaf may have been cut short.
    pub(crate) fn open(directory: &Directory, disk: &dyn Disk) -> io::Result<TreeLog> {
        let leaves = disk.append_to(LEAVES)?;
        let known = read_leaves(&directory.path(LEAVES))?;
        let mut tree = Tree::default();
        for leaf in &known {
            tree.push(*leaf);
        }
        leaves.truncate((known.len() * HASH_BYTES) as u64)?;
        let checkpoint = std::fs::read_to_string(directory.path(CHECKPOINT)).unwrap_or_default();
        let signed = Checkpoint::claimed_size(&checkpoint).unwrap_or(0);
        Ok(TreeLog { tree, leaves, signed })
    }

    /// How many segments are in it.
    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Adds the leaf of the next segment. If it fails nothing is added.
    pub(crate) fn push(&mut self, leaf: Hash) -> io::Result<()> {
        let length = self.tree.size() * HASH_BYTES as u64;
        disk::write_all(self.leaves.as_ref(), &leaf)
            .and_then(|()| self.leaves.sync())
            .inspect_err(|_| drop(self.leaves.truncate(length)))?;
        self.tree.push(leaf);
        Ok(())
    }

    /// Whether the checkpoint is of all of it.
    pub(crate) fn is_signed(&self) -> bool {
        self.signed == self.tree.size()
    }

    /// Signs what the log is now, and keeps it.
    pub(crate) fn checkpoint(&mut self, disk: &dyn Disk, signer: &Signer) -> io::Result<()> {
        disk::replace(disk, CHECKPOINT, Checkpoint::from(&self.tree).sign(signer).as_bytes())?;
        self.signed = self.tree.size();
        Ok(())
    }
}

/// The leaves in a file; what is cut short at its end is not there yet.
pub(crate) fn read_leaves(file: &Path) -> io::Result<Vec<Hash>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(bytes.as_chunks().0.to_vec()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Reads a segment for its leaf. Of a damaged one, what can be read is in it: the log says what was there
/// when it was sealed.
pub(crate) fn leaf_of(directory: &Directory, number: u64) -> io::Result<Hash> {
    let mut leaf = Leaf::new();
    let mut segment = match SegmentReader::open(directory, number) {
        Ok(segment) => segment,
        Err(Fault::Io(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => return Ok(leaf.finish()),
    };
    leaf.update(&segment.header.encode());
    loop {
        match segment.next_header() {
            Ok(Some(header)) => leaf.update(&header.bytes),
            Err(Fault::Io(error)) => return Err(error),
            Err(_) if segment.resync()? => {}
            Ok(None) | Err(_) => return Ok(leaf.finish()),
        }
    }
}
