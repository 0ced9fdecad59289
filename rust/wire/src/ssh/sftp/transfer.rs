//! What is put to policy: an operation on the files of a target.

use std::sync::Arc;

use crate::AskId;

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Opens a file to read it.
    Read,
    /// Opens a file to write, make, empty or append to it.
    Write,
    /// Opens a file for both.
    ReadWrite,
    /// Lists a directory.
    List,
    /// Looks at attributes, at where a link points, at where a path leads.
    Look,
    /// Changes attributes: mode, owner, times, size.
    SetAttributes,
    /// Makes a directory.
    MakeDirectory,
    /// Removes a file or a link.
    Remove,
    /// Removes an empty directory.
    RemoveDirectory,
    /// Moves what is at the path to the other path.
    Rename,
    /// Makes a symbolic link at the path that points to the other path.
    Symlink,
    /// Gives what is at the other path a second name, the path.
    Hardlink,
}

/// One operation as policy sees it. Each path is absolute and in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// What is done.
    pub action: Action,
    /// Where. The target has resolved its links, unless `resolved` is false.
    pub path: Arc<str>,
    /// For Rename, Symlink and Hardlink: the other path. That of a Symlink is never resolved.
    pub other: Option<Arc<str>>,
    /// For Rename: a directory moves, and everything below it.
    pub directory: bool,
    /// False where the target could not resolve a path: then nothing goes up whatever is decided, and an
    /// allow only means that the target's own error may be told.
    pub resolved: bool,
}

/// A transfer put to policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// To be named when it is resolved.
    pub id: AskId,
    /// What is attempted.
    pub transfer: Transfer,
}
