//! Percent-encoding (RFC 3986, section 2.1), read strictly and written in one way.

use std::fmt::Write as _;

/// Decodes every `%XX`; `None` where a `%` is not followed by two hexadecimal digits.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
        decoded.push(high << 4 | low);
    }
    Some(decoded)
}

/// Appends `text` with everything encoded but the unreserved characters (RFC 3986, section 2.3) and `also`.
pub(super) fn encode(out: &mut String, text: &str, also: &str) {
    for byte in text.bytes() {
        let character = char::from(byte);
        if is_unreserved(byte) || also.contains(character) {
            out.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A letter, a digit, or one of `-._~`.
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_broken_escape_is_none() {
        for broken in ["%", "%4", "a%", "%g0", "%0g", "%%41", "%+1"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
        assert_eq!(decode("%73%2F+").as_deref(), Some(&b"s/+"[..]));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
            let mut encoded = String::new();
            encode(&mut encoded, &text, "");
            prop_assert_eq!(decode(&encoded), Some(text.into_bytes()));
        }
    }
}
