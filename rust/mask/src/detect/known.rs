//! Secrets whose values are known, in the forms in which programs write them.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::grams::Grams;
use super::{Detector, Found};

/// A shorter value would be found everywhere.
pub(crate) const VALUE_BYTES_MIN: usize = 6;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Values that must not show: as they are, in hexadecimal, in base64 wherever in a longer text it begins,
/// percent-encoded. Of a value of several lines each line is one.
#[derive(Default)]
pub struct KnownValues {
    /// In order.
    forms: Vec<Vec<u8>>,
    /// Bytes of the longest.
    longest: usize,
    grams: Grams,
    automaton: Option<AhoCorasick>,
}

impl KnownValues {
    /// Compiles the values. Those shorter than six bytes are left out.
    ///
    /// # Errors
    /// When they are too many or too long for one automaton.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<KnownValues, BuildError> {
        let mut forms: Vec<Vec<u8>> = values.into_iter().flat_map(forms_of).collect();
        forms.retain(|form| form.len() >= VALUE_BYTES_MIN);
        forms.sort_unstable();
        forms.dedup();
        if forms.is_empty() {
            return Ok(KnownValues::default());
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms)?;
        let grams = Grams::new(forms.iter().map(Vec::as_slice));
        let longest = forms.iter().map(Vec::len).max().unwrap_or(0);
        Ok(KnownValues { forms, longest, grams, automaton: Some(automaton) })
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Appends where they are.
    pub(super) fn find(&self, text: &[u8], found: &mut Vec<Found>) {
        if self.is_empty() || !self.grams.may_be_in(text) {
            return;
        }
        let matches = self.automaton.iter().flat_map(|automaton| automaton.find_iter(text));
        found.extend(matches.map(|it| Found { detector: Detector::Known, span: it.range() }));
    }

    /// Where one begins that could go on behind the text; the length of the text, if none does.
    pub(super) fn live(&self, text: &[u8]) -> usize {
        let near = text.len().saturating_sub(self.longest);
        (near..text.len())
            .find(|start| self.goes_on(text.get(*start..).unwrap_or_default()))
            .unwrap_or(text.len())
    }

    /// Whether one begins with `front` and is longer.
    fn goes_on(&self, front: &[u8]) -> bool {
        // In order, what `front` begins stands right behind it.
        let next = self.forms.partition_point(|form| form.as_slice() <= front);
        self.forms.get(next).is_some_and(|form| form.starts_with(front))
    }
}

impl std::fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownValues").finish_non_exhaustive()
    }
}

fn forms_of(value: &[u8]) -> Vec<Vec<u8>> {
    let lines = value.split(|byte| matches!(byte, b'\r' | b'\n')).map(<[u8]>::to_vec);
    let hex = value.iter().flat_map(|byte| [digit(HEX, byte >> 4), digit(HEX, byte & 15)]);
    let hex: Vec<u8> = hex.collect();
    let base64 = (0..3).map(|behind| base64(value, behind));
    let web = base64.clone().map(|form| form.iter().map(|byte| url_safe(*byte)).collect());
    lines
        .chain([hex.to_ascii_uppercase(), hex, percent_encoded(value)])
        .chain(base64)
        .chain(web)
        // What is too short as it is would be no rarer in another form.
        .filter(|_| value.len() >= VALUE_BYTES_MIN)
        .collect()
}

fn digit(alphabet: &[u8], value: u8) -> u8 {
    alphabet.get(usize::from(value)).copied().unwrap_or(b'0')
}

/// The digits in which nothing but the value shows, where so many bytes of something else are before it.
fn base64(value: &[u8], behind: usize) -> Vec<u8> {
    let bytes = std::iter::repeat_n(0, behind).chain(value.iter().copied());
    let bits: Vec<bool> = bytes.flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let six = bits.chunks_exact(6).map(|six| six.iter().fold(0, |value, bit| value << 1 | u8::from(*bit)));
    six.skip((behind * 8).div_ceil(6)).map(|value| digit(BASE64, value)).collect()
}

fn url_safe(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

/// RFC 3986: everything but unreserved characters.
fn percent_encoded(value: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(value.len());
    for byte in value {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(*byte);
        } else {
            let digits = [digit(HEX, byte >> 4), digit(HEX, byte & 15)];
            encoded.extend([b'%', digits[0].to_ascii_uppercase(), digits[1].to_ascii_uppercase()]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_ends_in_is_live_while_a_value_begins_with_it() {
        let values = KnownValues::new([&b"hunter2"[..], b"hunter2-and-more", b"hunt-for-it"]).unwrap();
        for (settled, live) in [
            ("", ""),
            ("a password: ", "hunter2-an"),
            ("a password: ", "hunt"),
            ("hunter2-and-more", ""),
            ("hunted", ""),
            ("two: hunter2 ", "h"),
            // The longest that could go on, not the last.
            ("a ", "hunter2-"),
            // Whole, and the front of another.
            ("a ", "hunter2"),
        ] {
            assert_eq!(values.live(format!("{settled}{live}").as_bytes()), settled.len(), "{settled}{live}");
        }
    }
}
