//! ATTRS, as far as policy has to know them (draft-ietf-secsh-filexfer-02, section 5).

use super::fields::Fields;

const SIZE: u32 = 1;
const OWNER: u32 = 1 << 1;
const PERMISSIONS: u32 = 1 << 2;
const TIMES: u32 = 1 << 3;

/// Bits of a mode that lend a program its owner's rights: set-user-id and set-group-id.
const SET_ID: u32 = 0o6000;
/// Bits of a mode that tell what kind of file it is, and their value for a directory.
const KIND: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;

/// What the attributes of a file are said to be, or are to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    /// The mode, where it is given.
    pub(super) permissions: Option<u32>,
}

impl Attributes {
    /// Reads attributes off the front of `fields`; `None` where they are cut short or hold what this
    /// version of the protocol does not know, so that nothing unread goes up.
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Attributes> {
        let flags = fields.u32()?;
        if flags & !(SIZE | OWNER | PERMISSIONS | TIMES) != 0 {
            return None;
        }
        if flags & SIZE != 0 {
            fields.u64()?;
        }
        if flags & OWNER != 0 {
            fields.u64()?;
        }
        let permissions = if flags & PERMISSIONS != 0 { Some(fields.u32()?) } else { None };
        if flags & TIMES != 0 {
            fields.u64()?;
        }
        Some(Attributes { permissions })
    }

    /// Whether they are those of a directory.
    pub(super) fn is_directory(self) -> bool {
        self.permissions.is_some_and(|mode| mode & KIND == DIRECTORY)
    }

    /// Whether they would make a program run with its owner's rights.
    pub(super) fn sets_id(self) -> bool {
        self.permissions.is_some_and(|mode| mode & SET_ID != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_flagged_is_read() {
        let body = b"\0\0\0\x0f12345678ownrgrps\0\0\x09\xedaaaammmm!";
        let mut fields = Fields::of(body);
        let read = Attributes::read(&mut fields).unwrap();
        assert_eq!((read.permissions, fields.rest()), (Some(0o4755), &b"!"[..]));
        assert!(read.sets_id() && !read.is_directory());
    }

    #[test]
    fn unknown_flags_and_short_fields_are_none() {
        for bad in [&b"\x80\0\0\0\0\0\0\0"[..], b"\0\0\0\x10", b"\0\0\0\x01123", b"\0\0\0\x04\0\0"] {
            assert_eq!(Attributes::read(&mut Fields::of(bad)), None);
        }
    }
}
