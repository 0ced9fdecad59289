//! The transforms that a `[[mask]]` can name.

/// What is done to a value of a masked column.
#[derive(Clone, Debug)]
pub enum Transform {
    /// A constant of the type that says it was redacted; NULL where the type has none.
    Redact,
    /// NULL.
    Null,
    /// The last four characters of text, the rest starred; as `Redact` for other types.
    Last4,
    /// A keyed pseudonym: equal values give equal pseudonyms, so joins and counts still work.
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
