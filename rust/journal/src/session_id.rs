//! Names of sessions: short enough to read aloud, and in order of time.

use std::fmt;
use std::str::FromStr;

/// Bits of the counter below the time.
const COUNTER_BITS: u32 = 22;
/// Characters of a written id: 13 times five bits.
const CHARACTERS: usize = 13;
/// Crockford's base32 in lower case: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A session's name: milliseconds since 1970 in the upper 42 bits, a counter below, so that they sort
/// by time. Shown as 13 characters of Crockford base32 in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

impl SessionId {
    /// The node itself: recoveries are recorded under it.
    pub const NODE: SessionId = SessionId(0);

    /// The id of the `counter`th session in the millisecond `time_ms` since 1970. Of the counter the
    /// lower 22 bits count.
    #[must_use]
    pub fn new(time_ms: u64, counter: u32) -> SessionId {
        let counter = u64::from(counter) & ((1 << COUNTER_BITS) - 1);
        SessionId(time_ms << COUNTER_BITS | counter)
    }

    /// Milliseconds since 1970 at which the session opened.
    #[must_use]
    pub fn time_ms(self) -> u64 {
        self.0 >> COUNTER_BITS
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in (0..CHARACTERS).rev().map(|place| place * 5) {
            let five = usize::try_from(self.0 >> shift & 31).map_err(|_| fmt::Error)?;
            let letter = ALPHABET.get(five).ok_or(fmt::Error)?;
            fmt::Write::write_char(f, char::from(*letter))?;
        }
        Ok(())
    }
}

/// The text is not 13 characters of Crockford base32 with a value below 2^64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSessionId;

impl fmt::Display for InvalidSessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session id is 13 characters of 0-9 and a-z without i, l, o, u, the first below g")
    }
}

impl std::error::Error for InvalidSessionId {}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    /// Reads what `Display` writes, in upper or lower case.
    fn from_str(text: &str) -> Result<SessionId, InvalidSessionId> {
        if text.len() != CHARACTERS {
            return Err(InvalidSessionId);
        }
        let id = text.bytes().try_fold(0_u128, |id, letter| {
            let five = ALPHABET.iter().position(|known| *known == letter.to_ascii_lowercase())?;
            Some(id << 5 | u128::try_from(five).ok()?)
        });
        id.and_then(|id| u64::try_from(id).ok()).map(SessionId).ok_or(InvalidSessionId)
    }
}
