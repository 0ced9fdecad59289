//! A match of a detector's shape, with what stands around it, and the judgement on it.

use std::ops::Range;

use memchr::memmem;

/// How far before a candidate a word counts as speaking of it, in bytes. Amazon Macie uses 30 characters.
const NEAR_BYTES: usize = 30;
/// What stands before the name of the one detector whose name is a word of its own, where `redact` masked.
const MASK_OF_SSN: &[u8] = b"[redacted:us-";
/// More stars than emphasis has: what a partial mask put there.
const STARS: &[u8] = b"***";

/// Says what in a candidate is sensitive.
pub(super) type Judge = fn(&Candidate<'_>) -> Judged;

/// The sensitive part of a candidate, or where to look on.
pub(super) type Judged = Result<Range<usize>, Resume>;

/// Nothing here; the next candidate may start at this offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resume(pub(super) usize);

/// A match of a shape.
pub(super) struct Candidate<'a> {
    /// All of the text.
    pub(super) text: &'a [u8],
    /// The match.
    pub(super) span: Range<usize>,
    /// Which of the detector's shapes.
    pub(super) shape: usize,
    /// The column's or the key's name says that this detector's data is to be expected.
    pub(super) expected: bool,
}

impl<'a> Candidate<'a> {
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.part(self.span.clone())
    }

    pub(super) fn part(&self, span: Range<usize>) -> &'a [u8] {
        self.text.get(span).unwrap_or_default()
    }

    /// The byte before an offset.
    pub(super) fn before(&self, start: usize) -> Option<u8> {
        self.text.get(start.checked_sub(1)?).copied()
    }

    /// The byte at an offset.
    pub(super) fn at(&self, offset: usize) -> Option<u8> {
        self.text.get(offset).copied()
    }

    /// Whether a span stands by itself: it is no part of a longer word, and not what a mask left to show.
    pub(super) fn is_whole(&self, span: &Range<usize>) -> bool {
        let starred = self.text.get(..span.start).is_some_and(|before| before.ends_with(STARS))
            || self.text.get(span.end..).is_some_and(|after| after.starts_with(STARS));
        !starred && !self.before(span.start).is_some_and(is_word) && !self.at(span.end).is_some_and(is_word)
    }

    /// Whether one of the words, in lower case, stands shortly before the candidate. The name of a detector in
    /// what another find was masked by is no such word.
    pub(super) fn follows(&self, words: &[&str]) -> bool {
        let start = self.span.start.saturating_sub(NEAR_BYTES);
        let near = self.part(start..self.span.start).to_ascii_lowercase();
        words.iter().any(|word| {
            memmem::find_iter(&near, word.as_bytes())
                .any(|at| !self.part(0..start + at).ends_with(MASK_OF_SSN))
        })
    }

    /// Nothing here, nor anywhere in the match.
    pub(super) fn skip(&self) -> Judged {
        Err(Resume(self.span.end))
    }

    /// The whole match, if it stands by itself.
    pub(super) fn whole(&self) -> Judged {
        if self.is_whole(&self.span) { Ok(self.span.clone()) } else { self.skip() }
    }
}

/// Whether a byte continues a word.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
