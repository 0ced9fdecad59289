//! Unguessable bytes and names from the operating system.

use std::io;

/// `N` unguessable bytes.
///
/// # Errors
/// When the operating system has none to give; nothing that needs them can go on then.
pub(crate) fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// 128 unguessable bits as lower-case hexadecimal.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn nonce() -> io::Result<String> {
    Ok(format!("{:032x}", u128::from_le_bytes(bytes()?)))
}
