//! What stands for a masked value: a text by which policy knows it when it is written back.

use bytes::{BufMut, BytesMut};

use crate::pseudonym::hmac;
use crate::{PseudonymKey, text};

/// What every placeholder begins with.
pub const PLACEHOLDER_MARK: &str = "narrows-masked-";

/// 96 bits, in hexadecimal.
const TAG_BYTES: usize = 12;
/// Keeps the HMACs of placeholders apart from those of pseudonyms.
const DOMAIN: u8 = b'o';

/// Appends the placeholder of a value. Equal values have equal ones under the same mask at the same path alone.
pub(super) fn put(key: &PseudonymKey, mask: &str, path: &[u8], value: &[u8], out: &mut BytesMut) {
    let mut keyed = BytesMut::with_capacity(mask.len() + path.len() + value.len() + 16);
    for part in [mask.as_bytes(), path] {
        keyed.put_u64(part.len() as u64);
        keyed.extend_from_slice(part);
    }
    keyed.extend_from_slice(value);
    let tag = hmac(key, DOMAIN, &keyed);
    out.extend_from_slice(PLACEHOLDER_MARK.as_bytes());
    text::put_hex(tag.get(..TAG_BYTES).unwrap_or(&tag), out);
}
