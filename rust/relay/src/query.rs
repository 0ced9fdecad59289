//! A query of the gateway's own, for its catalogue: never on a session that an agent has configured.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::{
    bounds::QUERY_BYTES_MAX,
    error_text::error_text,
    upstream::{Ready, Upstream},
};

/// Rows of text; `None` is NULL.
pub(crate) type Rows = Vec<Vec<Option<String>>>;

/// Runs one simple Query over a connection of its own and returns the rows of its results.
///
/// # Errors
/// One sentence: the target cannot be used, the query failed, or it brought more than fits.
pub(crate) async fn run(upstream: &Upstream, sql: &str) -> Result<Rows, String> {
    let Ready { mut transport, mut unread, .. } =
        upstream.connect(Vec::new()).await.map_err(|error| error.to_string())?;
    let mut out = query_message(sql)?;
    transport.send(&mut out).await.map_err(|error| error.to_string())?;
    let mut answer = Answer::default();
    while !answer.take_messages(&mut unread)? {
        if transport.read(&mut unread).await.map_err(|error| error.to_string())? == 0 {
            return Err("the target closed the connection in the middle of the answer".to_owned());
        }
    }
    out.put_slice(b"X\0\0\0\x04");
    // The answer is in; whether the goodbye arrives changes nothing.
    drop(transport.send(&mut out).await);
    answer.error.map_or(Ok(answer.rows), Err)
}

fn query_message(sql: &str) -> Result<BytesMut, String> {
    if sql.as_bytes().contains(&0) {
        return Err("the query holds a NUL".to_owned());
    }
    let mut message = BytesMut::with_capacity(sql.len() + 6);
    message.put_u8(b'Q');
    message.put_u32(u32::try_from(sql.len() + 5).map_err(|_| "the query is too long")?);
    message.put_slice(sql.as_bytes());
    message.put_u8(0);
    Ok(message)
}

#[derive(Debug, Default)]
struct Answer {
    rows: Rows,
    bytes: usize,
    error: Option<String>,
}

impl Answer {
    /// Takes whole messages from the front; true at `ReadyForQuery`.
    fn take_messages(&mut self, unread: &mut BytesMut) -> Result<bool, String> {
        while let Some((tag, body)) = take_message(unread)? {
            self.bytes += body.len();
            if self.bytes > QUERY_BYTES_MAX {
                return Err("the answer went over the limit query_bytes_max".to_owned());
            }
            match tag {
                b'Z' => return Ok(true),
                b'D' => self.rows.push(row(body).ok_or("the target sent a malformed DataRow")?),
                b'E' => self.error = Some(error_text(&body)),
                // Descriptions, tags, notices and parameters tell nothing that is needed.
                b'T' | b'C' | b'I' | b'N' | b'S' | b'A' => {}
                _ => return Err(format!("the target answered a query with {:?}", char::from(tag))),
            }
        }
        Ok(false)
    }
}

fn take_message(unread: &mut BytesMut) -> Result<Option<(u8, Bytes)>, String> {
    let Some((&[tag, a, b, c, d], _)) = unread.split_first_chunk::<5>() else { return Ok(None) };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    if !(4..=QUERY_BYTES_MAX).contains(&length) {
        return Err("the target sent a message of impossible length".to_owned());
    }
    if unread.len() <= length {
        return Ok(None);
    }
    unread.advance(5);
    Ok(Some((tag, unread.split_to(length - 4).freeze())))
}

fn row(mut body: Bytes) -> Option<Vec<Option<String>>> {
    let columns = body.try_get_u16().ok()?;
    let mut row = Vec::with_capacity(usize::from(columns));
    for _ in 0..columns {
        // -1 is NULL.
        let Ok(length) = usize::try_from(body.try_get_i32().ok()?) else {
            row.push(None);
            continue;
        };
        if body.len() < length {
            return None;
        }
        row.push(Some(String::from_utf8_lossy(&body.split_to(length)).into_owned()));
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_however_they_arrive() {
        let wire: &[u8] = b"D\0\0\0\x10\0\x02\0\0\0\x02ab\xff\xff\xff\xffC\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I";
        let mut answer = Answer::default();
        let mut unread = BytesMut::new();
        for (index, byte) in wire.iter().enumerate() {
            unread.put_u8(*byte);
            assert_eq!(answer.take_messages(&mut unread).unwrap(), index == wire.len() - 1);
        }
        assert_eq!(answer.rows, [[Some("ab".to_owned()), None]]);
    }

    #[test]
    fn an_error_is_told_with_its_sqlstate() {
        let mut unread = BytesMut::from(&b"E\0\0\0\x1dSERROR\0C42P01\0Mno table\0\0Z\0\0\0\x05I"[..]);
        let mut answer = Answer::default();
        assert!(answer.take_messages(&mut unread).unwrap());
        assert_eq!(answer.error.as_deref(), Some("no table (42P01)"));
    }

    #[test]
    fn nonsense_is_an_error() {
        for wire in [&b"D\0\0\0\x03"[..], b"D\0\0\0\x06\0\x01", b"D\xff\xff\xff\xff", b"G\0\0\0\x04"] {
            assert!(Answer::default().take_messages(&mut BytesMut::from(wire)).is_err());
        }
    }
}
