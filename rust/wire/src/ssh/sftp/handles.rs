//! The handles that a target has given out, and the files behind them.

use std::collections::HashMap;

use bytes::Bytes;

use super::digest::Flow;
use super::record::SftpRecord;
use super::status::Refusal;
use super::transfer::Transfer;
use super::verdict::Allow;

/// What a handle stands for.
#[derive(Debug)]
pub(super) struct Handle {
    /// What was decided when it was opened.
    pub(super) transfer: Transfer,
    /// The verdict that allowed it, or has allowed it since.
    pub(super) allow: Allow,
    /// Why it may not be used any more, where policy has moved against it.
    pub(super) revoked: Option<Refusal>,
    /// What may be done with it.
    pub(super) access: Access,
    /// What was read through it.
    pub(super) read: Flow,
    /// What was written through it.
    pub(super) written: Flow,
    /// Whether nothing failed on the way.
    pub(super) sound: bool,
}

/// What the verdict on the opening was about, and so what the handle may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A directory: it can be listed.
    Directory,
    /// A file.
    File {
        /// Data may be read.
        reads: bool,
        /// Data and attributes may be changed.
        writes: bool,
        /// Every write goes to the end.
        appends: bool,
    },
}

impl Access {
    /// Whether data may be read.
    pub(super) fn reads(self) -> bool {
        matches!(self, Access::File { reads: true, .. })
    }

    /// Whether the file may be changed.
    pub(super) fn writes(self) -> bool {
        matches!(self, Access::File { writes: true, .. })
    }
}

impl Handle {
    /// Something was opened.
    pub(super) fn new(transfer: Transfer, allow: Allow, access: Access) -> Handle {
        let (read, written) = (Flow::new(), Flow::new());
        Handle { transfer, allow, revoked: None, access, read, written, sound: true }
    }

    /// Data is on its way to the file.
    pub(super) fn write(&mut self, offset: u64, data: &[u8]) {
        match self.access {
            Access::File { appends: true, .. } => self.written.append(data),
            _ => self.written.take(offset, data),
        }
    }

    /// What the recording keeps of it; nothing for a directory.
    pub(super) fn close(self, confirmed: bool) -> Option<SftpRecord> {
        if self.access == Access::Directory {
            return None;
        }
        Some(SftpRecord::Closed {
            path: self.transfer.path,
            read: self.read.digest(),
            written: self.written.digest(),
            complete: confirmed && self.sound,
        })
    }
}

/// Every handle of a session, by the name that the target gave it.
#[derive(Debug, Default)]
pub(super) struct Handles {
    open: HashMap<Bytes, Handle>,
    /// Closed by the agent; the target has yet to say so.
    closing: HashMap<Bytes, Handle>,
}

impl Handles {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.open.len() + self.closing.len()
    }

    /// A handle that the agent has open.
    pub(super) fn known(&mut self, name: &[u8]) -> Result<&mut Handle, Refusal> {
        self.open.get_mut(name).ok_or_else(|| Refusal::failure("there is no such handle"))
    }

    /// A handle that the agent has open and may use.
    pub(super) fn usable(&mut self, name: &[u8]) -> Result<&mut Handle, Refusal> {
        let handle = self.known(name)?;
        match &handle.revoked {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(handle),
        }
    }

    /// What the agent has open, with what was decided of each.
    pub(super) fn opened(&self) -> impl Iterator<Item = (&Bytes, &Transfer)> {
        self.open.iter().map(|(name, handle)| (name, &handle.transfer))
    }

    /// A handle with answers still to come, whether or not the agent has closed it meanwhile.
    pub(super) fn any_mut(&mut self, name: &[u8]) -> Option<&mut Handle> {
        match self.closing.get_mut(name) {
            Some(handle) => Some(handle),
            None => self.open.get_mut(name),
        }
    }

    /// The target has opened something. False when it gives a name that is in use.
    pub(super) fn insert(&mut self, name: Bytes, handle: Handle) -> bool {
        if self.open.contains_key(&name) {
            return false;
        }
        self.open.insert(name, handle);
        true
    }

    /// The agent closes a handle: it cannot be used any more.
    pub(super) fn begin_close(&mut self, name: &Bytes) {
        if let Some(handle) = self.open.remove(name) {
            self.closing.insert(name.clone(), handle);
        }
    }

    /// The target has answered the closing.
    pub(super) fn end_close(&mut self, name: &[u8]) -> Option<Handle> {
        self.closing.remove(name)
    }

    /// Takes every handle out, when the channel ends.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Handle> {
        let closing = std::mem::take(&mut self.closing);
        std::mem::take(&mut self.open).into_values().chain(closing.into_values())
    }
}
