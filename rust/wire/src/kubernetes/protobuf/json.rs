//! JSON as it is written, piece by piece (RFC 8259).

use std::fmt::{Display, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A document that is being written. Commas come by themselves.
#[derive(Debug, Default)]
pub(super) struct Json(String);

impl Json {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// Begins an object or a list.
    pub(super) fn open(&mut self, bracket: char) {
        self.0.push(bracket);
    }

    /// Ends it.
    pub(super) fn close(&mut self, bracket: char) {
        self.0.push(bracket);
    }

    /// The name of the member whose value is next.
    pub(super) fn name(&mut self, name: &str) {
        self.separate();
        self.text(name);
        self.0.push(':');
    }

    /// Puts a comma before what is not the first in its object or list. A value ends in none of these brackets.
    pub(super) fn separate(&mut self) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
    }

    /// What is JSON already: a number, `true`, `null`, a document.
    pub(super) fn verbatim(&mut self, value: impl Display) {
        // A string takes whatever is written to it.
        let _ = write!(self.0, "{value}");
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\u{0}'..'\u{20}' => self.verbatim(format_args!("\\u{:04x}", u32::from(character))),
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    pub(super) fn base64(&mut self, bytes: &[u8]) {
        self.0.push('"');
        STANDARD.encode_string(bytes, &mut self.0);
        self.0.push('"');
    }
}
