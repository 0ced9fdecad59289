//! What a column's or a JSON key's name says about the value under it.
//!
//! A name can only add: in a column called `ssn`, nine digits are a social security number. It never clears
//! anything, because whoever writes the statement chooses the names of its columns.

use memchr::memmem;

use super::{Detector, DetectorSet};

/// Which detectors a name makes more ready to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints(DetectorSet);

const NAME_BYTES_MAX: usize = 128;

const CARD: &[&str] = &["card", "ccnum", "cc_num", "cc_no", "maestro"];
const SSN: &[&str] = &["ssn", "social_sec", "socialsec", "social-sec", "tax_id", "taxid"];
const SECRET: &[&str] = &[
    "passw",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "access-key",
    "private_key",
    "privatekey",
    "private-key",
    "credential",
    "authorization",
];

impl Hints {
    /// Reads a name, in whatever case.
    #[must_use]
    pub fn of_name(name: &[u8]) -> Hints {
        let name = name.get(..NAME_BYTES_MAX).unwrap_or(name).to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| memmem::find(&name, word.as_bytes()).is_some());
        let is_pan = name.split(|byte| !byte.is_ascii_alphabetic()).any(|word| word == b"pan");
        let told = [
            (Detector::Pan, is_pan || says(CARD)),
            (Detector::UsSsn, says(SSN)),
            (Detector::Secret, says(SECRET)),
        ];
        Hints(told.into_iter().filter(|(_, told)| *told).map(|(detector, _)| detector).collect())
    }

    pub(super) fn expect(self, detector: Detector) -> bool {
        self.0.contains(detector)
    }
}
