//! Whether the target may be reading COPY data.
//!
//! While it does, it takes any other message for the end of the connection, a poison as well. So from the
//! moment a statement goes up that may start to copy in, everything else waits until it is seen whether it
//! has. Flush and Sync are the exception after an Execute: the copy needs them to start, and once it has
//! started the target reads and ignores them.

use super::inspector::PostgresInspector;
use crate::{Error, Side};

/// The states, each with whether the statement came as a simple Query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CopyIn {
    /// No copy can be open.
    #[default]
    Closed,
    /// A statement is under way that may start to copy.
    ExpectStart { by_query: bool },
    /// The target has asked for data.
    ExpectData { by_query: bool },
}

impl PostgresInspector {
    /// Whether a message of type `tag` has to wait for a reply before it can be taken.
    pub(super) fn must_wait(&self, tag: u8) -> bool {
        if tag == b'X' {
            return false;
        }
        let by_copy = match self.copy_in {
            CopyIn::ExpectStart { by_query: true } => true,
            CopyIn::ExpectStart { by_query: false } => !matches!(tag, b'H' | b'S'),
            CopyIn::Closed | CopyIn::ExpectData { .. } => false,
        };
        by_copy || self.replies.is_full(&self.limits)
    }

    /// Refuses a message that would break a copy.
    pub(super) fn check_copy(&self, tag: u8) -> Result<(), Error> {
        match self.copy_in {
            CopyIn::ExpectData { .. } if !matches!(tag, b'd' | b'c' | b'f' | b'H' | b'S' | b'X') => {
                Err(Error::Violation {
                    side: Side::Downstream,
                    expected: "CopyData, CopyDone or CopyFail",
                    got: tag,
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether the target reads COPY data.
    pub(super) fn copies_in(&self) -> bool {
        matches!(self.copy_in, CopyIn::ExpectData { .. })
    }

    /// The agent has ended its data. A simple Query may go on and copy once more.
    pub(super) fn end_copy_data(&mut self) {
        self.copy_in = match self.copy_in {
            CopyIn::ExpectData { by_query: true } => CopyIn::ExpectStart { by_query: true },
            _ => CopyIn::Closed,
        };
    }
}
