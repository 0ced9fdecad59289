//! What a body is written in. Policy reads the bodies of writes, so only what it can read goes up.

use super::{
    Method, Verb, headers,
    headers::Header,
    media_type::MediaType,
    protobuf,
    status::{Reason, Status},
};

/// What a create, an update or the options of a delete may be written in.
const OBJECTS: [&str; 3] = [JSON, "application/yaml", protobuf::MEDIA_TYPE];

/// What the API server takes a body for that says nothing of itself.
pub(super) const JSON: &str = "application/json";

/// What a patch may be.
const PATCHES: [&str; 4] = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
];

/// Reads the media type of the body, in lower case and without parameters; empty where there is no body to be.
///
/// The API server takes a body without a Content-Type for JSON, but not a patch.
///
/// # Errors
/// A 415 for a type that policy cannot read (CBOR), for another charset than UTF-8, and for a body that
/// is compressed; a 400 for a Content-Type that comes twice.
pub(super) fn read(method: Method, verb: Verb, headers: &[Header<'_>]) -> Result<String, Status> {
    if matches!(method, Method::Get | Method::Head) || verb.is_stream() {
        return Ok(String::new());
    }
    if !matches!(headers::single(headers, "content-encoding")?, None | Some("identity")) {
        return Err(unsupported("a body that is compressed cannot be judged; send it as it is"));
    }
    let Some(text) = headers::single(headers, "content-type")?.filter(|text| !text.is_empty()) else {
        return without_type(method);
    };
    let wrong = || unsupported("the Content-Type is none that can be read");
    let media_type = MediaType::read(text).ok_or_else(wrong)?;
    let charset = media_type.parameter("charset").unwrap_or("utf-8");
    if !charset.eq_ignore_ascii_case("utf-8") {
        return Err(unsupported("a body is read as UTF-8 only"));
    }
    let readable = if method == Method::Patch { &PATCHES[..] } else { &OBJECTS[..] };
    if verb != Verb::Proxy && !readable.contains(&media_type.essence.as_str()) {
        let readable = readable.join(", ");
        return Err(unsupported(&format!("a body of this type cannot be judged; send one of {readable}")));
    }
    Ok(media_type.essence)
}

fn without_type(method: Method) -> Result<String, Status> {
    if method == Method::Patch {
        return Err(unsupported("a patch needs a Content-Type that says what kind of patch it is"));
    }
    Ok(JSON.to_owned())
}

fn unsupported(message: &str) -> Status {
    Status::new(Reason::UnsupportedMediaType, message)
}
