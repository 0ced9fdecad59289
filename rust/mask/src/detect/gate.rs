//! Which detectors could find anything in a text, by one look at its bytes.
//!
//! Most values hold too few digits, no at sign and none of the literals, and are done with here.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

use super::{Detector, DetectorSet};

/// What a detector needs to see before its shape is tried.
struct Need {
    /// The shortest text that it could find anything in, in bytes.
    bytes: usize,
    /// At least so many of each kind of byte.
    tally: Tally,
    /// One of these; of any text, where there are none.
    literals: &'static [&'static str],
    /// Whether literals count in any case.
    any_case: bool,
}

const NEEDED: Tally = Tally(0);

const fn counted(bytes: usize, tally: Tally) -> Need {
    Need { bytes, tally, literals: &[], any_case: false }
}

const fn spelt(bytes: usize, tally: Tally, literals: &'static [&'static str]) -> Need {
    Need { bytes, tally, literals, any_case: false }
}

const fn named(bytes: usize, literals: &'static [&'static str]) -> Need {
    Need { bytes, tally: NEEDED, literals, any_case: true }
}

const fn need(detector: Detector) -> Need {
    match detector {
        Detector::Known => counted(usize::MAX, NEEDED),
        Detector::Pan => counted(12, Tally::of(12, 0, 0, 0, 0)),
        Detector::Iban => counted(15, Tally::of(2, 0, 0, 0, 2)),
        Detector::UsSsn => counted(9, Tally::of(9, 0, 0, 0, 0)),
        Detector::Email => counted(6, Tally::of(0, 1, 0, 1, 0)),
        Detector::Phone => spelt(8, Tally::of(7, 0, 0, 0, 0), &["+"]),
        Detector::Ipv4 => counted(7, Tally::of(4, 3, 0, 0, 0)),
        Detector::Ipv6 => counted(3, Tally::of(0, 0, 2, 0, 0)),
        Detector::PrivateKey => spelt(27, NEEDED, &["PRIVATE KEY"]),
        Detector::ConnectionString => named(5, &["://", "password=", "passwd=", "pwd="]),
        Detector::Jwt => spelt(16, Tally::of(0, 2, 0, 0, 1), &["eyJ"]),
        Detector::AzureKey => spelt(37, NEEDED, &["==", "7Q~", "8Q~", "sig="]),
        Detector::AwsKey => named(20, &["A3T", "AKIA", "ASIA", "ABIA", "ACCA", "secret"]),
        Detector::GithubToken => spelt(40, NEEDED, &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]),
        Detector::SlackToken => spelt(16, NEEDED, &["xox", "xapp-", "hooks.slack.com"]),
        Detector::Secret => named(
            12,
            &[
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
            ],
        ),
    }
}

/// Counts of digits, full stops, colons, at signs and capitals, in lanes of twelve bits, so that counting a byte is one addition.
#[derive(Clone, Copy)]
struct Tally(u64);

const LANE_BITS: u32 = 12;
/// What a lane counts up to, so that its upper bit stays clear; no detector needs nearly as many.
const COUNT_MAX: u64 = (1 << (LANE_BITS - 1)) - 1;
/// Texts from this length on are counted kind by kind, which compares many bytes at a time, in bytes.
const LONG_BYTES: usize = 512;
/// How much of a text is counted in one byte: whole registers, of fewer bytes than it counts up to.
const COUNTED_BYTES: usize = 224;
/// The upper bit of every lane: set by a comparison where the lane is at least what was asked for.
const CARRIES: u64 = Tally::of(0x800, 0x800, 0x800, 0x800, 0x800).0;

impl Tally {
    const fn of(digits: u64, stops: u64, colons: u64, ats: u64, capitals: u64) -> Tally {
        Tally(
            digits
                | stops << LANE_BITS
                | colons << (2 * LANE_BITS)
                | ats << (3 * LANE_BITS)
                | capitals << (4 * LANE_BITS),
        )
    }

    const fn of_byte(byte: u8) -> Tally {
        match byte {
            b'0'..=b'9' => Tally::of(1, 0, 0, 0, 0),
            b'.' => Tally::of(0, 1, 0, 0, 0),
            b':' => Tally::of(0, 0, 1, 0, 0),
            b'@' => Tally::of(0, 0, 0, 1, 0),
            b'A'..=b'Z' => Tally::of(0, 0, 0, 0, 1),
            _ => Tally(0),
        }
    }

    fn of_text(text: &[u8]) -> Tally {
        if text.len() < LONG_BYTES {
            return Tally::of_bytes(text);
        }
        Tally::of(
            count(text, |byte| byte.is_ascii_digit()),
            count(text, |byte| byte == b'.'),
            count(text, |byte| byte == b':'),
            count(text, |byte| byte == b'@'),
            count(text, |byte| byte.is_ascii_uppercase()),
        )
    }

    /// Of a text that is shorter than a lane can count.
    fn of_bytes(text: &[u8]) -> Tally {
        Tally(text.iter().map(|byte| BYTES.get(usize::from(*byte)).copied().unwrap_or(0)).sum())
    }

    /// Whether every count is at least that of `needed`.
    fn covers(self, needed: Tally) -> bool {
        ((self.0 | CARRIES) - needed.0) & CARRIES == CARRIES
    }
}

/// How many bytes are of a kind, as far as a lane counts.
fn count(text: &[u8], is_kind: impl Fn(u8) -> bool) -> u64 {
    let few = |part: &[u8]| part.iter().map(|byte| u8::from(is_kind(*byte))).sum::<u8>();
    text.chunks(COUNTED_BYTES).map(|part| u64::from(few(part))).sum::<u64>().min(COUNT_MAX)
}

#[expect(clippy::indexing_slicing, reason = "the compiler does it, and would say so")]
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
    needs: Vec<(Detector, Need)>,
    exact: Literals,
    any_case: Literals,
}

impl Gate {
    pub(super) fn new(detectors: &[Detector]) -> Result<Gate, BuildError> {
        let needs: Vec<(Detector, Need)> =
            detectors.iter().map(|detector| (*detector, need(*detector))).collect();
        let exact = Literals::new(&needs, false)?;
        let any_case = Literals::new(&needs, true)?;
        Ok(Gate { needs, exact, any_case })
    }

    /// The detectors whose needs the text meets.
    pub(super) fn admitted(&self, text: &[u8]) -> DetectorSet {
        let tally = Tally::of_text(text);
        let mut admitted = DetectorSet::default();
        let mut spelt = DetectorSet::default();
        for (detector, need) in &self.needs {
            if text.len() < need.bytes || !tally.covers(need.tally) {
                continue;
            }
            let into = if need.literals.is_empty() { &mut admitted } else { &mut spelt };
            *into = into.with(*detector);
        }
        admitted.and(self.exact.admitted(text, spelt)).and(self.any_case.admitted(text, spelt))
    }
}

/// Literals that are looked for together.
struct Literals {
    automaton: AhoCorasick,
    /// The detector that each literal speaks for.
    detectors: Vec<Detector>,
    all: DetectorSet,
}

impl Literals {
    fn new(needs: &[(Detector, Need)], any_case: bool) -> Result<Literals, BuildError> {
        let wanted = needs.iter().filter(|(_, need)| need.any_case == any_case);
        let (detectors, literals): (Vec<Detector>, Vec<&str>) = wanted
            .flat_map(|(detector, need)| need.literals.iter().map(|literal| (*detector, *literal)))
            .unzip();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(any_case)
            .build(literals)?;
        let all = detectors.iter().copied().collect();
        Ok(Literals { automaton, detectors, all })
    }

    /// Those of `wanted` whose literals occur.
    fn admitted(&self, text: &[u8], wanted: DetectorSet) -> DetectorSet {
        if !wanted.meets(self.all) || !self.automaton.is_match(text) {
            return DetectorSet::default();
        }
        self.automaton
            .find_overlapping_iter(text)
            .filter_map(|found| self.detectors.get(found.pattern().as_usize()).copied())
            .filter(|detector| wanted.contains(*detector))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_counted_as_short_ones_are() {
        let text: Vec<u8> = (0..=u8::MAX).cycle().step_by(7).take(1_000).collect();
        for length in [LONG_BYTES - 1, LONG_BYTES, LONG_BYTES + COUNTED_BYTES - 1, text.len()] {
            let text = &text[..length];
            assert_eq!(Tally::of_text(text).0, Tally::of_bytes(text).0, "{length} bytes");
        }
    }

    #[test]
    fn no_lane_overflows() {
        for byte in [b'0', b'.', b':', b'@', b'A'] {
            let tally = Tally::of_text(&vec![byte; 10_000]);
            assert!(tally.covers(Tally(Tally::of_byte(byte).0 * COUNT_MAX)));
            assert_eq!(tally.0 & CARRIES, 0);
            let other = if byte == b'@' { b'.' } else { b'@' };
            assert!(!tally.covers(Tally::of_byte(other)));
        }
    }
}
