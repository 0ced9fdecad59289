//! Some detectors with their transforms, and where in a text they find something.

use std::fmt;
use std::ops::Range;

use bytes::BytesMut;

use super::candidate::{Candidate, Judge, Resume, is_word};
use super::credential::is_random;
use super::gate::Gate;
use super::rewriter::Rewriter;
use super::shape::{AtWord, Finder, Shape};
use super::{Detector, DetectorSet, Hints, KnownValues};
use crate::{Transform, part};

/// The detectors of a session's masks. Sessions share it; scanning takes no lock that another scan holds.
pub struct Detectors {
    rules: Vec<Rule>,
    /// The rules that look where words begin, which one pass does for all of them.
    words: Vec<WordRule>,
    gate: Gate,
}

struct Rule {
    detector: Detector,
    transform: Transform,
    /// What finds its candidates; `None` for those in `words`.
    finder: Option<Finder>,
    judge: Judge,
}

#[derive(Clone, Copy)]
struct WordRule {
    detector: Detector,
    at: AtWord,
    judge: Judge,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub detector: Detector,
    /// Where, in bytes.
    pub span: Range<usize>,
}

/// A detector's shape could not be compiled, which its tests rule out.
#[derive(Debug)]
pub struct ShapeError(&'static str);

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the shape of {} does not compile", self.0)
    }
}

impl std::error::Error for ShapeError {}

impl Detectors {
    /// Compiles the detectors, some milliseconds of work. Where one is given twice, the first counts.
    ///
    /// # Errors
    /// [`ShapeError`] if a shape does not compile.
    pub fn new(wanted: impl IntoIterator<Item = (Detector, Transform)>) -> Result<Detectors, ShapeError> {
        let mut rules: Vec<Rule> = Vec::new();
        for (detector, transform) in wanted {
            if rules.iter().all(|rule| rule.detector != detector) {
                rules.push(Rule::new(detector, transform)?);
            }
        }
        let detectors: Vec<Detector> = rules.iter().map(|rule| rule.detector).collect();
        let gate = Gate::new(&detectors).map_err(|_| ShapeError("the literals"))?;
        let word = |detector: &Detector| match detector.shape() {
            Shape::Words(at) => Some(WordRule { detector: *detector, at, judge: detector.judge() }),
            Shape::Patterns(_) | Shape::Around(..) => None,
        };
        Ok(Detectors { words: detectors.iter().filter_map(word).collect(), rules, gate })
    }

    /// Everything found in a text: in order, without overlaps, the most severe detector naming what
    /// overlapped.
    #[must_use]
    pub fn find(&self, text: &[u8], hints: Hints) -> Vec<Found> {
        if self.is_empty() {
            return Vec::new();
        }
        let admitted = self.gate.admitted(text);
        // A telling name makes one of them look without being admitted.
        if admitted == DetectorSet::default() && !hints.expect(Detector::Secret) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for rule in &self.rules {
            let expected = hints.expect(rule.detector);
            if rule.detector == Detector::Secret && expected && is_random(text.trim_ascii()) {
                found.push(Found { detector: Detector::Secret, span: 0..text.len() });
            } else if let Some(finder) = rule.finder.as_ref().filter(|_| admitted.contains(rule.detector)) {
                rule.find(finder, text, expected, &mut found);
            }
        }
        if self.words.iter().any(|rule| admitted.contains(rule.detector)) {
            self.find_at_words(text, admitted, hints, &mut found);
        }
        merge(&mut found);
        found
    }

    /// The same with known values among what is looked for.
    pub(crate) fn find_all(&self, known: &KnownValues, text: &[u8], hints: Hints) -> Vec<Found> {
        let mut found = self.find(text, hints);
        known.find(text, &mut found);
        merge(&mut found);
        found
    }

    /// Whether any detector is among them.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// One pass over the words for all that begins where they do.
    fn find_at_words(&self, text: &[u8], admitted: DetectorSet, hints: Hints, found: &mut Vec<Found>) {
        let mut resume = [0; Detector::ALL.len()];
        let mut before = Class::Other;
        for (offset, byte) in text.iter().enumerate() {
            let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(Class::Other);
            let starts = before == Class::Other;
            before = class;
            if !starts || class != Class::Begins {
                continue;
            }
            let word = text.get(offset..).unwrap_or_default();
            for (rule, from) in self.words.iter().zip(&mut resume) {
                if offset < *from || !admitted.contains(rule.detector) {
                    continue;
                }
                let Some((length, shape)) = (rule.at)(word) else { continue };
                let span = offset..offset + length;
                let candidate = Candidate { text, span, shape, expected: hints.expect(rule.detector) };
                *from = judged(rule.judge, rule.detector, &candidate, found);
            }
        }
    }

    /// Whether any of them finds words of a line, and not only what has armour round it.
    pub(super) fn look_at_words(&self) -> bool {
        self.rules.iter().any(|rule| rule.detector != Detector::PrivateKey)
    }

    /// Whether one of the finds makes the value NULL that it is in.
    pub(super) fn makes_null(&self, found: &[Found]) -> bool {
        found.iter().any(|it| matches!(self.transform(it.detector), Transform::Null))
    }

    /// Appends the text, its finds replaced.
    pub(crate) fn put(&self, text: &[u8], found: Vec<Found>, out: &mut BytesMut) {
        let mut rewriter = Rewriter::new(text, out);
        for it in found {
            let transform = self.transform(it.detector);
            rewriter.replace(it.span, |value, out| part::mask(transform, it.detector.name(), value, out));
        }
        if rewriter.finish() == 0 {
            out.extend_from_slice(text);
        }
    }

    pub(super) fn transform(&self, detector: Detector) -> &Transform {
        let rule = self.rules.iter().find(|rule| rule.detector == detector);
        rule.map_or(&Transform::Redact, |rule| &rule.transform)
    }
}

impl fmt::Debug for Detectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rules.iter().map(|rule| (rule.detector.name(), &rule.transform));
        f.debug_map().entries(rules).finish()
    }
}

impl Rule {
    fn new(detector: Detector, transform: Transform) -> Result<Rule, ShapeError> {
        let finder = Finder::new(detector.shape()).map_err(|_| ShapeError(detector.name()))?;
        Ok(Rule { detector, transform, finder, judge: detector.judge() })
    }

    fn find(&self, finder: &Finder, text: &[u8], expected: bool, found: &mut Vec<Found>) {
        let mut from = 0;
        while let Some((span, shape)) = finder.next(text, from) {
            let candidate = Candidate { text, span, shape, expected };
            from = judged(self.judge, self.detector, &candidate, found);
            if from > text.len() {
                return;
            }
        }
    }
}

/// What a byte is to the detectors that look where words begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// It separates words.
    Other,
    /// It is part of a word.
    Word,
    /// It is, and one of theirs can begin with it.
    Begins,
}

#[expect(clippy::indexing_slicing, reason = "the compiler does it, and would say so")]
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            Class::Begins
        } else if is_word(byte) {
            Class::Word
        } else {
            Class::Other
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// Notes what the judge finds in a candidate; where to look on.
fn judged(judge: Judge, detector: Detector, candidate: &Candidate<'_>, found: &mut Vec<Found>) -> usize {
    let start = candidate.span.start;
    let from = match judge(candidate) {
        Ok(span) => {
            found.push(Found { detector, span: span.clone() });
            span.end
        }
        Err(Resume(offset)) => offset,
    };
    from.max(start + 1)
}

/// Orders the finds and joins those that overlap, so that no part of any is left.
fn merge(found: &mut Vec<Found>) {
    if found.len() < 2 {
        return;
    }
    found.sort_by_key(|it| (it.span.start, it.detector));
    found.dedup_by(|next, kept| {
        let overlaps = next.span.start < kept.span.end;
        if overlaps {
            kept.span.end = kept.span.end.max(next.span.end);
            kept.detector = kept.detector.min(next.detector);
        }
        overlaps
    });
}
