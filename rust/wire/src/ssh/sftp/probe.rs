//! What the inspector asks of the target for itself. None of it changes anything there.

use bytes::{BufMut, BytesMut};

use super::extension;
use super::fields::put_string;
use super::frame;
use super::message::{EXTENDED, LSTAT, REALPATH};

/// Appends a REALPATH of the inspector's own.
pub(super) fn put_real_path(id: u32, path: &str, out: &mut BytesMut) {
    put_probe(REALPATH, id, path, out);
}

/// Appends an LSTAT of the inspector's own.
pub(super) fn put_look(id: u32, path: &str, out: &mut BytesMut) {
    put_probe(LSTAT, id, path, out);
}

/// Appends an expand-path of the inspector's own.
pub(super) fn put_expand_path(id: u32, path: &str, out: &mut BytesMut) {
    frame::put(out, EXTENDED, |out| {
        out.put_u32(id);
        put_string(out, extension::EXPAND_PATH.as_bytes());
        put_string(out, path.as_bytes());
    });
}

fn put_probe(tag: u8, id: u32, path: &str, out: &mut BytesMut) {
    frame::put(out, tag, |out| {
        out.put_u32(id);
        put_string(out, path.as_bytes());
    });
}
