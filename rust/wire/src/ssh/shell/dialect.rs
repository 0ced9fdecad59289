//! The words that mean something to a shell in the place of a command.

use super::{fault::Fault, word::Written};

/// Reserved words of POSIX and bash that open what is not understood, or belong inside of it.
pub(super) const RESERVED: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in",
    "select", "function", "coproc", "[[", "]]", "{", "}", "!",
];

/// Reads a word before the command as `NAME=value`.
///
/// # Errors
/// Where it assigns in a way that only some shells know.
pub(super) fn assignment(written: &Written) -> Result<Option<(String, String)>, Fault> {
    let Some((name, _)) = written.plain.split_once('=') else { return Ok(None) };
    if name.ends_with('+') || name.contains('[') {
        return Err(Fault::opaque("an assignment that adds, or to part of an array"));
    }
    if !is_name(name) {
        return Ok(None);
    }
    let shown = written.word.shown(); // no file names are looked up in the value of an assignment
    let value = shown.get(name.len() + 1..).unwrap_or_default();
    Ok(Some((name.to_owned(), value.to_owned())))
}

/// Whether a text is a name (POSIX, Base Definitions, 3.216).
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Bash makes a connection out of some paths that are on no disk.
///
/// # Errors
/// For such a path.
pub(super) fn refuse_network_path(path: &str) -> Result<(), Fault> {
    let plain = path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>();
    if matches!(plain.as_slice(), ["dev", "tcp" | "udp", ..]) {
        return Err(Fault::opaque("a redirect to a network connection"));
    }
    Ok(())
}
