//! The head of a request: its lines as they come in, and what they say of the body.

use super::{
    field::Field,
    limits::HttpLimits,
    refused::Refused,
    request_line::{self, Version},
};

/// How the end of a body is known (RFC 9112, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// It has as many bytes; without a Content-Length none.
    Length(u64),
    /// It comes in chunks.
    Chunked,
}

/// A head of which some lines may be there.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Where the first line that was not checked begins.
    line_start: usize,
    /// As far as a line's end was looked for.
    searched: usize,
    /// Where the header lines begin.
    fields_start: usize,
    fields: usize,
    version: Option<Version>,
    host: bool,
    length: Option<u64>,
    chunked: bool,
}

/// A whole head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WholeHead {
    /// Its bytes, the empty line included.
    pub(super) bytes: usize,
    /// What follows it.
    pub(super) framing: Framing,
}

impl Head {
    /// Checks the lines that are there. `input` begins at the head each time, and has grown at its end.
    ///
    /// `None`: the empty line that ends it has yet to come.
    pub(super) fn feed(&mut self, input: &[u8], limits: &HttpLimits) -> Result<Option<WholeHead>, Refused> {
        while let Some(found) = memchr::memchr(b'\n', input.get(self.searched..).unwrap_or_default()) {
            let line_end = self.searched.saturating_add(found);
            self.refuse_long(line_end, limits)?;
            let line = input.get(self.line_start..line_end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").ok_or(Refused::malformed("a line ends without CR"))?;
            self.line_start = line_end.saturating_add(1);
            self.searched = self.line_start;
            if line.is_empty() && self.version.is_some() {
                let framing = self.framing()?;
                return Ok(Some(WholeHead { bytes: self.line_start, framing }));
            }
            self.line(line, limits)?;
        }
        self.searched = input.len();
        self.refuse_long(self.searched, limits)?;
        Ok(None)
    }

    fn line(&mut self, line: &[u8], limits: &HttpLimits) -> Result<(), Refused> {
        if self.version.is_none() {
            self.version = Some(request_line::check(line, limits)?);
            self.fields_start = self.line_start;
            return Ok(());
        }
        self.fields = self.fields.saturating_add(1);
        if self.fields > limits.fields_max {
            return Err(Refused { code: 431, what: "there are too many headers" });
        }
        self.field(Field::read(line)?)
    }

    fn field(&mut self, field: Field<'_>) -> Result<(), Refused> {
        if field.is("host") {
            if self.host {
                return Err(Refused::malformed("there are two Hosts"));
            }
            self.host = true;
        } else if field.is("content-length") {
            if self.length.is_some() {
                return Err(Refused::malformed("there are two Content-Lengths"));
            }
            self.length = Some(content_length(field.value)?);
        } else if field.is("transfer-encoding") {
            if self.chunked || field.value != b"chunked" {
                return Err(Refused::malformed("Transfer-Encoding is not exactly chunked"));
            }
            self.chunked = true;
        }
        Ok(())
    }

    fn framing(&self) -> Result<Framing, Refused> {
        let old = self.version == Some(Version::Http10);
        if !old && !self.host {
            return Err(Refused::malformed("there is no Host"));
        }
        match (self.chunked, self.length) {
            (true, Some(_)) => {
                Err(Refused::malformed("there are both a Content-Length and a Transfer-Encoding"))
            }
            (true, None) if old => Err(Refused::malformed("HTTP/1.0 has no Transfer-Encoding")),
            (true, None) => Ok(Framing::Chunked),
            (false, length) => Ok(Framing::Length(length.unwrap_or(0))),
        }
    }

    /// Refuses what is too long as soon as it is, however it is cut.
    fn refuse_long(&self, end: usize, limits: &HttpLimits) -> Result<(), Refused> {
        if self.version.is_none() {
            let is_long = end > request_line::bytes_max(limits);
            return if is_long { Err(request_line::TOO_LONG) } else { Ok(()) };
        }
        if end.saturating_sub(self.fields_start) > limits.fields_bytes_max {
            return Err(Refused { code: 431, what: "the headers are too long" });
        }
        Ok(())
    }
}

/// Digits and nothing else, as many as a number of 64 bits surely holds.
fn content_length(value: &[u8]) -> Result<u64, Refused> {
    let odd = Refused::malformed("the Content-Length is no number");
    if !(1..=18).contains(&value.len()) || !value.iter().all(u8::is_ascii_digit) {
        return Err(odd);
    }
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or(odd)
}
