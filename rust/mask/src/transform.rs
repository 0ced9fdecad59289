//! The transforms that a `[[mask]]` can name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::{Ff1, JsonPaths};

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
    /// The first so many characters of text, the rest starred; as `Redact` for other types. Text that is no
    /// longer is starred whole.
    First(u8),
    /// The start of the period that a `date`, a `timestamp` or a `timestamptz` lies in, and ranges of them widened
    /// to whole periods; as `Redact` for other types, and for text in another `DateStyle` than ISO.
    Date(Period),
    /// The greatest multiple of this number that is not above the value, for integers, `numeric` and
    /// floats, and ranges of them widened to multiples; as `Redact` for other types.
    Bucket(u32),
    /// Digits encrypted to as many other digits, in text, `int4`, `int8` and whole `numeric`; as `Redact` for
    /// other types, and where there are fewer than six digits.
    Ff1(Ff1),
    /// Parts of `json`, `jsonb` and of JSON in text, each with a transform of its own; as `Redact` for other
    /// types.
    Paths(Arc<JsonPaths>),
    /// Fields of a relation's row by their attribute numbers, each with a transform of its own, the others as they
    /// are; as `Redact` for other types.
    Fields(Arc<HashMap<i16, Transform>>),
}

/// What [`Transform::Date`] cuts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// From the first of January.
    Year,
    /// From the first of the month.
    Month,
}

/// How much `first:N` may show at most.
const FIRST_MAX: u8 = 16;

impl Transform {
    /// Reads a transform as policy writes it: `redact`, `null`, `last4`, `first:N`, `pseudonym`, `ff1`, `date:year`,
    /// `date:month` or `bucket:N`; or, in lines behind `paths:`, paths with one of those each. `None` for anything else, and for `pseudonym` and `ff1` without a key.
    #[must_use]
    pub fn parse(text: &str, key: Option<&PseudonymKey>) -> Option<Transform> {
        Some(match text.split_once(':') {
            None => match text {
                "redact" => Transform::Redact,
                "null" => Transform::Null,
                "last4" => Transform::Last4,
                "pseudonym" => Transform::Pseudonym(key?.clone()),
                "ff1" => Transform::Ff1(Ff1::new(key?)?),
                _ => return None,
            },
            Some(("first", shown)) => Transform::First(
                decimal(shown).filter(|it| (1..=u32::from(FIRST_MAX)).contains(it))?.try_into().ok()?,
            ),
            Some(("date", "year")) => Transform::Date(Period::Year),
            Some(("date", "month")) => Transform::Date(Period::Month),
            Some(("paths", lines)) => {
                let inner =
                    |text: &str| Transform::parse(text, key).filter(|it| !matches!(it, Transform::Paths(_)));
                Transform::Paths(Arc::new(JsonPaths::parse(lines, inner)?))
            }
            Some(("bucket", width)) => Transform::Bucket(decimal(width).filter(|it| *it > 1)?),
            Some(_) => return None,
        })
    }
}

/// As policy writes it; of paths and fields only that they are.
impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Transform::Redact => f.write_str("redact"),
            Transform::Null => f.write_str("null"),
            Transform::Last4 => f.write_str("last4"),
            Transform::Pseudonym(_) => f.write_str("pseudonym"),
            Transform::First(shown) => write!(f, "first:{shown}"),
            Transform::Date(Period::Year) => f.write_str("date:year"),
            Transform::Date(Period::Month) => f.write_str("date:month"),
            Transform::Bucket(width) => write!(f, "bucket:{width}"),
            Transform::Ff1(_) => f.write_str("ff1"),
            Transform::Paths(_) => f.write_str("paths"),
            Transform::Fields(_) => f.write_str("fields"),
        }
    }
}

/// A number without a sign or a leading zero.
fn decimal(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// The key of [`Transform::Pseudonym`]: 32 bytes that never leave the process.
#[derive(Clone)]
pub struct PseudonymKey(pub [u8; 32]);

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}
