//! Whether the journal is what was written: framing, order, every session's hash chain, and the log.
//!
//! The proof is as good as what it starts from: whoever can rewrite everything from its beginning can make
//! new chains. A checkpoint that was published elsewhere fixes everything before it.

use std::io;
use std::path::Path;

use crate::check::Checker;
use crate::checkpoint::Checkpoint;
use crate::disk::Directory;
use crate::merkle::{Hash, Tree};
use crate::note::PublicKey;
use crate::reader::{Fault, SegmentReader};
use crate::report::{Report, Torn};
use crate::segment::{file_name, numbers};
use crate::tree_log::{CHECKPOINT, LEAVES, read_leaves};

/// Whom a verifier trusts.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The log's key, which has to have come from elsewhere than what is verified.
    pub key: PublicKey,
    /// A checkpoint that was kept: the log has to be a continuation of it.
    pub since: Option<String>,
}

/// Verifies the journal in `directory`, nobody being trusted. Needs no lock and no network; reads every
/// byte once.
///
/// # Errors
/// The directory or a segment cannot be read. Damage is no error but a [`Problem`](crate::Problem).
pub fn verify(directory: &Path) -> io::Result<Report> {
    verify_trusting(directory, None)
}

/// Verifies the journal in `directory`, and that its log is the one that was signed.
///
/// # Errors
/// As [`verify`].
pub fn verify_trusting(directory: &Path, trust: Option<&Trust>) -> io::Result<Report> {
    let directory = Directory::existing(directory);
    let numbers = numbers(&directory)?;
    let leaves = read_leaves(&directory.path(LEAVES))?;
    let mut checker = Checker::default();
    if numbers.first().is_some_and(|number| *number != 1) {
        checker.problem(numbers.first().copied().unwrap_or(0), 0, "the segments before it are missing");
    }
    for number in &numbers {
        let leaf = segment(&mut checker, &directory, *number, Some(number) == numbers.last())?;
        let logged = usize::try_from(*number - 1).ok().and_then(|index| leaves.get(index));
        if logged.is_some_and(|logged| leaf.is_some_and(|leaf| leaf != *logged)) {
            checker.problem(*number, 0, "it is not what was logged when it was sealed");
        }
    }
    if leaves.len() as u64 > numbers.last().copied().unwrap_or(0) {
        checker.problem(0, 0, "the log has more segments than there are");
    }
    checker.report.logged = leaves.len() as u64;
    if let Some(trust) = trust {
        let note = std::fs::read_to_string(directory.path(CHECKPOINT)).unwrap_or_default();
        checker.report.signed = signed(&mut checker, &leaves, &note, trust).map(|signed| signed.size);
    }
    Ok(checker.finish())
}

/// Whether the log is the one in the checkpoint, and in the one that was kept.
pub(crate) fn signed(
    checker: &mut Checker,
    leaves: &[Hash],
    note: &str,
    Trust { key, since }: &Trust,
) -> Option<Checkpoint> {
    let mut check = |name: &str, note: &str| match Checkpoint::open(note, key) {
        Ok(checkpoint) if prefix(leaves, checkpoint.size) == Some(checkpoint.root) => Some(checkpoint),
        Ok(_) => {
            checker.problem(0, 0, &format!("the log is not a continuation of {name}"));
            None
        }
        Err(what) => {
            checker.problem(0, 0, &format!("{name}: {what}"));
            None
        }
    };
    if let Some(since) = since {
        check("the checkpoint that was kept", since);
    }
    check("the checkpoint", note)
}

/// Hash of the log when it had `size` leaves; `None` if it never had so many.
fn prefix(leaves: &[Hash], size: u64) -> Option<Hash> {
    let mut tree = Tree::default();
    for leaf in leaves.get(..usize::try_from(size).ok()?)? {
        tree.push(*leaf);
    }
    Some(tree.root())
}

/// Checks one segment; returns its leaf, if it could be read.
fn segment(
    checker: &mut Checker,
    directory: &Directory,
    number: u64,
    last: bool,
) -> io::Result<Option<Hash>> {
    let mut segment = match SegmentReader::open(directory, number) {
        Ok(segment) => segment,
        Err(Fault::Io(error)) => return Err(error),
        Err(Fault::Torn) if last => {
            let bytes = directory.path(&file_name(number)).metadata()?.len();
            checker.report.torn = Some(Torn { segment: number, offset: 0, bytes });
            return Ok(None);
        }
        Err(fault) => {
            checker.problem(number, 0, &fault.to_string());
            return Ok(None);
        }
    };
    checker.begin(segment.header);
    frames(checker, &mut segment, last)?;
    Ok(Some(checker.end(segment.header, segment.length)))
}

fn frames(checker: &mut Checker, segment: &mut SegmentReader, last: bool) -> io::Result<()> {
    let header = segment.header;
    loop {
        match segment.next() {
            Ok(Some(located)) => {
                checker.frame(header, located.offset, &located.header, Some(&located.stored));
            }
            Ok(None) => return Ok(()),
            Err(Fault::Io(error)) => return Err(error),
            Err(Fault::Torn) if last => {
                let bytes = segment.length - segment.offset;
                checker.report.torn = Some(Torn { segment: header.number, offset: segment.offset, bytes });
                return Ok(());
            }
            Err(fault) => {
                checker.problem(header.number, segment.offset, &fault.to_string());
                if !segment.resync()? {
                    return Ok(());
                }
            }
        }
    }
}
