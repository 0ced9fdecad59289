//! Why an answer is not passed on.

use std::fmt;

/// An answer that cannot be masked for sure. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub why: Why,
    /// Where, in bytes from the start of the answer. A string is read whole, so that it may begin before.
    pub offset: u64,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is no JSON (RFC 8259).
    Malformed,
    /// A document is no object.
    NotObject,
    /// A string is not UTF-8, or has half of a surrogate pair.
    NotUnicode,
    /// A string has a control character that is not escaped, NUL for one.
    ControlCharacter,
    /// Containers are nested more than 200 deep.
    TooDeep,
    /// A string, a number or blanks are longer than is kept.
    TooLong,
    /// An object that a mask looks into has a key twice: which one counts is the client's choice.
    RepeatedKey,
    /// A second document follows where one was to come.
    SecondDocument,
    /// It ends within a document.
    Truncated,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::Malformed => "it is not JSON",
            Why::NotObject => "a document in it is not an object",
            Why::NotUnicode => "a string in it is not Unicode",
            Why::ControlCharacter => "a string in it has a control character",
            Why::TooDeep => "it is nested too deeply",
            Why::TooLong => "a value in it is too long",
            Why::RepeatedKey => "an object in it has a key twice",
            Why::SecondDocument => "more than one document is in it",
            Why::Truncated => "it ends before its end",
        };
        write!(f, "the answer cannot be masked: {why} (at byte {})", self.offset)
    }
}

impl std::error::Error for Refused {}
