//! How a detector's candidates are found: by pattern, or by code where that is several times as fast.
//!
//! Digits are everywhere in tables. Numbers are looked for only where a word begins, which a pattern without
//! look-around cannot say.

use std::ops::Range;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, Span};

use super::candidate::is_word;

/// What a detector declares.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Patterns in the syntax of regex-automata, without Unicode.
    Patterns(&'static [&'static str]),
    /// The length of the candidate at the start of a word, and which of the detector's shapes it has.
    Words(fn(&[u8]) -> Option<(usize, usize)>),
}

/// A shape that can be looked for.
pub(super) enum Finder {
    Patterns(Regex),
    Words(fn(&[u8]) -> Option<(usize, usize)>),
}

impl Finder {
    pub(super) fn new(shape: Shape) -> Result<Finder, Box<BuildError>> {
        match shape {
            Shape::Words(at) => Ok(Finder::Words(at)),
            Shape::Patterns(patterns) => Regex::builder()
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build_many(patterns)
                .map(Finder::Patterns)
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
            Finder::Words(at) => {
                let mut inside =
                    from.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|it| is_word(*it));
                for (offset, byte) in text.iter().enumerate().skip(from) {
                    let before = std::mem::replace(&mut inside, is_word(*byte));
                    let found = if inside && !before { at(text.get(offset..)?) } else { None };
                    if let Some((length, shape)) = found {
                        return Some((offset..offset + length, shape));
                    }
                }
                None
            }
        }
    }
}
