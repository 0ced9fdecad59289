//! How much of a text may go on before the rest of it has come: all before the first byte with which a find
//! could begin that is not complete.
//!
//! What this answers depends on the text alone and only grows with it, so that it does not matter where a
//! stream is cut. It errs towards holding back: the word that the text ends in is always kept, and of what has
//! blanks in it (numbers in groups, quoted passwords, armour) whatever could still become something.

use super::candidate::is_word;
use super::{Detectors, bank};

/// The longest that a number in groups can be, in bytes: an IBAN with a blank between any two characters.
const GROUPED_BYTES_MAX: usize = 72;
const CARD_DIGITS_MAX: usize = 19;
const PHONE_DIGITS_MAX: usize = 15;
const PHONE_SEPARATORS_MAX: usize = 2;
/// The longest first line of armour.
const ARMOUR_BYTES_MAX: usize = 80;
/// The longest quoted password that is looked for.
const QUOTED_BYTES_MAX: usize = 256;

/// The length of the front of `text` that nothing which may come can make part of a find.
pub(super) fn settled(detectors: &Detectors, text: &[u8]) -> usize {
    if !detectors.look_at_words() {
        return armour(text);
    }
    let word = last_word(text);
    [word, armour(text), quoted_password(text), grouped(text)].into_iter().min().unwrap_or(word)
}

/// Where the word begins that the text ends in.
fn last_word(text: &[u8]) -> usize {
    let behind = |last: Option<usize>| last.map_or(0, |last| last + 1);
    let word = behind(memchr::memrchr3(b' ', b'\n', b'\t', text));
    word + behind(memchr::memrchr2(b'\r', b'\x0c', text.get(word..).unwrap_or_default()))
}

/// Where a line of armour begins that has not ended.
fn armour(text: &[u8]) -> usize {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let live = |start: &usize| {
        let line = text.get(*start..).unwrap_or_default();
        match line.strip_prefix(BEGIN) {
            Some(name) => name.iter().copied().all(is_armour),
            None => BEGIN.starts_with(line),
        }
    };
    (text.len().saturating_sub(ARMOUR_BYTES_MAX)..text.len()).find(live).unwrap_or(text.len())
}

fn is_armour(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
}

/// Where a password in quotes begins that has not ended.
fn quoted_password(text: &[u8]) -> usize {
    let near = text.len().saturating_sub(QUOTED_BYTES_MAX + 2);
    let tail = text.get(near..).unwrap_or_default();
    let line = tail.iter().rposition(|byte| matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    let open = tail.iter().enumerate().skip(line).find(|(at, quote)| {
        let named = text.get(..near + at).is_some_and(ends_with_name);
        let inside = tail.get(at + 1..).unwrap_or_default();
        matches!(quote, b'\'' | b'"') && named && !inside.contains(quote)
    });
    open.map_or(text.len(), |(at, _)| near + at)
}

fn ends_with_name(text: &[u8]) -> bool {
    let Some(name) = text.strip_suffix(b"=") else { return false };
    [b"password".as_slice(), b"passwd", b"pwd"].iter().any(|known| {
        name.len()
            .checked_sub(known.len())
            .and_then(|at| name.get(at..))
            .is_some_and(|it| it.eq_ignore_ascii_case(known))
    })
}

/// Where a number begins whose groups may go on.
fn grouped(text: &[u8]) -> usize {
    let near = text.len().saturating_sub(GROUPED_BYTES_MAX);
    let begins = |start: &usize| {
        let before = start.checked_sub(1).and_then(|at| text.get(at)).copied();
        !before.is_some_and(is_word)
    };
    let live = |start: &usize| {
        let number = text.get(*start..).unwrap_or_default();
        is_live_card(number) || is_live_phone(number) || bank::is_live(number)
    };
    (near..text.len()).filter(begins).find(live).unwrap_or(text.len())
}

/// Digits with a blank or a dash between any two. A social security number is shorter and looks the same.
fn is_live_card(number: &[u8]) -> bool {
    let mut separated = true;
    let mut digits = 0;
    for byte in number {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                separated = false;
            }
            b' ' | b'-' if !separated => separated = true,
            _ => return false,
        }
    }
    digits < CARD_DIGITS_MAX
}

fn is_live_phone(number: &[u8]) -> bool {
    let Some(number) = number.strip_prefix(b"+") else { return false };
    let mut separators = 0;
    let mut digits = 0;
    for byte in number {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                separators = 0;
            }
            b' ' | b'.' | b'(' | b')' | b'/' | b'-' if separators < PHONE_SEPARATORS_MAX => separators += 1,
            _ => return false,
        }
    }
    digits < PHONE_DIGITS_MAX
}

#[cfg(test)]
mod tests {
    use super::super::Detector;
    use super::*;
    use crate::Transform;

    #[test]
    fn what_could_go_on_is_held_and_nothing_else() {
        let all = Detectors::new(Detector::ALL.map(|it| (it, Transform::Redact))).unwrap();
        for (settled_part, live) in [
            ("user@host:~$ ", ""),
            ("login: ", ""),
            ("a ", "b"),
            ("card ", "4111 1111 "),
            ("card 4111 1111 1111 1111 x ", ""),
            ("to ", "DE89 3704 0044 "),
            ("XX89 ", "3704 0044 "),
            ("call ", "+49 (30) "),
            ("key ", "-----BEGIN RSA PRIV"),
            ("rule ----- ", ""),
            ("Password=", "'two words "),
            ("Password='two words' ", ""),
        ] {
            let text = format!("{settled_part}{live}");
            assert_eq!(settled(&all, text.as_bytes()), settled_part.len(), "{text}");
        }
    }
}
