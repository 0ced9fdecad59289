//! A command as the grammar has it. There is no variant for what is not understood.

/// Pipelines in the order written; empty for a blank text or a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) items: Vec<Item>,
}

/// A pipeline, and how it hangs together with the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) connector: Connector,
    pub(super) pipeline: Pipeline,
}

/// When a pipeline runs, given the one before it. All bind alike, from the left (POSIX, Shell & Utilities, 2.9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connector {
    /// It is the first of its list.
    #[default]
    First,
    /// `;` or a new line: in any case.
    Then,
    /// `&&`: if the one before succeeded.
    And,
    /// `||`: if the one before failed.
    Or,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pipeline {
    pub(super) negated: bool,
    pub(super) commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Simple(Simple),
    Subshell(Script),
    Group(Script),
}

/// Assignments, words and redirects; at least one of them is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) assignments: Vec<(String, String)>,
    pub(super) words: Vec<Word>,
    pub(super) redirects: Vec<Redirect>,
}

/// A word. No two literal parts follow each other, and none is empty: equal words are equal trees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    /// `*` outside of quotes: any run of characters of a file's name.
    Star,
    /// `?` outside of quotes: one character of a file's name.
    One,
    /// `~` at the start, alone or before a slash: the home directory.
    Home,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    pub(super) descriptor: u8,
    pub(super) to: RedirectTo,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RedirectTo {
    Read(Word),
    Write(Word),
    Append(Word),
    ReadWrite(Word),
    Duplicate(u8),
    Close,
    /// The text of a here-document or here-string: empty, or whole lines.
    Here(String),
}

impl Word {
    pub(super) fn literal(text: impl Into<String>) -> Word {
        let mut word = Word::default();
        word.push_text(&text.into());
        word
    }

    pub(super) fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Literal(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Literal(text.to_owned()));
        }
    }

    /// The word's text, if it stands for itself.
    pub(super) fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The word as people write it, with `*`, `?` and `~` as themselves.
    pub(super) fn shown(&self) -> String {
        self.parts.iter().map(Part::shown).collect()
    }

    /// Whether file names decide what the word becomes.
    pub(super) fn is_glob(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Star | Part::One))
    }
}

impl Part {
    fn shown(&self) -> &str {
        match self {
            Part::Literal(text) => text,
            Part::Star => "*",
            Part::One => "?",
            Part::Home => "~",
        }
    }
}
