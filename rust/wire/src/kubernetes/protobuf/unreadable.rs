//! Why a body in protobuf is not read.

use super::{
    super::status::{Reason, Status},
    table::KUBERNETES,
};

/// Bytes of a text of the body's own that a message quotes.
const QUOTED_CHARACTERS_MAX: usize = 80;

/// Why a body is refused, and where in it that is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    why: Why,
    /// The names of the fields that lead there, the innermost first.
    path: Vec<&'static str>,
}

#[derive(Debug, PartialEq, Eq)]
enum Why {
    /// No encoder writes this.
    Malformed(&'static str),
    /// It may be right, but it is not known what it means.
    Unknown(String),
    /// There is more of it than may be.
    TooMuch(String),
}

impl Unreadable {
    /// No encoder writes this.
    pub(super) fn malformed(why: &'static str) -> Unreadable {
        Unreadable { why: Why::Malformed(why), path: Vec::new() }
    }

    /// A field that its message has not.
    pub(super) fn field(number: u32) -> Unreadable {
        Unreadable::unknown(format!("field {number} is not known"))
    }

    /// A kind that has no message.
    pub(super) fn kind(api_version: &str, kind: &str) -> Unreadable {
        let quoted = |text: &str| {
            text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARACTERS_MAX).collect::<String>()
        };
        Unreadable::unknown(format!("the kind {} of {} is not known", quoted(kind), quoted(api_version)))
    }

    /// What may be right, but is not known here.
    pub(super) fn unknown(what: String) -> Unreadable {
        Unreadable { why: Why::Unknown(what), path: Vec::new() }
    }

    /// More than may be.
    pub(super) fn too_much(of_what: String) -> Unreadable {
        Unreadable { why: Why::TooMuch(of_what), path: Vec::new() }
    }

    /// The same, seen from the message that has it in the field of this name.
    pub(super) fn inside(mut self, name: &'static str) -> Unreadable {
        if !name.is_empty() {
            self.path.push(name);
        }
        self
    }

    /// What the client is told.
    pub(super) fn status(&self) -> Status {
        let mut path = self.path.iter().rev().copied().collect::<Vec<_>>().join(".");
        if !path.is_empty() {
            path.insert_str(0, " at ");
        }
        match &self.why {
            Why::Malformed(why) => {
                Status::bad_request(&format!("the body is no protobuf of Kubernetes{path}: {why}"))
            }
            Why::Unknown(what) => {
                let message = format!(
                    "a body in protobuf is read with the fields of Kubernetes {KUBERNETES}, and{path} {what}; \
                     send application/json"
                );
                Status::new(Reason::UnsupportedMediaType, &message)
            }
            Why::TooMuch(of_what) => {
                Status::new(Reason::RequestEntityTooLarge, &format!("the body{path} {of_what}"))
            }
        }
    }
}
