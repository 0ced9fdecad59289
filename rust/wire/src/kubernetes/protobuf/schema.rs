//! What the table is made of.

use super::table::KINDS;

/// The version and name of a kind, and the message that its bodies are.
#[derive(Debug)]
pub(super) struct Kind(pub(super) &'static str, pub(super) &'static str, pub(super) &'static Message);

/// The fields of a message, in the order of their numbers.
#[derive(Debug)]
pub(super) struct Message(pub(super) &'static [Field]);

/// A field: its number in protobuf, its name in JSON, how often it comes and what it holds.
#[derive(Debug)]
pub(super) struct Field(pub(super) u32, pub(super) &'static str, pub(super) Arity, pub(super) Value);

/// How often a field comes, and what becomes of it in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arity {
    /// Once.
    One,
    /// Once; a zero is left out, as Go leaves it out.
    Sparse,
    /// As often as it likes: a list.
    Many,
    /// As often as it likes, with a name each time: an object.
    Map,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Value {
    Bool,
    Int32,
    Int64,
    Double,
    Text,
    /// Written in base64.
    Bytes,
    /// A message with a list of texts: just the list.
    Texts,
    /// A message.
    Nested(&'static Message),
    /// A message whose fields are fields of the one that it stands in. It has no name.
    Inlined(&'static Message),
    /// A message of which the last field that is there stands for all of it.
    Alternatives(&'static Message),
    /// A moment to the second.
    Time,
    /// A moment to the microsecond.
    MicroTime,
    /// An amount, which is a text.
    Quantity,
    /// A number or a text.
    IntOrString,
    /// JSON as it is.
    Json,
}

impl Kind {
    /// The kind of this name and version.
    pub(super) fn find(api_version: &str, kind: &str) -> Option<&'static Kind> {
        let found = KINDS.binary_search_by(|known| (known.0, known.1).cmp(&(api_version, kind))).ok()?;
        KINDS.get(found)
    }

    pub(super) fn message(&self) -> &'static Message {
        self.2
    }
}

impl Message {
    /// The field of this number.
    pub(super) fn field(&self, number: u32) -> Option<&'static Field> {
        let found = self.0.binary_search_by_key(&number, |field| field.0).ok()?;
        self.0.get(found)
    }
}
