//! What the masks have put in a value's place, known again in what an agent writes.
//!
//! The control plane looks into statements and parameters (`policy/masking/placeholders.py`); rows that are copied
//! in are looked into here, by the same marks and tags.

use memchr::memmem;

use crate::pseudonym::{self, MARK};
use crate::{ColumnType, Format, MaskSet, Transform};

const REDACTED: &[u8] = b"[redacted";
const REDACTED_XML: &[u8] = b"<redacted/>";
/// One star says nothing, and `last4` shows no more than this.
const STARS_MIN: usize = 2;
const SHOWN_MAX: usize = 4;
const UUID_CHARACTERS: usize = 36;
const INT8_DIGITS: usize = 19;

impl MaskSet {
    /// Whether a value stands for a masked one: it holds the mark of a redaction or of a pseudonym, is starred, or
    /// is a number or a `uuid` that only the pseudonym key makes.
    #[must_use]
    pub fn knows(
        &self,
        transform: Option<&Transform>,
        column: ColumnType,
        format: Format,
        value: &[u8],
    ) -> bool {
        if is_marked(value) || is_starred(value.trim_ascii()) {
            return true;
        }
        let small = matches!(transform, Some(Transform::Pseudonym(_)))
            && pseudonym::is_small(self.types.base(column).oid, format, value);
        small
            || self.key.as_ref().is_some_and(|key| match format {
                Format::Text => is_tagged_text(key, value.trim_ascii()),
                Format::Binary => is_tagged(key, value),
            })
    }
}

fn is_marked(value: &[u8]) -> bool {
    memmem::find_iter(value, REDACTED)
        .any(|at| is_redaction(value.get(at + REDACTED.len()..).unwrap_or_default()))
        || memmem::find(value, REDACTED_XML).is_some()
        || memmem::find_iter(value, MARK).any(|at| {
            let before = at.checked_sub(1).and_then(|before| value.get(before));
            let is_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            !is_word && pseudonym::begins_with_digits(value.get(at + MARK.len()..).unwrap_or_default())
        })
}

/// Whether `]` or `:name]` follows.
fn is_redaction(behind: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b']', behind) else { return false };
    match behind.get(..end) {
        Some([]) => true,
        Some([b':', name @ ..]) => {
            !name.is_empty()
                && name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        }
        _ => false,
    }
}

/// Whether a text is stars with few characters behind them.
fn is_starred(text: &[u8]) -> bool {
    let stars = text.iter().take_while(|byte| **byte == b'*').count();
    let shown = text.get(stars..).unwrap_or_default();
    stars >= STARS_MIN
        && !shown.contains(&b'*')
        && String::from_utf8_lossy(shown).chars().count() <= SHOWN_MAX
}

fn is_tagged_text(key: &crate::PseudonymKey, text: &[u8]) -> bool {
    match text.len() {
        INT8_DIGITS => number(text).is_some_and(|number| pseudonym::is_int8(key, number)),
        UUID_CHARACTERS => pseudonym::uuid(Format::Text, text)
            .is_some_and(|bytes| pseudonym::is_uuid(key, u128::from_be_bytes(bytes))),
        _ => false,
    }
}

fn is_tagged(key: &crate::PseudonymKey, value: &[u8]) -> bool {
    if let Ok(number) = value.try_into() {
        return pseudonym::is_int8(key, u64::from_be_bytes(number));
    }
    value.try_into().is_ok_and(|uuid| pseudonym::is_uuid(key, u128::from_be_bytes(uuid)))
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
