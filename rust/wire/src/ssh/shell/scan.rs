//! Walks over the characters of a text, and over what separates words.

use super::fault::Fault;

/// A position in a text.
#[derive(Clone, Debug)]
pub(super) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    /// Starts at the beginning of a text.
    ///
    /// # Errors
    /// [`super::FaultKind::Opaque`] where the text has control characters that a terminal would act on.
    pub(super) fn new(text: &'a str) -> Result<Scan<'a>, Fault> {
        match text.chars().find(|&character| character.is_control() && !matches!(character, '\t' | '\n')) {
            Some('\0') => Err(Fault::malformed("a NUL")),
            Some(control) => Err(Fault::opaque(format!("control character U+{:04X}", u32::from(control)))),
            None => Ok(Scan { rest: text }),
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = self.rest.get(character.len_utf8()..).unwrap_or_default();
        Some(character)
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    /// Passes `text` if it is next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Passes everything before the next `end`, and that; `None` where there is none.
    pub(super) fn take_until(&mut self, end: char) -> Option<&'a str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
    }

    /// Passes the rest of the line and its end; the line.
    pub(super) fn take_line(&mut self) -> &'a str {
        let (line, after) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = after;
        line
    }

    /// Passes spaces, tabs, joined lines and, where a word could start, a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            if self.starts_with("#") {
                self.rest = self.rest.find('\n').and_then(|end| self.rest.get(end..)).unwrap_or_default();
            }
            if !(self.take(" ") || self.take("\t") || self.take("\\\n")) {
                return;
            }
        }
    }

    /// Whether a word ends here: at a blank, an operator or the end (POSIX, Shell & Utilities, 2.3).
    pub(super) fn at_word_end(&self) -> bool {
        self.peek()
            .is_none_or(|next| matches!(next, ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')'))
    }
}
