//! Bodies in protobuf, which kubectl's imperative commands and typed clients send, read as the JSON that they stand for.
//!
//! ```text
//!  k8s\0 + Unknown { apiVersion, kind, object } ─► table: the kind's fields ─► JSON ─► policy, approval, API server
//! ```
//!
//! Everybody reads one body, and it is JSON: what policy judges, what people approve and what the API server gets are
//! the same bytes. So what has no place in JSON must not be dropped. A kind or a field that the table does not have, and
//! a field that comes twice where one is meant, are refused.

mod decoder;
mod envelope;
mod json;
mod schema;
#[rustfmt::skip] // a line for each field
mod table;
mod time;
mod unreadable;
mod values;
mod wire;

use std::fmt::{self, Display};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use self::{decoder::Decoder, envelope::Envelope, schema::Kind, unreadable::Unreadable};
use super::status::Status;

/// The media type of such a body.
pub(super) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// A body as it came, in the words of a record of what was made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translated {
    bytes: usize,
    sha256: [u8; 32],
}

impl Translated {
    pub(super) fn of(body: &[u8]) -> Translated {
        Translated { bytes: body.len(), sha256: Sha256::digest(body).into() }
    }
}

impl Display for Translated {
    /// As the parameters of a media type: how long it was, and its hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MEDIA_TYPE}; bytes={}; sha256=", self.bytes)?;
        self.sha256.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads a body and writes it as JSON of at most `json_bytes_max` bytes.
///
/// # Errors
/// A 400 for what is no such body, a 413 where its JSON would be too long, and a 415 for what may well be right, but is
/// of a kind or has a field that is not known here.
pub(super) fn to_json(body: &[u8], json_bytes_max: usize) -> Result<Bytes, Status> {
    read(body, json_bytes_max).map_err(|unreadable| unreadable.status())
}

fn read(body: &[u8], json_bytes_max: usize) -> Result<Bytes, Unreadable> {
    let Envelope { api_version, kind, object } = Envelope::read(body)?;
    let known = Kind::find(api_version, kind).ok_or_else(|| Unreadable::kind(api_version, kind))?;
    let mut decoder = Decoder::new(json_bytes_max);
    decoder.document(api_version, kind, known.message(), object)?;
    Ok(decoder.into_json())
}
