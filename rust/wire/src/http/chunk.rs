//! The lines of a chunked body (RFC 9112, section 7.1). Extensions and trailers are refused: nothing that a
//! cluster serves needs them, and two readers seldom agree on them.

use super::refused::Refused;

/// Digits of a chunk's size. As many are more than any body has.
const DIGITS_MAX: usize = 12;

/// A line with a chunk's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SizeLine {
    /// The bytes of the line, its end included.
    pub(super) bytes: usize,
    /// The bytes of the chunk; none in the last.
    pub(super) size: u64,
}

/// Reads the line at the front of `input`; `None` where it has yet to end.
pub(super) fn size_line(input: &[u8]) -> Result<Option<SizeLine>, Refused> {
    let digits = input.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits > DIGITS_MAX {
        return Err(Refused::malformed("the size of a chunk has too many digits"));
    }
    let (number, rest) = input.split_at_checked(digits).unwrap_or_default();
    if number.is_empty() && !rest.is_empty() {
        return Err(Refused::malformed("a chunk has no size"));
    }
    let Some(end) = line_end(rest, "the size of a chunk has something behind it")? else {
        return Ok(None);
    };
    let odd = Refused::malformed("the size of a chunk is no number");
    let text = std::str::from_utf8(number).map_err(|_| odd)?;
    let size = u64::from_str_radix(text, 16).map_err(|_| odd)?;
    Ok(Some(SizeLine { bytes: digits.saturating_add(end), size }))
}

/// The bytes of the line's end at the front of `input`; `None` where they have yet to come.
pub(super) fn line_end(input: &[u8], otherwise: &'static str) -> Result<Option<usize>, Refused> {
    match input {
        [] | [b'\r'] => Ok(None),
        [b'\r', b'\n', ..] => Ok(Some(2)),
        _ => Err(Refused::malformed(otherwise)),
    }
}
