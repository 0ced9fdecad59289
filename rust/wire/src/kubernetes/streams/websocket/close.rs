//! Why a peer closes (RFC 6455, section 7.4).

use crate::{Error, Side};

/// The status code of a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct CloseCode(u16);

impl CloseCode {
    /// All is done.
    pub(in super::super) const NORMAL: CloseCode = CloseCode(1000);

    /// Reads the body of a Close frame: nothing, or a code and a text. The text is dropped: nobody masks it.
    ///
    /// # Errors
    /// Half a code, a code that may not be sent, a text that is no UTF-8.
    pub(super) fn read(side: Side, body: &[u8]) -> Result<Option<CloseCode>, Error> {
        if body.is_empty() {
            return Ok(None);
        }
        let malformed = |what| Error::Malformed { side, what };
        let (code, text) = body.split_first_chunk().ok_or(malformed("half a WebSocket close code"))?;
        let code = u16::from_be_bytes(*code);
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            return Err(malformed("a WebSocket close code that may not be sent"));
        }
        if std::str::from_utf8(text).is_err() {
            return Err(malformed("a WebSocket close reason that is no UTF-8"));
        }
        Ok(Some(CloseCode(code)))
    }

    /// As it is sent.
    pub(super) fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_and_its_text_dropped() {
        let read = |body| CloseCode::read(Side::Upstream, body);
        assert_eq!(read(b""), Ok(None));
        assert_eq!(read(b"\x03\xe8"), Ok(Some(CloseCode::NORMAL)));
        assert_eq!(read(b"\x0f\xa0secret").unwrap().unwrap().to_bytes(), [0x0f, 0xa0]);
    }

    #[test]
    fn what_may_not_be_sent_is_refused() {
        for body in
            [&b"\x03"[..], b"\0\0", b"\x03\xed", b"\x03\xee", b"\x03\xf7", b"\xff\xff", b"\x03\xe8\xff"]
        {
            assert!(CloseCode::read(Side::Downstream, body).is_err(), "{body:?}");
        }
    }
}
