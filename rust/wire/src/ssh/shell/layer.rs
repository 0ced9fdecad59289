//! What is known of a program from its name and words: one layer of a command.

use super::{simple::Touch, tree::Word};

/// What the words of a command are to the program that they start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Its own affair.
    Program(Program),
    /// Mostly another command, from a word on.
    Wrapper(Wrapper),
    /// Mostly a script, which a shell will read.
    Script(Script),
    /// Variables that are set for what follows, and nothing else.
    Assignments(Vec<(String, String)>),
    /// Code, or a way to code, that is not read here.
    Opaque(String),
}

/// A program that does what it is named for, and beside it what is known of its options.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Program {
    /// Files that it writes by an option.
    pub(super) touches: Vec<Touch>,
    /// Words of it that are commands of their own, each from a word to before another, in order.
    pub(super) commands: Vec<(usize, usize)>,
    /// Commands that it acts like: `find -delete` is an `rm -r`.
    pub(super) acts_like: Vec<Vec<String>>,
}

/// Another command, from the word at `at` on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wrapper {
    pub(super) at: usize,
    /// What to remember where it changes as whom or where the command runs.
    pub(super) through: Vec<String>,
    pub(super) assignments: Vec<(String, String)>,
    /// It adds words from its input.
    pub(super) adds_words: bool,
    /// What in the command's words is replaced from its input.
    pub(super) placeholder: Option<String>,
}

/// A script in the words from `at`, `count` of them; between words are spaces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) at: usize,
    pub(super) count: usize,
    pub(super) through: Vec<String>,
    /// Words added at the end would be part of it, or change who runs it.
    pub(super) takes_more: bool,
}

impl Layer {
    pub(super) fn program() -> Layer {
        Layer::Program(Program::default())
    }

    pub(super) fn opaque(reason: impl Into<String>) -> Layer {
        Layer::Opaque(reason.into())
    }
}

/// The words as texts, patterns as written.
pub(super) fn shown(words: &[Word]) -> Vec<String> {
    words.iter().map(Word::shown).collect()
}
