//! What stands for a part of a text that a detector found.

use bytes::{BufMut, BytesMut};

use crate::{Transform, ff1, pseudonym, text};

/// Appends it. `null` is not for parts, nor are the transforms of numbers and dates: they redact.
pub(crate) fn mask(transform: &Transform, detector: &str, value: &[u8], out: &mut BytesMut) {
    match (transform, std::str::from_utf8(value)) {
        (Transform::Last4, Ok(value)) => text::put_last(value, out),
        (Transform::First(shown), Ok(value)) => text::put_first(value, usize::from(*shown), out),
        (Transform::Pseudonym(key), _) => pseudonym::put_text(key, value, out),
        (Transform::Ff1(cipher), _) => {
            let start = out.len();
            if ff1::put_text(cipher, value, out).is_none() {
                out.truncate(start);
                put_name(detector, out);
            }
        }
        _ => put_name(detector, out),
    }
}

fn put_name(detector: &str, out: &mut BytesMut) {
    out.extend_from_slice(b"[redacted:");
    out.extend_from_slice(detector.as_bytes());
    out.put_u8(b']');
}
