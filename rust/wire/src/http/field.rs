//! One header line (RFC 9112, section 5).

use super::refused::Refused;

/// A header line: its name, and its value without the blanks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
}

impl<'a> Field<'a> {
    /// Reads a header line without its end.
    pub(super) fn read(line: &'a [u8]) -> Result<Field<'a>, Refused> {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            return Err(Refused::malformed("a header line is folded"));
        }
        let colon = memchr::memchr(b':', line).ok_or(Refused::malformed("a header line has no colon"))?;
        let (name, rest) = line.split_at_checked(colon).unwrap_or_default();
        if !is_token(name) {
            return Err(Refused::malformed(
                "the name of a header is no token, or a space is before its colon",
            ));
        }
        let value = rest.get(1..).unwrap_or_default();
        if has_control(value) {
            return Err(Refused::malformed("the value of a header has a control character"));
        }
        Ok(Field { name, value: trim(value) })
    }

    /// Whether it is the header of this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// `token` of RFC 9110, section 5.6.2.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Any byte that no value may have. Has no early end, so that it is done many bytes at a time.
fn has_control(value: &[u8]) -> bool {
    let is_control = |byte: &u8| u8::from(byte.is_ascii_control() && *byte != b'\t');
    value.iter().fold(0, |found, byte| found | is_control(byte)) != 0
}

fn trim(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(first) = value.iter().position(|byte| !is_blank(byte)) else {
        return &[];
    };
    let last = value.iter().rposition(|byte| !is_blank(byte)).unwrap_or(first);
    value.get(first..=last).unwrap_or_default()
}
