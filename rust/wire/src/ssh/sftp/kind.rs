//! The requests that name paths: how each is written, what it does, and what of its paths it follows.

use super::extension;
use super::handles::Access;
use super::message::{
    EXTENDED, LSTAT, MKDIR, OPEN, OPENDIR, READLINK, REALPATH, REMOVE, RENAME, RMDIR, SETSTAT, STAT, SYMLINK,
};
use super::open::OpenFlags;
use super::path::LastPart;
use super::transfer::Action;

/// What a request that names paths asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open(OpenFlags),
    LStat,
    Stat,
    StatVfs,
    ReadLink,
    RealPath,
    ExpandPath,
    OpenDirectory,
    SetStat,
    LSetStat,
    MakeDirectory,
    Remove,
    RemoveDirectory,
    Rename,
    PosixRename,
    Symlink,
    Hardlink,
}

impl Kind {
    /// Its type, and its name where it is an extension.
    pub(super) fn wire(self) -> (u8, Option<&'static str>) {
        match self {
            Kind::Open(_) => (OPEN, None),
            Kind::LStat => (LSTAT, None),
            Kind::Stat => (STAT, None),
            Kind::StatVfs => (EXTENDED, Some(extension::STATVFS)),
            Kind::ReadLink => (READLINK, None),
            Kind::RealPath => (REALPATH, None),
            Kind::ExpandPath => (EXTENDED, Some(extension::EXPAND_PATH)),
            Kind::OpenDirectory => (OPENDIR, None),
            Kind::SetStat => (SETSTAT, None),
            Kind::LSetStat => (EXTENDED, Some(extension::LSETSTAT)),
            Kind::MakeDirectory => (MKDIR, None),
            Kind::Remove => (REMOVE, None),
            Kind::RemoveDirectory => (RMDIR, None),
            Kind::Rename => (RENAME, None),
            Kind::PosixRename => (EXTENDED, Some(extension::POSIX_RENAME)),
            Kind::Symlink => (SYMLINK, None),
            Kind::Hardlink => (EXTENDED, Some(extension::HARDLINK)),
        }
    }

    /// What policy is asked about.
    pub(super) fn action(self) -> Action {
        match self {
            Kind::Open(flags) => match (flags.reads(), flags.writes()) {
                (true, true) => Action::ReadWrite,
                (_, false) => Action::Read,
                (false, true) => Action::Write,
            },
            Kind::LStat | Kind::Stat | Kind::StatVfs | Kind::ReadLink | Kind::RealPath | Kind::ExpandPath => {
                Action::Look
            }
            Kind::OpenDirectory => Action::List,
            Kind::SetStat | Kind::LSetStat => Action::SetAttributes,
            Kind::MakeDirectory => Action::MakeDirectory,
            Kind::Remove => Action::Remove,
            Kind::RemoveDirectory => Action::RemoveDirectory,
            Kind::Rename | Kind::PosixRename => Action::Rename,
            Kind::Symlink => Action::Symlink,
            Kind::Hardlink => Action::Hardlink,
        }
    }

    /// Whether it may change what a path leads to, so that paths before and after it are not the same.
    pub(super) fn changes(self) -> bool {
        !matches!(self.action(), Action::Read | Action::List | Action::Look)
    }

    /// How the last part of its paths is treated.
    pub(super) fn last_part(self) -> LastPart {
        match self {
            Kind::Open(flags) if flags.must_be_new() => LastPart::Changed,
            Kind::Open(_)
            | Kind::Stat
            | Kind::StatVfs
            | Kind::RealPath
            | Kind::ExpandPath
            | Kind::OpenDirectory
            | Kind::SetStat => LastPart::Followed,
            Kind::LStat | Kind::ReadLink | Kind::LSetStat => LastPart::Named,
            Kind::MakeDirectory
            | Kind::Remove
            | Kind::RemoveDirectory
            | Kind::Rename
            | Kind::PosixRename
            | Kind::Symlink
            | Kind::Hardlink => LastPart::Changed,
        }
    }

    /// Whether the answer is where the path leads, which is known by the time it is decided.
    pub(super) fn only_resolves(self) -> bool {
        matches!(self, Kind::RealPath | Kind::ExpandPath)
    }

    /// What the handle may be used for that it opens, if it opens one.
    pub(super) fn opens(self) -> Option<Access> {
        match self {
            Kind::Open(flags) => {
                Some(Access::File { reads: flags.reads(), writes: flags.writes(), appends: flags.appends() })
            }
            Kind::OpenDirectory => Some(Access::Directory),
            _ => None,
        }
    }
}
