//! Requests that the target has yet to answer, by the id under which they went up.

use std::collections::HashMap;

use super::handles::Access;
use super::message::{ATTRS, DATA, EXTENDED_REPLY, HANDLE, NAME, STATUS};
use super::queue::Serial;
use super::request::{Free, HandleUse};

/// What an answer will be for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// Where the session starts; asked by the inspector.
    Home,
    /// Where a path of a request leads; asked by the inspector.
    Place { of: Serial, which: Which, name: Option<String> },
    /// Whether what a request moves is a directory; asked by the inspector.
    Look { of: Serial },
    /// A request that names paths, with these paths put in it.
    Named { of: Serial, opens: Option<Access> },
    /// The agent's request `id`, which uses a handle.
    Handle { id: u32, to: HandleUse },
    /// The agent's request `id`, which touches no file.
    Free { id: u32, free: Free },
}

/// One of the two paths of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Path,
    Other,
}

impl Pending {
    /// Whether an answer of this type can follow. No handle is given out but for what opens one.
    pub(super) fn expects(&self, tag: u8) -> bool {
        match self {
            Pending::Home | Pending::Place { .. } => matches!(tag, NAME | STATUS),
            Pending::Look { .. } => matches!(tag, ATTRS | STATUS),
            Pending::Named { opens: Some(_), .. } => matches!(tag, HANDLE | STATUS),
            Pending::Handle { to: HandleUse::Read { .. }, .. } => matches!(tag, DATA | STATUS),
            Pending::Handle { to: HandleUse::Look { .. }, .. }
            | Pending::Named { opens: None, .. }
            | Pending::Free { .. } => matches!(tag, STATUS | NAME | ATTRS | EXTENDED_REPLY),
            Pending::Handle { .. } => tag == STATUS,
        }
    }
}

/// The table of what is outstanding.
#[derive(Debug, Default)]
pub(super) struct Outstanding {
    pending: HashMap<u32, Pending>,
    last_id: u32,
}

impl Outstanding {
    /// How many answers are to come.
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Gives a request the id under which it goes up.
    pub(super) fn expect(&mut self, pending: Pending) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        while self.pending.contains_key(&self.last_id) {
            self.last_id = self.last_id.wrapping_add(1);
        }
        self.pending.insert(self.last_id, pending);
        self.last_id
    }

    /// How many handles are being opened.
    pub(super) fn openings(&self) -> usize {
        self.pending.values().filter(|it| matches!(it, Pending::Named { opens: Some(_), .. })).count()
    }

    /// The answer to `id` has come.
    pub(super) fn take(&mut self, id: u32) -> Option<Pending> {
        self.pending.remove(&id)
    }
}
