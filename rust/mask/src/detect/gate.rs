//! Which detectors could find anything in a text, by one look at its bytes.
//!
//! Most values hold too few digits, no at sign and none of the literals, and are done with here.

use aho_corasick::{AhoCorasick, BuildError};

use super::{Detector, DetectorSet};

/// What a detector needs to see before its shape is tried.
#[derive(Clone, Copy)]
enum Need {
    /// At least so many of each: digits, full stops, colons, at signs, plus signs.
    Counts(Tally),
    /// One of these, in any case.
    Literals(&'static [&'static str]),
}

const fn need(detector: Detector) -> Need {
    match detector {
        Detector::Pan => Need::Counts(Tally::of(12, 0, 0, 0, 0)),
        Detector::Iban => Need::Counts(Tally::of(2, 0, 0, 0, 0)),
        Detector::UsSsn => Need::Counts(Tally::of(9, 0, 0, 0, 0)),
        Detector::Email => Need::Counts(Tally::of(0, 1, 0, 1, 0)),
        Detector::Phone => Need::Counts(Tally::of(7, 0, 0, 0, 1)),
        Detector::Ipv4 => Need::Counts(Tally::of(4, 3, 0, 0, 0)),
        Detector::Ipv6 => Need::Counts(Tally::of(0, 0, 2, 0, 0)),
        Detector::PrivateKey => Need::Literals(&["PRIVATE KEY"]),
        Detector::ConnectionString => Need::Literals(&["://", "password=", "passwd=", "pwd="]),
        Detector::Jwt => Need::Literals(&["eyJ"]),
        Detector::AzureKey => Need::Literals(&["==", "7Q~", "8Q~", "sig="]),
        Detector::AwsKey => Need::Literals(&["A3T", "AKIA", "ASIA", "ABIA", "ACCA", "secret"]),
        Detector::GithubToken => Need::Literals(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]),
        Detector::SlackToken => Need::Literals(&["xox", "xapp-", "hooks.slack.com"]),
        Detector::Secret => Need::Literals(&[
            "passw",
            "passphrase",
            "secret",
            "token",
            "api_key",
            "api-key",
            "apikey",
            "access_key",
            "access-key",
            "accesskey",
            "private_key",
            "private-key",
            "privatekey",
            "credential",
            "authorization",
            "bearer",
        ]),
    }
}

/// Counts of five kinds of bytes, in lanes of twelve bits, so that counting a byte is one addition.
#[derive(Clone, Copy)]
struct Tally(u64);

const LANE_BITS: u32 = 12;
/// A longer text could overflow a lane; it has everything, as far as the gate cares.
const TALLIED_BYTES_MAX: usize = (1 << (LANE_BITS - 1)) - 1;
/// The upper bit of every lane: set by a comparison where the lane is at least what was asked for.
const CARRIES: u64 = Tally::of(0x800, 0x800, 0x800, 0x800, 0x800).0;

impl Tally {
    const fn of(digits: u64, stops: u64, colons: u64, ats: u64, pluses: u64) -> Tally {
        Tally(
            digits
                | stops << LANE_BITS
                | colons << (2 * LANE_BITS)
                | ats << (3 * LANE_BITS)
                | pluses << (4 * LANE_BITS),
        )
    }

    const fn of_byte(byte: u8) -> Tally {
        match byte {
            b'0'..=b'9' => Tally::of(1, 0, 0, 0, 0),
            b'.' => Tally::of(0, 1, 0, 0, 0),
            b':' => Tally::of(0, 0, 1, 0, 0),
            b'@' => Tally::of(0, 0, 0, 1, 0),
            b'+' => Tally::of(0, 0, 0, 0, 1),
            _ => Tally(0),
        }
    }

    fn of_text(text: &[u8]) -> Tally {
        if text.len() > TALLIED_BYTES_MAX {
            return Tally(CARRIES - Tally::of(1, 1, 1, 1, 1).0);
        }
        Tally(text.iter().map(|byte| BYTES.get(usize::from(*byte)).copied().unwrap_or(0)).sum())
    }

    /// Whether every count is at least that of `needed`.
    fn covers(self, needed: Tally) -> bool {
        ((self.0 | CARRIES) - needed.0) & CARRIES == CARRIES
    }
}

static BYTES: [u64; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0_u8;
    loop {
        bytes[byte as usize] = Tally::of_byte(byte).0;
        if byte == u8::MAX {
            break bytes;
        }
        byte += 1;
    }
};

/// The needs of some detectors.
pub(super) struct Gate {
    counted: Vec<(Detector, Tally)>,
    literals: Option<Literals>,
}

struct Literals {
    automaton: AhoCorasick,
    /// The detectors that each literal speaks for.
    detectors: Vec<DetectorSet>,
}

impl Gate {
    pub(super) fn new(detectors: &[Detector]) -> Result<Gate, BuildError> {
        let mut counted = Vec::new();
        let mut literals: Vec<(&'static str, DetectorSet)> = Vec::new();
        for detector in detectors.iter().copied() {
            match need(detector) {
                Need::Counts(tally) => counted.push((detector, tally)),
                Need::Literals(needed) => {
                    literals.extend(needed.iter().map(|it| (*it, DetectorSet::default().with(detector))));
                }
            }
        }
        let literals = (!literals.is_empty()).then(|| Literals::new(&literals)).transpose()?;
        Ok(Gate { counted, literals })
    }

    /// The detectors whose needs the text meets.
    pub(super) fn admitted(&self, text: &[u8]) -> DetectorSet {
        let tally = Tally::of_text(text);
        let counted: DetectorSet = self
            .counted
            .iter()
            .filter(|(_, needed)| tally.covers(*needed))
            .map(|(detector, _)| *detector)
            .collect();
        match &self.literals {
            Some(literals) => counted.and(literals.admitted(text)),
            None => counted,
        }
    }
}

impl Literals {
    fn new(literals: &[(&'static str, DetectorSet)]) -> Result<Literals, BuildError> {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(literals.iter().map(|(literal, _)| literal))?;
        Ok(Literals { automaton, detectors: literals.iter().map(|(_, detectors)| *detectors).collect() })
    }

    fn admitted(&self, text: &[u8]) -> DetectorSet {
        self.automaton
            .find_overlapping_iter(text)
            .filter_map(|found| self.detectors.get(found.pattern().as_usize()))
            .fold(DetectorSet::default(), |all, detectors| all.and(*detectors))
    }
}
