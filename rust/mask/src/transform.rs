//! The transforms that a `[[mask]]` can name.

/// What is done to a value of a masked column.
#[derive(Clone, Debug)]
pub enum Transform {
    /// A constant of the type that says it was redacted; NULL where the type has none.
    Redact,
    /// NULL.
    Null,
    /// The last four characters of text, the rest starred; as `Redact` for other types. Text of four
    /// characters or fewer is starred whole.
    Last4,
    /// A keyed pseudonym of text, integers, `uuid`, `json` and `jsonb`: equal values of a type give equal
    /// pseudonyms, so joins and counts still work. As `Redact` for other types, and for text columns
    /// shorter than the 20 characters of a pseudonym.
    Pseudonym(PseudonymKey),
}

/// The key of [`Transform::Pseudonym`]: 32 bytes that never leave the process.
#[derive(Clone)]
pub struct PseudonymKey(pub [u8; 32]);

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}
