//! What stands for a part of a text that a detector found.

use bytes::{BufMut, BytesMut};

use crate::{Transform, pseudonym, text};

/// Appends it. `null` is not for parts, nor are the transforms of numbers and dates: they redact.
pub(crate) fn mask(transform: &Transform, detector: &str, value: &[u8], out: &mut BytesMut) {
    match (transform, std::str::from_utf8(value)) {
        (Transform::Last4, Ok(value)) => text::put_last(value, out),
        (Transform::First(shown), Ok(value)) => text::put_first(value, usize::from(*shown), out),
        (Transform::Pseudonym(key), _) => pseudonym::put_text(key, value, out),
        _ => {
            out.extend_from_slice(b"[redacted:");
            out.extend_from_slice(detector.as_bytes());
            out.put_u8(b']');
        }
    }
}
