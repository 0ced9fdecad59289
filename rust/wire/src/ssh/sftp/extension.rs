//! The extensions of OpenSSH's PROTOCOL file, section 4, that Narrows understands. A target's VERSION is
//! shown without the others, so that no agent's program tries them.

use bytes::{BufMut, BytesMut};

use super::fields::{Fields, put_string};
use super::frame;
use super::limits::SftpLimits;
use super::message::{EXTENDED_REPLY, VERSION};

/// The version of the protocol that both sides are held to.
pub(super) const PROTOCOL_VERSION: u32 = 3;

pub(super) const POSIX_RENAME: &str = "posix-rename@openssh.com";
pub(super) const STATVFS: &str = "statvfs@openssh.com";
pub(super) const FSTATVFS: &str = "fstatvfs@openssh.com";
pub(super) const HARDLINK: &str = "hardlink@openssh.com";
pub(super) const FSYNC: &str = "fsync@openssh.com";
pub(super) const LSETSTAT: &str = "lsetstat@openssh.com";
pub(super) const LIMITS: &str = "limits@openssh.com";
pub(super) const EXPAND_PATH: &str = "expand-path@openssh.com";
pub(super) const COPY_DATA: &str = "copy-data";
pub(super) const HOME_DIRECTORY: &str = "home-directory";
pub(super) const USERS_GROUPS: &str = "users-groups-by-id@openssh.com";

/// Each with the version of it that is understood.
const KNOWN: [(&str, &[u8]); 11] = [
    (POSIX_RENAME, b"1"),
    (STATVFS, b"2"),
    (FSTATVFS, b"2"),
    (HARDLINK, b"1"),
    (FSYNC, b"1"),
    (LSETSTAT, b"1"),
    (LIMITS, b"1"),
    (EXPAND_PATH, b"1"),
    (COPY_DATA, b"1"),
    (HOME_DIRECTORY, b"1"),
    (USERS_GROUPS, b"1"),
];

/// Bytes around the data of a READ's answer or a WRITE, with room to spare.
const DATA_OVERHEAD_BYTES: u64 = 1024;

/// What a target's VERSION offers, as far as it is understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    extensions: Vec<usize>,
}

impl Offer {
    /// Reads the body of a VERSION; `None` where it is cut short or of another version.
    pub(super) fn read(body: &[u8]) -> Option<Offer> {
        let mut fields = Fields::of(body);
        if fields.u32()? != PROTOCOL_VERSION {
            return None;
        }
        let mut extensions = Vec::new();
        while fields.end().is_none() {
            let (name, version) = (fields.string()?, fields.string()?);
            let known = KNOWN.iter().position(|known| known.0.as_bytes() == name && known.1 == version);
            extensions.extend(known.filter(|place| !extensions.contains(place)));
        }
        Some(Offer { extensions })
    }

    /// Appends the VERSION that the agent sees.
    pub(super) fn put(&self, out: &mut BytesMut) {
        frame::put(out, VERSION, |out| {
            out.put_u32(PROTOCOL_VERSION);
            for (name, version) in self.extensions.iter().filter_map(|place| KNOWN.get(*place)) {
                put_string(out, name.as_bytes());
                put_string(out, version);
            }
        });
    }
}

/// Appends the answer to `limits@openssh.com`: no limit is larger than Narrows' own. `None` where the
/// target's is cut short.
pub(super) fn put_limits(body: &[u8], id: u32, limits: &SftpLimits, out: &mut BytesMut) -> Option<()> {
    let mut fields = Fields::of(body);
    let (packet, read, write, handles) = (fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?);
    let packet_max = limits.packet_bytes_max as u64;
    let data_max = packet_max.saturating_sub(DATA_OVERHEAD_BYTES);
    let handles_max = limits.handles_max as u64;
    frame::put(out, EXTENDED_REPLY, |out| {
        out.put_u32(id);
        // Zero says that the server knows of no limit.
        for (theirs, ours) in
            [(packet, packet_max), (read, data_max), (write, data_max), (handles, handles_max)]
        {
            out.put_u64(if theirs == 0 { ours } else { theirs.min(ours) });
        }
    });
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: u32, extensions: &[(&[u8], &[u8])]) -> BytesMut {
        let mut body = BytesMut::new();
        body.put_u32(number);
        for (name, data) in extensions {
            put_string(&mut body, name);
            put_string(&mut body, data);
        }
        body
    }

    #[test]
    fn what_is_not_understood_is_not_offered() {
        let body = version(
            3,
            &[(b"posix-rename@openssh.com", b"1"), (b"evil@example", b"1"), (b"fsync@openssh.com", b"9")],
        );
        let mut out = BytesMut::new();
        Offer::read(&body).unwrap().put(&mut out);
        let expected = version(3, &[(b"posix-rename@openssh.com", b"1")]);
        assert_eq!(&out[5..], &expected[..]);
    }

    #[test]
    fn another_version_or_half_an_extension_is_none() {
        let whole = version(3, &[(b"fsync@openssh.com", b"1")]);
        for body in [&version(4, &[])[..], &version(2, &[])[..], &whole[..whole.len() - 1], b"\0\0"] {
            assert_eq!(Offer::read(body), None);
        }
    }

    #[test]
    fn limits_are_never_wider_than_ours() {
        let mut theirs = BytesMut::new();
        for limit in [u64::MAX, 0, 1000, 0] {
            theirs.put_u64(limit);
        }
        let mut out = BytesMut::new();
        put_limits(&theirs, 7, &SftpLimits::default(), &mut out).unwrap();
        let mut fields = Fields::of(&out[5..]);
        assert_eq!(fields.u32(), Some(7));
        let told: Vec<u64> = std::iter::from_fn(|| fields.u64()).collect();
        assert_eq!(told, [262_144, 261_120, 1000, 1024]);
    }
}
