//! What an `ErrorResponse` says, for a log or a recording.

/// `message (SQLSTATE)` of an `ErrorResponse`'s body.
pub(crate) fn error_text(body: &[u8]) -> String {
    let field = |tag: u8| {
        let fields = body.split(|&byte| byte == 0);
        fields.filter_map(|field| field.split_first()).find(|(found, _)| **found == tag)
    };
    let text =
        |tag| field(tag).map_or_else(String::new, |(_, text)| String::from_utf8_lossy(text).into_owned());
    format!("{} ({})", text(b'M'), text(b'C'))
}
