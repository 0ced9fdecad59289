//! Paths, decoded once and refused where two readers could differ.
//!
//! The API server splits its path after decoding it, so to it `secrets%2fs1` is `secrets/s1` and
//! `%73ecrets` is `secrets`. Here every segment is decoded by itself; what is left must be a plain name,
//! and what goes upstream is written anew from those names.

use super::{percent, status::Status};

/// Before the name of a target.
const PREFIX: &str = "/clusters/";

/// Bytes in the name of a target.
const TARGET_BYTES_MAX: usize = 253;

/// Kept in a canonical segment besides the unreserved characters: `system:node` reads better as it is.
const KEPT: &str = ":";

/// A path below `/clusters/<target>`, as decoded segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiPath {
    /// The target that was named.
    pub(super) target: String,
    /// The decoded segments; none for the root.
    pub(super) segments: Vec<String>,
    /// Whether a slash came behind the last segment. It matters only to what is behind a proxy.
    pub(super) trailing_slash: bool,
}

impl ApiPath {
    /// Reads the path of a request, without its query.
    ///
    /// # Errors
    /// A 404 where the path names no target, a 400 where a segment is none that a name could be: empty, `.`,
    /// `..`, or with an encoded slash, backslash, percent sign, control character or anything not ASCII.
    pub(super) fn read(path: &str) -> Result<ApiPath, Status> {
        let (target, rest) = split_target(path)?;
        let (rest, trailing_slash) = match rest.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let segments = match rest.strip_prefix('/') {
            Some(segments) => segments.split('/').map(segment).collect::<Result<_, _>>()?,
            None if rest.is_empty() => Vec::new(),
            None => return Err(refused("does not begin with a slash")),
        };
        Ok(ApiPath { target: target.to_owned(), segments, trailing_slash })
    }

    /// The path as it goes upstream.
    pub(super) fn canonical(&self, with_trailing_slash: bool) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            percent::encode(&mut path, segment, KEPT);
        }
        if path.is_empty() || (with_trailing_slash && self.trailing_slash) {
            path.push('/');
        }
        path
    }
}

fn split_target(path: &str) -> Result<(&str, &str), Status> {
    let missing = || Status::not_found("the path names no target; it begins with /clusters/<target>");
    let below = path.strip_prefix(PREFIX).ok_or_else(missing)?;
    let end = below.find('/').unwrap_or(below.len());
    let (target, rest) = below.split_at_checked(end).ok_or_else(missing)?;
    let named = !target.is_empty() && target.len() <= TARGET_BYTES_MAX && !target.starts_with('.');
    if named && target.bytes().all(percent::is_unreserved) { Ok((target, rest)) } else { Err(missing()) }
}

fn segment(raw: &str) -> Result<String, Status> {
    if !raw.bytes().all(is_path_character) {
        return Err(refused("has a character that must be percent-encoded"));
    }
    let decoded = percent::decode(raw).ok_or_else(|| refused("has a broken percent-encoding"))?;
    if decoded.is_empty() {
        return Err(refused("has an empty segment"));
    }
    if !decoded.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(refused("has a control character or one that is not ASCII"));
    }
    if decoded.iter().any(|byte| matches!(byte, b'/' | b'\\' | b'%')) {
        return Err(refused("has an encoded slash, backslash or percent sign"));
    }
    let decoded = String::from_utf8(decoded).map_err(|_| refused("is not UTF-8"))?;
    if matches!(decoded.as_str(), "." | "..") {
        return Err(refused("has a segment . or .."));
    }
    Ok(decoded)
}

/// `pchar` of RFC 3986, section 3.3.
fn is_path_character(byte: u8) -> bool {
    percent::is_unreserved(byte) || b"%!$&'()*+,;=:@".contains(&byte)
}

fn refused(what: &str) -> Status {
    Status::bad_request(&format!("the path {what}; Narrows sends on plain paths only"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(path: &str) -> Option<String> {
        ApiPath::read(path).ok().map(|path| path.canonical(false))
    }

    #[test]
    fn a_path_is_decoded_once_and_written_anew() {
        let table = [
            ("/clusters/prod", "/"),
            ("/clusters/prod/", "/"),
            ("/clusters/prod/version/", "/version"),
            ("/clusters/prod/api/v1/namespaces/a/%73ecrets/s1", "/api/v1/namespaces/a/secrets/s1"),
            ("/clusters/prod/api/v1/secrets/", "/api/v1/secrets"),
            (
                "/clusters/prod/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
            ),
            ("/clusters/prod/api/v1/nodes/a%20b%3Fc", "/api/v1/nodes/a%20b%3Fc"),
        ];
        for (path, expected) in table {
            assert_eq!(canonical(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_segment_that_two_readers_could_read_differently_is_refused() {
        let odd = [
            "//api",
            "/api//v1",
            "/api/./v1",
            "/api/../v1",
            "/api/%2e%2E/v1",
            "/api/%2e",
            "/api/v1/secrets%2fs1",
            "/api/v1/secrets%2Fs1",
            "/api/v1/secrets%5Cs1",
            "/api/v1/secrets%00",
            "/api/v1/secrets%0a",
            "/api/%7f",
            "/api/%c3%a9",
            "/api/é",
            "/api/a b",
            "/api/a\\b",
            "/api/%2573ecrets",
            "/api/%zz",
            "/api/%4",
            "/api//",
            "//",
            "/api/a#b",
            "/api/a\"b",
            "/api/a?b",
            "/api/a\tb",
        ];
        for path in odd {
            let refused = ApiPath::read(&format!("/clusters/prod{path}")).unwrap_err();
            assert_eq!(refused.code(), 400, "{path}");
        }
    }

    #[test]
    fn a_path_without_a_target_is_not_found() {
        let long = format!("/clusters/{}/api", "a".repeat(TARGET_BYTES_MAX + 1));
        for path in [
            "",
            "/",
            "/api",
            "/clusters",
            "/clusters/",
            "/clusters//api",
            "/clusters/../api",
            "/clusters/a%2fb/api",
            "/Clusters/a",
            "/clusters/a;b/api",
            &long,
        ] {
            assert_eq!(ApiPath::read(path).unwrap_err().code(), 404, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_path_reads_as_itself(path in "/clusters/prod(/[ -~]{0,8}){0,5}/?") {
            if let Ok(read) = ApiPath::read(&path) {
                let again = ApiPath::read(&format!("/clusters/prod{}", read.canonical(true))).unwrap();
                prop_assert_eq!(&again.segments, &read.segments);
                prop_assert_eq!(again.canonical(true), read.canonical(true));
            }
        }
    }
}
