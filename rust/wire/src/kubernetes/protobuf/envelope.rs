//! What a body is wrapped in: four bytes, and a `runtime.Unknown` (apimachinery, pkg/runtime/generated.proto).

use super::{
    MEDIA_TYPE,
    unreadable::Unreadable,
    wire::{bytes, numbered, text},
};

const MAGIC: &[u8] = b"k8s\0";

/// A body, unwrapped.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) api_version: &'a str,
    pub(super) kind: &'a str,
    /// The message of that kind.
    pub(super) object: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Unwraps a body. One that holds something else than protobuf, or something compressed, is not looked into.
    pub(super) fn read(body: &'a [u8]) -> Result<Envelope<'a>, Unreadable> {
        let unknown =
            body.strip_prefix(MAGIC).ok_or(Unreadable::malformed("it does not begin with k8s\\0"))?;
        let [type_meta, object, content_encoding, content_type] = numbered::<4>(unknown)?;
        if !text(content_encoding)?.is_empty() {
            return Err(Unreadable::unknown("what the envelope holds is encoded once more".to_owned()));
        }
        if !["", MEDIA_TYPE].contains(&text(content_type)?) {
            return Err(Unreadable::unknown("what the envelope holds is of another type".to_owned()));
        }
        let [api_version, kind] = numbered::<2>(bytes(type_meta)?)?;
        if object.is_none() {
            return Err(Unreadable::malformed("the envelope is empty"));
        }
        Ok(Envelope { api_version: text(api_version)?, kind: text(kind)?, object: bytes(object)? })
    }
}
