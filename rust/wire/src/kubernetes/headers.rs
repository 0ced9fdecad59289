//! Headers of a request, looked up strictly.

use super::status::Status;

/// The name of a header, in any case, and its value.
pub type Header<'a> = (&'a str, &'a [u8]);

/// Every value of a header, in order.
pub(super) fn values<'a>(headers: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// The one value of a header as text; `None` where it is not there.
///
/// # Errors
/// A 400 where it comes twice, or with anything but printable ASCII.
pub(super) fn single<'a>(headers: &'a [Header<'a>], name: &'a str) -> Result<Option<&'a str>, Status> {
    let mut found = values(headers, name);
    let Some(value) = found.next() else {
        return Ok(None);
    };
    if found.next().is_some() {
        return Err(Status::bad_request(&format!("the header {name} comes twice")));
    }
    text(name, value).map(Some)
}

/// The members of a header that is a list (RFC 9110, section 5.6.1), over all its lines, in order.
///
/// # Errors
/// A 400 for anything but printable ASCII.
pub(super) fn members<'a>(headers: &'a [Header<'a>], name: &'a str) -> Result<Vec<&'a str>, Status> {
    let mut all = Vec::new();
    for value in values(headers, name) {
        all.extend(text(name, value)?.split(',').map(str::trim).filter(|member| !member.is_empty()));
    }
    Ok(all)
}

fn text<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Status> {
    let refused = || Status::bad_request(&format!("the header {name} has more than printable ASCII"));
    let text = std::str::from_utf8(value).map_err(|_| refused())?;
    let printable = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    if printable { Ok(text.trim()) } else { Err(refused()) }
}
