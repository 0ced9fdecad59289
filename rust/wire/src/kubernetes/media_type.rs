//! Media types and their parameters (RFC 9110, section 8.3.1).

/// A media type or media range, as `Content-Type` and each member of `Accept` have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MediaType {
    /// `type/subtype` in lower case.
    pub(super) essence: String,
    /// Names in lower case, values as they are.
    pub(super) parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads one; `None` for what is none, and for a parameter that comes twice.
    pub(super) fn read(text: &str) -> Option<MediaType> {
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next()?.to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        // The at sign is no part of a token, and is in the names of the API server's schemas all the same.
        if !is_token(kind) || !is_token(&subtype.replace('@', "-")) {
            return None;
        }
        let mut media_type = MediaType { essence, parameters: Vec::new() };
        for part in parts {
            let (name, value) = part.split_once('=')?;
            let name = name.to_ascii_lowercase();
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            if !is_token(&name) || !is_token(value) || media_type.parameter(&name).is_some() {
                return None;
            }
            media_type.parameters.push((name, value.to_owned()));
        }
        Some(media_type)
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// `token` of RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_by_name() {
        let read = MediaType::read("Application/JSON; AS=Table ;v=v1;charset=\"utf-8\"").unwrap();
        assert_eq!(read.essence, "application/json");
        assert_eq!((read.parameter("as"), read.parameter("charset")), (Some("Table"), Some("utf-8")));
        assert_eq!(read.parameter("g"), None);
    }

    #[test]
    fn what_is_no_media_type_is_none() {
        for text in [
            "",
            "json",
            "/json",
            "application/",
            "a/b/c",
            "a/b;",
            "a/b;x",
            "a/b;x=1;X=2",
            "a b/c",
            "a/b;x=\"1",
        ] {
            assert_eq!(MediaType::read(text), None, "{text}");
        }
    }
}
