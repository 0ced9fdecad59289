//! What stands for a masked value: a text that is known again when it is written back.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::{BufMut, BytesMut};
use memchr::memmem::Finder;

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

/// Whether a body holds a placeholder: as it is, or in base64 wherever in a longer text it began.
#[must_use]
pub fn has_placeholder(body: &[u8]) -> bool {
    static FORMS: LazyLock<Vec<Finder<'static>>> = LazyLock::new(forms);
    FORMS.iter().any(|form| form.find(body).is_some())
}

fn forms() -> Vec<Finder<'static>> {
    let plain = PLACEHOLDER_MARK.as_bytes().to_vec();
    let encoded = (0..3).flat_map(|behind| {
        let shifted = [&vec![0; behind], PLACEHOLDER_MARK.as_bytes()].concat();
        [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)].map(|digits| {
            // Only the digits in which nothing but the mark shows.
            let whole = shifted.len() * 8 / 6;
            digits.as_bytes().get((behind * 8).div_ceil(6)..whole).unwrap_or_default().to_vec()
        })
    });
    let mut forms: Vec<Vec<u8>> = std::iter::once(plain).chain(encoded).collect();
    forms.sort_unstable();
    forms.dedup();
    forms.into_iter().map(|form| Finder::new(&form).into_owned()).collect()
}
