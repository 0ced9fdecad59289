//! What an OPEN may do to its file (draft-ietf-secsh-filexfer-02, section 6.3).

const READ: u32 = 1;
const WRITE: u32 = 1 << 1;
const APPEND: u32 = 1 << 2;
const CREATE: u32 = 1 << 3;
const TRUNCATE: u32 = 1 << 4;
const EXCLUSIVE: u32 = 1 << 5;

/// The `pflags` of an OPEN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenFlags(u32);

impl OpenFlags {
    /// The flags, unless one of them is unknown to this version of the protocol.
    pub(super) fn of(flags: u32) -> Option<OpenFlags> {
        let known = READ | WRITE | APPEND | CREATE | TRUNCATE | EXCLUSIVE;
        (flags & !known == 0).then_some(OpenFlags(flags))
    }

    /// Whether data can be read. A server opens for reading what is not opened for writing alone.
    pub(super) fn reads(self) -> bool {
        self.has(READ) || !self.has(WRITE)
    }

    /// Whether the file is written, made or emptied.
    pub(super) fn writes(self) -> bool {
        self.0 & (WRITE | APPEND | CREATE | TRUNCATE) != 0
    }

    /// Whether every write goes to the end, whatever its offset says.
    pub(super) fn appends(self) -> bool {
        self.has(APPEND)
    }

    /// Whether the file must be new, so that a symbolic link in its place is not followed.
    pub(super) fn must_be_new(self) -> bool {
        self.has(CREATE) && self.has(EXCLUSIVE)
    }

    /// As the protocol has them.
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_can_change_a_file_writes() {
        for (flags, reads, writes) in [
            (0, true, false),
            (1, true, false),
            (2, false, true),
            (3, true, true),
            (8, true, true),
            (0x11, true, true),
        ] {
            let open = OpenFlags::of(flags).unwrap();
            assert_eq!((open.reads(), open.writes()), (reads, writes), "{flags:#x}");
        }
        assert_eq!(OpenFlags::of(0x40), None);
    }
}
