//! How a detector's candidates are found: by pattern, or by code where that is several times as fast.
//!
//! Digits and at signs are everywhere in tables. Numbers are looked for only where a word begins, which a pattern
//! without look-around cannot say, and addresses from their at sign.

use std::ops::Range;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, Span};

/// The length of the candidate at the start of a word, and which of the detector's shapes it has.
pub(super) type AtWord = fn(&[u8]) -> Option<(usize, usize)>;
/// The candidate around a byte of a text, which begins at an offset or later.
pub(super) type AroundByte = fn(&[u8], usize, usize) -> Option<Range<usize>>;

/// What a detector declares.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Patterns in the syntax of regex-automata, without Unicode.
    Patterns(&'static [&'static str]),
    /// What begins at a digit or a capital with which a word begins.
    Words(AtWord),
    /// What is round a byte.
    Around(u8, AroundByte),
}

/// A shape that can be looked for from any offset of a text.
pub(super) enum Finder {
    Patterns(Regex),
    Around(u8, AroundByte),
}

impl Finder {
    /// Compiles a shape; `None` for one of words, which are looked for together.
    pub(super) fn new(shape: Shape) -> Result<Option<Finder>, Box<BuildError>> {
        match shape {
            Shape::Words(_) => Ok(None),
            Shape::Around(byte, around) => Ok(Some(Finder::Around(byte, around))),
            Shape::Patterns(patterns) => Regex::builder()
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build_many(patterns)
                .map(|regex| Some(Finder::Patterns(regex)))
                .map_err(Box::new),
        }
    }

    /// The first candidate that starts at `from` or later, and which of the shapes it has.
    pub(super) fn next(&self, text: &[u8], from: usize) -> Option<(Range<usize>, usize)> {
        match self {
            Finder::Patterns(regex) => {
                let found = regex.search(&Input::new(text).span(Span { start: from, end: text.len() }))?;
                Some((found.range(), found.pattern().as_usize()))
            }
            Finder::Around(byte, around) => memchr::memchr_iter(*byte, text.get(from..)?)
                .find_map(|at| around(text, from + at, from))
                .map(|span| (span, 0)),
        }
    }
}
