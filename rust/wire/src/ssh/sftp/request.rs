//! Requests of the agent, read as far as anything depends on them.

use bytes::{BufMut, Bytes, BytesMut};

use super::attributes::Attributes;
use super::extension;
use super::fields::{Fields, put_string};
use super::frame;
use super::kind::Kind;
use super::limits::SftpLimits;
use super::message::{
    CLOSE, EXTENDED, FSETSTAT, FSTAT, LSTAT, MKDIR, OPEN, OPENDIR, READ, READDIR, READLINK, REALPATH, REMOVE,
    RENAME, RMDIR, SETSTAT, STAT, SYMLINK, WRITE,
};
use super::open::OpenFlags;
use super::status::{PERMISSION_DENIED, Refusal};

/// A request, by what it needs before it may go up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// It names paths: they are resolved and put to policy.
    Named(Named),
    /// It uses a handle: what opened it was decided.
    Handle(HandleUse),
    /// It touches no file: it passes.
    Free(Free),
}

/// A request that names one path or two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// What is asked.
    pub(super) kind: Kind,
    /// The path in question.
    pub(super) path: String,
    /// The other one.
    pub(super) other: Option<String>,
    /// What follows the paths: flags and attributes.
    tail: Bytes,
}

/// A request that uses a handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HandleUse {
    /// CLOSE.
    Close { handle: Bytes },
    /// READ from an offset.
    Read { handle: Bytes, offset: u64 },
    /// WRITE at an offset; its data is what follows `data_at` in the body.
    Write { handle: Bytes, offset: u64, data: Bytes },
    /// FSETSTAT: changes what was opened.
    Change { handle: Bytes },
    /// `copy-data`: the target moves data from one to the other.
    Copy { from: Bytes, to: Bytes },
    /// FSTAT, READDIR, fstatvfs, fsync: what whoever opened it may do.
    Look { handle: Bytes },
}

/// A request that touches no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Free {
    /// `limits@openssh.com`.
    Limits,
    /// `home-directory` and `users-groups-by-id@openssh.com`: names of accounts.
    Names,
}

/// Reads the body of a request after its id.
///
/// # Errors
/// What the agent is answered: the request cannot be read, or Narrows does not know it.
pub(super) fn read(tag: u8, body: &Bytes, limits: &SftpLimits) -> Result<Request, Refusal> {
    let mut reader = Reader { body, fields: Fields::of(body), limits };
    if tag != EXTENDED {
        return reader.request(tag);
    }
    let name = reader.fields.string().ok_or_else(cut_short)?;
    reader.extended(name)
}

fn cut_short() -> Refusal {
    Refusal::bad_message("the request cannot be read")
}

struct Reader<'a> {
    body: &'a Bytes,
    fields: Fields<'a>,
    limits: &'a SftpLimits,
}

impl Reader<'_> {
    fn request(&mut self, tag: u8) -> Result<Request, Refusal> {
        match tag {
            OPEN => self.open(),
            OPENDIR => self.one_path(Kind::OpenDirectory),
            LSTAT => self.one_path(Kind::LStat),
            STAT => self.one_path(Kind::Stat),
            READLINK => self.one_path(Kind::ReadLink),
            REALPATH => self.one_path(Kind::RealPath),
            REMOVE => self.one_path(Kind::Remove),
            RMDIR => self.one_path(Kind::RemoveDirectory),
            MKDIR => self.path_and_attributes(Kind::MakeDirectory),
            SETSTAT => self.path_and_attributes(Kind::SetStat),
            RENAME => self.two_paths(Kind::Rename),
            SYMLINK => self.two_paths(Kind::Symlink),
            CLOSE => self.handle(|handle| HandleUse::Close { handle }),
            FSTAT | READDIR => self.handle(|handle| HandleUse::Look { handle }),
            READ => self.read_data(),
            WRITE => self.write_data(),
            FSETSTAT => self.change_attributes(),
            _ => Err(Refusal::unsupported(&format!("requests of type {tag}"))),
        }
    }

    fn extended(&mut self, name: &[u8]) -> Result<Request, Refusal> {
        match std::str::from_utf8(name).unwrap_or_default() {
            extension::POSIX_RENAME => self.two_paths(Kind::PosixRename),
            extension::HARDLINK => self.two_paths(Kind::Hardlink),
            extension::STATVFS => self.one_path(Kind::StatVfs),
            extension::EXPAND_PATH => self.one_path(Kind::ExpandPath),
            extension::LSETSTAT => self.path_and_attributes(Kind::LSetStat),
            extension::FSTATVFS | extension::FSYNC => self.handle(|handle| HandleUse::Look { handle }),
            extension::COPY_DATA => self.copy_data(),
            extension::LIMITS => self.end(Request::Free(Free::Limits)),
            extension::HOME_DIRECTORY => self.strings(1),
            extension::USERS_GROUPS => self.strings(2),
            _ => Err(Refusal::unsupported("this extension")),
        }
    }

    fn open(&mut self) -> Result<Request, Refusal> {
        let path = self.path()?;
        let (flags, tail) = (self.fields.u32().ok_or_else(cut_short)?, self.attributes()?);
        let flags = OpenFlags::of(flags).ok_or_else(cut_short)?;
        let mut with_flags = BytesMut::new();
        with_flags.put_u32(flags.bits());
        with_flags.extend_from_slice(&tail);
        self.named(Kind::Open(flags), path, None, with_flags.freeze())
    }

    fn one_path(&mut self, kind: Kind) -> Result<Request, Refusal> {
        let path = self.path()?;
        self.named(kind, path, None, Bytes::new())
    }

    fn path_and_attributes(&mut self, kind: Kind) -> Result<Request, Refusal> {
        let path = self.path()?;
        let tail = self.attributes()?;
        self.named(kind, path, None, tail)
    }

    /// Of a link the second path is the one in question: OpenSSH has them in this order for SYMLINK,
    /// against the specification, and every server that wants its clients follows.
    fn two_paths(&mut self, kind: Kind) -> Result<Request, Refusal> {
        let (first, second) = (self.path()?, self.path()?);
        let (path, other) =
            if matches!(kind, Kind::Symlink | Kind::Hardlink) { (second, first) } else { (first, second) };
        self.named(kind, path, Some(other), Bytes::new())
    }

    fn named(
        &self,
        kind: Kind,
        path: String,
        other: Option<String>,
        tail: Bytes,
    ) -> Result<Request, Refusal> {
        self.end(Request::Named(Named { kind, path, other, tail }))
    }

    fn handle(&mut self, to_use: impl FnOnce(Bytes) -> HandleUse) -> Result<Request, Refusal> {
        let handle = self.handle_name()?;
        self.end(Request::Handle(to_use(handle)))
    }

    fn read_data(&mut self) -> Result<Request, Refusal> {
        let handle = self.handle_name()?;
        let offset = self.fields.u64().ok_or_else(cut_short)?;
        self.fields.u32().ok_or_else(cut_short)?;
        self.end(Request::Handle(HandleUse::Read { handle, offset }))
    }

    fn write_data(&mut self) -> Result<Request, Refusal> {
        let handle = self.handle_name()?;
        let offset = self.fields.u64().ok_or_else(cut_short)?;
        let data = self.fields.string().ok_or_else(cut_short)?;
        let data = self.body.slice_ref(data);
        self.end(Request::Handle(HandleUse::Write { handle, offset, data }))
    }

    fn change_attributes(&mut self) -> Result<Request, Refusal> {
        let handle = self.handle_name()?;
        self.attributes()?;
        self.end(Request::Handle(HandleUse::Change { handle }))
    }

    fn copy_data(&mut self) -> Result<Request, Refusal> {
        let from = self.handle_name()?;
        self.fields.u64().and_then(|_| self.fields.u64()).ok_or_else(cut_short)?;
        let to = self.handle_name()?;
        self.fields.u64().ok_or_else(cut_short)?;
        self.end(Request::Handle(HandleUse::Copy { from, to }))
    }

    fn strings(&mut self, count: usize) -> Result<Request, Refusal> {
        for _ in 0..count {
            self.fields.string().ok_or_else(cut_short)?;
        }
        self.end(Request::Free(Free::Names))
    }

    fn path(&mut self) -> Result<String, Refusal> {
        let path = self.fields.string().ok_or_else(cut_short)?;
        if path.len() > self.limits.path_bytes_max {
            return Err(Refusal::failure("the path is longer than the limit path_bytes_max"));
        }
        if path.contains(&0) {
            return Err(Refusal::bad_message("a path cannot hold a zero byte"));
        }
        let path = std::str::from_utf8(path);
        path.map(str::to_owned).map_err(|_| Refusal::bad_message("policy can only judge paths in UTF-8"))
    }

    fn handle_name(&mut self) -> Result<Bytes, Refusal> {
        let handle = self.fields.string().ok_or_else(cut_short)?;
        if handle.len() > self.limits.handle_bytes_max {
            return Err(Refusal::failure("the handle is longer than the limit handle_bytes_max"));
        }
        Ok(self.body.slice_ref(handle))
    }

    /// Attributes as they came. Set-user-id and set-group-id are nobody's to give by way of a gateway.
    fn attributes(&mut self) -> Result<Bytes, Refusal> {
        let before = self.fields.rest();
        let attributes = Attributes::read(&mut self.fields).ok_or_else(cut_short)?;
        if attributes.sets_id() {
            let message =
                "Narrows: set-user-id and set-group-id modes are not passed (rule set-id)".to_owned();
            return Err(Refusal { code: PERMISSION_DENIED, message });
        }
        let read = before.len() - self.fields.rest().len();
        Ok(self.body.slice_ref(before.get(..read).unwrap_or_default()))
    }

    /// Nothing may follow: it would go up unread.
    fn end(&self, request: Request) -> Result<Request, Refusal> {
        self.fields.end().map(|()| request).ok_or_else(cut_short)
    }
}

impl Named {
    /// Whether it asks where the session starts, as every client does first.
    pub(super) fn asks_for_home(&self) -> bool {
        self.kind == Kind::RealPath && matches!(self.path.as_str(), "" | ".")
    }

    /// Appends the request under another id and with other paths in it.
    pub(super) fn put(&self, id: u32, path: &str, other: Option<&str>, out: &mut BytesMut) {
        let (tag, extension) = self.kind.wire();
        let is_link = matches!(self.kind, Kind::Symlink | Kind::Hardlink);
        frame::put(out, tag, |out| {
            out.put_u32(id);
            if let Some(extension) = extension {
                put_string(out, extension.as_bytes());
            }
            if let (true, Some(other)) = (is_link, other) {
                put_string(out, other.as_bytes());
            }
            put_string(out, path.as_bytes());
            if let (false, Some(other)) = (is_link, other) {
                put_string(out, other.as_bytes());
            }
            out.extend_from_slice(&self.tail);
        });
    }
}
