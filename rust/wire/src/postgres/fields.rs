//! ErrorResponse and NoticeResponse: the fields, and which of them may be told.
//!
//! Values get into errors by many ways: a cast that fails quotes its input, a constraint shows the row,
//! a function raises what it likes in any field. In a session with masks no such message passes. It is
//! rebuilt from what the server itself is known to have written: the severity, a known SQLSTATE, the
//! position, and the text only where that can hold nothing but identifiers.

use bytes::{BufMut, BytesMut};

use super::frame::{put, put_string};
use super::message::Reader;
use super::sqlstate::{Class, Telling, classify};
use crate::{Error, Side};

const SEVERITIES: [&[u8]; 8] =
    [b"ERROR", b"FATAL", b"PANIC", b"WARNING", b"NOTICE", b"DEBUG", b"INFO", b"LOG"];

/// Source files whose errors carry text and fields that a function's author chose.
const LANGUAGE_FILES: [&[u8]; 6] = [b"pl_", b"plpy", b"plperl", b"pltcl", b"plv8", b"plr"];

/// The fields of a message, by their type byte.
#[derive(Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Reads the body of an ErrorResponse or a NoticeResponse.
    ///
    /// # Errors
    /// When a field has no end.
    pub(super) fn read(body: &'a [u8]) -> Result<Fields<'a>, Error> {
        let mut reader = Reader::new(Side::Upstream, body);
        while reader.u8()? != 0 {
            reader.string()?;
        }
        reader.end()?;
        Ok(Fields(body))
    }

    /// The value of the first field of type `kind`.
    pub(super) fn find(&self, kind: u8) -> Option<&'a [u8]> {
        let mut reader = Reader::new(Side::Upstream, self.0);
        while let Ok(field) = reader.u8() {
            let Ok(value) = reader.string() else { break };
            if field == kind {
                return Some(value);
            }
        }
        None
    }

    /// The untranslated severity; the translated one of a server that sends no other.
    pub(super) fn severity(&self) -> &'a [u8] {
        self.find(b'V').or_else(|| self.find(b'S')).unwrap_or_default()
    }

    /// Whether the server ends the session with this.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(self.severity(), b"FATAL" | b"PANIC")
    }

    /// Whether the message's text holds `needle`.
    pub(super) fn message_contains(&self, needle: &[u8]) -> bool {
        self.find(b'M').is_some_and(|text| text.windows(needle.len().max(1)).any(|window| window == needle))
    }

    /// Appends the message as it is, but for the position, which counts from `shift` characters further on.
    pub(super) fn put_moved(&self, tag: u8, shift: usize, out: &mut BytesMut) {
        let mut reader = Reader::new(Side::Upstream, self.0);
        put(out, tag, |out| {
            while let (Ok(kind @ 1..), Ok(value)) = (reader.u8(), reader.string()) {
                match kind {
                    b'P' => put_position(out, value, shift),
                    _ => put_field(out, kind, value),
                }
            }
            out.put_u8(0);
        });
    }

    /// Appends the message as a session with masks may see it, its position counted as in `put_moved`.
    pub(super) fn rebuild(&self, tag: u8, shift: usize, out: &mut BytesMut) {
        let severity = SEVERITIES.into_iter().find(|known| *known == self.severity()).unwrap_or(b"ERROR");
        let class = classify(self.find(b'C').unwrap_or_default());
        let position = self.find(b'P').filter(|digits| is_number(digits));
        put(out, tag, |out| {
            put_field(out, b'S', severity);
            put_field(out, b'V', severity);
            put_field(out, b'C', class.code.as_bytes());
            match self.tellable(&class, position.is_some()) {
                Some(text) => put_field(out, b'M', text),
                None => put_withheld(out, class.meaning),
            }
            if let Some(position) = position {
                put_position(out, position, shift);
            }
            if self.tellable(&class, false).is_some() && class.code.starts_with("23") {
                self.put_identifiers(out);
            }
            out.put_u8(0);
        });
    }

    /// The text, if only the server can have written it and it can hold nothing but identifiers.
    fn tellable(&self, class: &Class, has_position: bool) -> Option<&'a [u8]> {
        let told = match class.telling {
            Telling::Withhold => false,
            Telling::IfPositioned => has_position,
            Telling::Always => true,
        };
        let file = self.find(b'F').unwrap_or_default();
        let by_function =
            self.find(b'W').is_some() || LANGUAGE_FILES.iter().any(|prefix| file.starts_with(prefix));
        self.find(b'M').filter(|_| told && !by_function)
    }

    /// Schema, table, column and constraint of an integrity error: names from the catalogue, because a
    /// function that raised them itself has been ruled out.
    fn put_identifiers(&self, out: &mut BytesMut) {
        for kind in *b"stcn" {
            if let Some(name) = self.find(kind) {
                put_field(out, kind, name);
            }
        }
    }
}

/// A message in Narrows' own words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report<'a> {
    /// One of the protocol's severities.
    pub(super) severity: &'static [u8],
    /// Five characters.
    pub(super) sqlstate: [u8; 5],
    /// One sentence.
    pub(super) message: &'a str,
    /// Left out when empty.
    pub(super) detail: &'a str,
    /// Left out when empty.
    pub(super) hint: &'a str,
}

impl Report<'_> {
    /// Appends it as a message of type `tag`: `E` for an ErrorResponse, `N` for a NoticeResponse.
    pub(super) fn put(&self, tag: u8, out: &mut BytesMut) {
        put(out, tag, |out| {
            put_field(out, b'S', self.severity);
            put_field(out, b'V', self.severity);
            put_field(out, b'C', &self.sqlstate);
            put_field(out, b'M', self.message.as_bytes());
            for (kind, text) in [(b'D', self.detail), (b'H', self.hint)] {
                if !text.is_empty() {
                    put_field(out, kind, text.as_bytes());
                }
            }
            out.put_u8(0);
        });
    }
}

/// Appends one field; a NUL inside would end it early, so it ends there.
fn put_field(out: &mut BytesMut, kind: u8, value: &[u8]) {
    out.put_u8(kind);
    put_string(out, value.split(|&byte| byte == 0).next().unwrap_or_default());
}

/// Appends a position in the text, less the `shift` characters that are not the agent's; none if it is there.
fn put_position(out: &mut BytesMut, digits: &[u8], shift: usize) {
    let position = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<usize>().ok());
    if let Some(moved) = position.and_then(|position| position.checked_sub(shift)).filter(|moved| *moved > 0)
    {
        put_field(out, b'P', moved.to_string().as_bytes());
    }
}

fn put_withheld(out: &mut BytesMut, meaning: &str) {
    out.put_u8(b'M');
    out.extend_from_slice(meaning.as_bytes());
    put_string(out, b" (Narrows withholds the text: it could hold masked data)");
}

fn is_number(digits: &[u8]) -> bool {
    (1..=10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(fields: &[(u8, &str)]) -> String {
        let mut body = BytesMut::new();
        for (kind, value) in fields {
            put_field(&mut body, *kind, value.as_bytes());
        }
        body.put_u8(0);
        let mut out = BytesMut::new();
        Fields::read(&body).unwrap().rebuild(b'E', 0, &mut out);
        String::from_utf8_lossy(&out).replace('\0', "|")
    }

    const SECRET: &str = "000-12-3456";

    #[test]
    fn no_field_that_could_hold_a_value_survives() {
        let mut fields: Vec<(u8, &str)> = (b'A'..=b'z').map(|kind| (kind, SECRET)).collect();
        for code in ["22008", "22P02", "34000", "P0001", "XX000", "12345", "23505", "42P01"] {
            fields.retain(|(kind, _)| *kind != b'C');
            fields.push((b'C', code));
            assert!(!rebuilt(&fields).contains(SECRET), "{code}");
        }
    }

    #[test]
    fn a_constraint_error_of_the_server_keeps_its_names_and_loses_its_key() {
        let text = "duplicate key value violates unique constraint \"pk\"";
        let told = rebuilt(&[
            (b'V', "ERROR"),
            (b'C', "23505"),
            (b'M', text),
            (b'D', "Key (ssn)=(000-12-3456) already exists."),
            (b't', "people"),
            (b'n', "pk"),
            (b'F', "nbtinsert.c"),
        ]);
        assert!(told.contains(text) && told.contains("tpeople|npk|") && !told.contains("3456"), "{told}");
    }

    #[test]
    fn a_constraint_error_that_a_function_raised_loses_everything() {
        for by_function in [(b'W', "PL/pgSQL function f() line 1 at RAISE"), (b'F', "pl_exec.c")] {
            let told =
                rebuilt(&[(b'V', "ERROR"), (b'C', "23505"), (b'M', SECRET), (b'n', SECRET), by_function]);
            assert!(!told.contains(SECRET) && told.contains("unique violation"), "{told}");
        }
    }

    #[test]
    fn a_name_is_told_only_where_the_agent_wrote_it() {
        let by_parser =
            [(b'V', "ERROR"), (b'C', "42P01"), (b'M', "relation \"x\" does not exist"), (b'P', "15")];
        assert!(rebuilt(&by_parser).contains("relation \"x\" does not exist|P15|"));
        let by_regclass_cast = &by_parser[..3];
        assert!(!rebuilt(by_regclass_cast).contains("\"x\""));
    }

    #[test]
    fn an_unknown_sqlstate_becomes_an_internal_error() {
        assert!(
            rebuilt(&[(b'V', "ERROR"), (b'C', "ZZ123"), (b'M', SECRET)]).contains("CXX000|Minternal error")
        );
    }
}
